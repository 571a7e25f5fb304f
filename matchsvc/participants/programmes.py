"""Programmes and their rules, version by version; what they say when somebody is enrolled (PRO-06).

A version is never changed. A new one replaces it from a day, and the old ones stay, so that it
can be told which rules a decision was made under.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.errors import N_, Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.admission import (
    AdmissionRules,
    Facts,
    Finding,
    Verdict,
    check_rules,
    evaluate,
    unmet,
)
from matchsvc.participants.models import Programme
from matchsvc.participants.programme_models import AdmissionCheck, ProgrammeVersion
from matchsvc.swedish import contains_identity_number, sort_key

READERS = (Role.UNIT_MANAGER, Role.ADMIN, Role.AUDITOR)
CHANGERS = (Role.UNIT_MANAGER, Role.ADMIN)
_EXAMPLES = Path(__file__).parent / "data" / "programmes.yaml"
#: Where a form asks for what a rule needs to know.
FIELD_OF_RULE: Mapping[str, str] = {
    "age": "personal_id",
    "sex": "sex",
    "born_outside": "birth_country",
    "formal_level": "formal_level",
}
#: Texts of a version that have to be there.
_NEEDED: Mapping[str, str] = {
    "owner": N_("Skriv vem som ansvarar för programmet, till exempel arbetsmarknadschefen."),
    "legal_basis": N_("Skriv vilken lag eller vilket beslut reglerna vilar på."),
    "reason": N_("Skriv varför. Det sparas med ändringen, och andra ser det."),
}


_TIME_IS_OUT = N_(
    "Programmets regler gäller inte den dagen. Välj ett annat program, "
    "eller be enhetschefen lägga till en ny version."
)


@dataclass(frozen=True, slots=True)
class VersionContent:
    """What a version says.

    Attributes:
        valid_from: the first day.
        valid_until: the last day, inclusive; None = until another replaces it.
        owner: who answers for it, as a function.
        legal_basis: the law or decision that it rests on.
        reason: why this version.
        rules: who the programme is for.
    """

    valid_from: date
    valid_until: date | None
    owner: str
    legal_basis: str
    reason: str
    rules: AdmissionRules


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """A programme, its versions (latest first), who made each, and the one in force."""

    programme: Programme
    versions: list[ProgrammeVersion]
    makers: Mapping[UUID, str]
    in_force: ProgrammeVersion | None

    @property
    def number(self) -> int:
        """The number of the latest version; 0 when there is none."""
        return self.versions[0].number if self.versions else 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules in force say of a person.

    Attributes:
        programme: whose rules.
        version: the one in force on ``day``.
        day: whose age counts.
        findings: a verdict for each rule.
    """

    programme: Programme
    version: ProgrammeVersion
    day: date
    findings: list[Finding]

    def codes(self, verdict: Verdict) -> list[str]:
        """The codes of the rules with that verdict."""
        return [each.rule for each in self.findings if each.verdict is verdict]


def list_programmes(session: Session, actor: Actor, *, today: date) -> list[ProgrammeLine]:
    """The programmes of the actor's unit by name. Two queries.

    Raises:
        Refused: the actor does not read settings, or belongs to no unit.
    """
    unit_id = _unit_of(actor, *READERS)
    return _lines(session, unit_id, today=today)


def get_programme(
    session: Session, actor: Actor, programme_id: UUID, *, today: date
) -> ProgrammeLine:
    """One programme with every version.

    Raises:
        Refused: the actor does not read settings.
        NotFound: no such programme in the unit.
    """
    unit_id = _unit_of(actor, *READERS)
    found = _lines(session, unit_id, today=today, programme_id=programme_id)
    if not found:
        raise NotFound("programme")
    return found[0]


def _lines(
    session: Session, unit_id: UUID, *, today: date, programme_id: UUID | None = None
) -> list[ProgrammeLine]:
    wanted = select(Programme).where(Programme.unit_id == unit_id)
    if programme_id is not None:
        wanted = wanted.where(Programme.id == programme_id)
    programmes = list(session.scalars(wanted))
    versions: dict[UUID, list[ProgrammeVersion]] = defaultdict(list)
    makers: dict[UUID, str] = {}
    rows = session.execute(
        select(ProgrammeVersion, User.name)
        .outerjoin(User, User.id == ProgrammeVersion.made_by_id)
        .where(ProgrammeVersion.programme_id.in_([each.id for each in programmes]))
        .order_by(ProgrammeVersion.number.desc())
    )
    for version, maker in rows:
        versions[version.programme_id].append(version)
        makers[version.id] = maker or ""
    return [
        ProgrammeLine(each, versions[each.id], makers, _in_force(versions[each.id], today))
        for each in sorted(programmes, key=lambda each: sort_key(each.name))
    ]


def _in_force(latest_first: list[ProgrammeVersion], day: date) -> ProgrammeVersion | None:
    """The last version that has begun, unless its time is out."""
    begun = next((each for each in latest_first if each.valid_from <= day), None)
    if begun is None or (begun.valid_until is not None and begun.valid_until < day):
        return None
    return begun


def version_on(session: Session, programme_id: UUID, day: date) -> ProgrammeVersion | None:
    """The version in force on a day, None when there is none. One query."""
    begun = session.scalar(
        select(ProgrammeVersion)
        .where(ProgrammeVersion.programme_id == programme_id, ProgrammeVersion.valid_from <= day)
        .order_by(ProgrammeVersion.number.desc())
        .limit(1)
    )
    return _in_force([begun], day) if begun else None


def add_programme(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    content: VersionContent,
    today: date,
    now: datetime,
) -> Programme:
    """A new programme with its first version.

    Raises:
        Refused: the actor does not change settings.
        Invalid: a value is missing or not possible; every field's message at once.
        RuleViolation: the unit has a programme of that code.
    """
    unit_id = _unit_of(actor, *CHANGERS)
    wrong = _faults(content, today=today)
    if not code.strip():
        wrong["code"] = N_("Skriv en kort kod, till exempel IK.")
    if not name.strip():
        wrong["name"] = N_("Skriv vad programmet heter.")
    if wrong:
        raise Invalid(wrong)
    programme = Programme(unit_id=unit_id, code=code.strip(), name=name.strip())
    try:
        with session.begin_nested():
            session.add(programme)
    except IntegrityError as taken:
        message = N_("Koden finns redan. Välj en annan.")
        raise RuleViolation("code_taken", message, fields={"code": message}) from taken
    audit.record(session, actor, "create", "programme", programme.id)
    _write(session, actor, programme, content, number=1, today=today, now=now)
    return programme


def add_version(
    session: Session,
    actor: Actor,
    programme_id: UUID,
    content: VersionContent,
    *,
    base: int | None,
    today: date,
    now: datetime,
) -> ProgrammeVersion:
    """A version that replaces the latest from its first day; nothing older is changed.

    ``base`` is the number of the latest version when the form was shown, None = not known.

    Raises:
        Refused: the actor does not change settings.
        NotFound: no such programme in the unit.
        Invalid: a value is missing or not possible, or the first day is not after the latest's.
        Conflict: somebody else made a version since.
    """
    _unit_of(actor, *CHANGERS)
    line = get_programme(session, actor, programme_id, today=today)
    if base is not None and base != line.number:
        raise Conflict({"number": line.number})
    wrong = _faults(content, today=today)
    if line.versions and content.valid_from <= line.versions[0].valid_from:
        wrong["valid_from"] = N_("Den nya versionen måste börja efter den förra.")
    if wrong:
        raise Invalid(wrong)
    return _write(
        session, actor, line.programme, content, number=line.number + 1, today=today, now=now
    )


def _write(
    session: Session,
    actor: Actor,
    programme: Programme,
    content: VersionContent,
    *,
    number: int,
    today: date,
    now: datetime,
) -> ProgrammeVersion:
    version = ProgrammeVersion(
        programme_id=programme.id,
        number=number,
        valid_from=content.valid_from,
        valid_until=content.valid_until,
        owner=content.owner.strip(),
        legal_basis=content.legal_basis.strip(),
        rules=content.rules.as_data(),
        reason=content.reason.strip(),
        made_by_id=actor.user_id,
        made_at=now,
    )
    try:
        with session.begin_nested():
            session.add(version)
    except IntegrityError as taken:  # the other's came between our reading and writing
        raise Conflict from taken
    # Files are read by this mark; an enrolment asks the version in force on its day.
    session.refresh(programme, with_for_update=True)
    programme.needs_birth_country = _asks_country(session, programme.id, today)
    audit.record(session, actor, "create", "programme_version", version.id, reason=version.reason)
    return version


def _asks_country(session: Session, programme_id: UUID, today: date) -> bool:
    """Whether a version that is in force today or later asks for the country of birth."""
    versions = _versions(session, programme_id)
    current = _in_force(versions, today)
    live = [each for each in versions if each is current or each.valid_from > today]
    return any(each.rules.get("not_born_in") for each in live)


def _versions(session: Session, programme_id: UUID) -> list[ProgrammeVersion]:
    found = select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme_id)
    return list(session.scalars(found.order_by(ProgrammeVersion.number.desc())))


def _faults(content: VersionContent, *, today: date) -> dict[str, str]:
    wrong = {}
    for name, message in _NEEDED.items():
        if not getattr(content, name).strip():
            wrong[name] = message
        elif contains_identity_number(getattr(content, name), today=today):
            wrong[name] = N_("Skriv inga personnummer här.")
    if content.valid_until is not None and content.valid_until < content.valid_from:
        wrong["valid_until"] = N_("Sista dagen är före den första. Rätta en av dem.")
    try:
        check_rules(content.rules)
    except Invalid as error:
        wrong |= error.fields
    return wrong


@dataclass(frozen=True, slots=True)
class Asked:
    """What an enrolment form has to ask for because of programmes.

    Attributes:
        choices: id and name of programmes that take people in; not those whose time is out.
        criteria: codes that some version in force asks about.
        asks_country: whether one asks for the country of birth.
        asks_level: whether one asks for the highest school.
    """

    choices: list[tuple[UUID, str]]
    criteria: frozenset[str]
    asks_country: bool
    asks_level: bool


def what_to_ask(session: Session, unit_id: UUID | None, *, today: date) -> Asked:
    """What the enrolment form of a unit needs. Two queries."""
    lines = _lines(session, unit_id, today=today) if unit_id else []
    rules = [AdmissionRules.from_data(each.in_force.rules) for each in lines if each.in_force]
    return Asked(
        choices=[
            (each.programme.id, each.programme.name)
            for each in lines
            if each.in_force or not _has_begun(each.versions, today)
        ],
        criteria=frozenset(code.value for each in rules for code in each.criteria),
        asks_country=any(each.not_born_in for each in rules),
        asks_level=any(each.most_formal for each in rules),
    )


def judge(
    session: Session, unit_id: UUID, programme_id: UUID | None, facts: Facts, *, day: date
) -> Judgement | None:
    """What a programme's rules in force on a day say of a person; None when there are none.

    Raises:
        Invalid: the unit has no such programme, or its time is out.
    """
    if programme_id is None:
        return None
    programme = session.get(Programme, programme_id)
    if programme is None or programme.unit_id != unit_id:
        raise Invalid({"programme_id": N_("Välj ett av enhetens program.")})
    version = version_on(session, programme.id, day)
    if version is None:
        if _has_begun(_versions(session, programme.id), day):
            raise Invalid({"programme_id": _TIME_IS_OUT})
        return None  # before its first rules a programme takes everybody
    findings = evaluate(AdmissionRules.from_data(version.rules), facts, day=day)
    return Judgement(programme, version, day, findings)


def _has_begun(versions: list[ProgrammeVersion], day: date) -> bool:
    return any(each.valid_from <= day for each in versions)


def require_reason(judgement: Judgement | None, reason: str | None, *, today: date) -> None:
    """Let nobody in past a rule in silence, and keep nobody out in silence.

    Raises:
        RuleViolation: a rule is not met or not known, and no reason is given; each field says
            which rule, and the reason's field which programme and on what it rests.
        Invalid: the reason holds an identity number.
    """
    require_plain_reason(reason, today=today)
    left = unmet(judgement.findings) if judgement else []
    if judgement is None or not left or (reason and reason.strip()):
        return
    fields: dict[str, str] = {}
    values: dict[str, object] = {
        "programme": judgement.programme.name,
        "basis": judgement.version.legal_basis,
    }
    for each in left:
        fields[FIELD_OF_RULE.get(each.rule, f"answer_{each.rule}")] = each.words
        values |= each.values
    message = N_(
        "Alla regler för %(programme)s är inte uppfyllda. De vilar på: %(basis)s. "
        "Fyll i det som saknas, eller skriv varför personen ändå skrivs in."
    )
    fields["admission_reason"] = message
    raise RuleViolation("not_admitted", message, fields=fields, values=values)


def require_plain_reason(reason: str | None, *, today: date) -> None:
    """Raise Invalid when the reason to let somebody in past a rule holds an identity number."""
    if reason and contains_identity_number(reason, today=today):
        raise Invalid({"admission_reason": N_("Skriv inga personnummer här.")})


def keep_judgement(
    session: Session, actor: Actor, case_id: UUID, judgement: Judgement | None, reason: str | None
) -> None:
    """Keep with a new case what the rules said, as codes, and why somebody came in past them."""
    if judgement is None:
        return
    is_past_rules = bool(unmet(judgement.findings))
    session.add(
        AdmissionCheck(
            case_id=case_id,
            version_id=judgement.version.id,
            day=judgement.day,
            not_met=judgement.codes(Verdict.NOT_MET),
            not_known=judgement.codes(Verdict.UNKNOWN),
            reason=reason.strip() if is_past_rules and reason else None,
            decided_by_id=actor.user_id,
        )
    )
    audit.record(
        session,
        actor,
        "admit_past_rules" if is_past_rules else "admit",
        "case_file",
        case_id,
        fields=[each.rule for each in unmet(judgement.findings)],
    )


def needs_country(session: Session, programme_id: UUID | None, day: date) -> bool:
    """Whether the rules in force on a day ask for the country of birth."""
    programme = session.get(Programme, programme_id) if programme_id else None
    if programme is None:
        return False
    version = version_on(session, programme.id, day)
    if version is None and not _versions(session, programme.id):
        return programme.needs_birth_country
    return version is not None and bool(version.rules.get("not_born_in"))


@lru_cache(maxsize=1)
def examples() -> dict[str, dict[str, Any]]:
    """Examples to begin a programme from, by key: code, name, texts and rules."""
    told = yaml.safe_load(_EXAMPLES.read_text(encoding="utf-8"))
    return {each["key"]: each for each in told}


def _unit_of(actor: Actor, *roles: Role) -> UUID:
    actor.require_role(*roles)
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id
