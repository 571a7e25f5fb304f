"""Enrolling a participant: her row, her case, her number, and who is told (PRO-04, PRO-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit, User, UserRole
from matchsvc.errors import N_, Invalid, Refused, RuleViolation
from matchsvc.messages.links import forget_links
from matchsvc.messages.models import RecipientKind
from matchsvc.messages.outbox import forget_recipient
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import Subject, record_outcome
from matchsvc.participants import programmes
from matchsvc.participants.access import involve, is_visible_to
from matchsvc.participants.admission import Criterion, Facts, FormalLevel, born_on
from matchsvc.participants.models import (
    BirthRegion,
    Capacity,
    Case,
    CaseStep,
    Involvement,
    Participant,
    Programme,
    Sex,
    Step,
)
from matchsvc.participants.programmes import Judgement
from matchsvc.swedish import IdentityNumber, parse_identity_number, parse_phone, sort_key
from matchsvc.workday.rules import add_task

IDENTITY_PURPOSE = "participant.personal_id"
FIRST_NUMBER = 2001
_OLDEST = 1900


@dataclass(frozen=True, slots=True)
class Details:
    """What is known about a person when she is enrolled.

    Attributes:
        sex: as reports count it.
        birth_region: as reports count it.
        enrolled_on: the first day of the case.
        given_name: given name.
        family_name: family name.
        personal_id: identity or coordination number in any usual notation.
        birth_year: taken from the number when there is one.
        birth_country: ISO 3166 alpha-2; kept only where the programme needs it.
        phone: in any usual notation.
        email: an address.
        contact_language: ISO 639-1.
        interpreter: whether talks need an interpreter.
        protected: whether her personal data are protected; then no contact data are kept.
        case_worker_id: the responsible user; the actor when she is a case worker.
        programme_id: the programme of the case.
        external_id: the key in another system; made up when left out.
        formal_level: the highest completed school; asked for the programme's rules, not kept.
        answers: the criteria that the programme's rules ask about; not kept.
        admission_reason: why she is enrolled although a rule is not met or not known.
        judged_on: the day whose age counts, when it is not that of the enrolment: the one on
            which her referral was complete (ACC-5).
    """

    sex: Sex
    birth_region: BirthRegion
    enrolled_on: date
    given_name: str | None = None
    family_name: str | None = None
    personal_id: str | None = None
    birth_year: int | None = None
    birth_country: str | None = None
    phone: str | None = None
    email: str | None = None
    contact_language: str = "sv"
    interpreter: bool = False
    protected: bool = False
    case_worker_id: UUID | None = None
    programme_id: UUID | None = None
    external_id: str | None = None
    formal_level: FormalLevel | None = None
    answers: Mapping[Criterion, bool] = field(default_factory=dict)
    admission_reason: str | None = None
    judged_on: date | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What everybody who enrols somebody gets back, whatever became of the entry.

    Attributes:
        id: where those who may see the participant find her.
        external_id: her key in another system.
    """

    id: UUID
    external_id: str


def enrol(session: Session, actor: Actor, details: Details, *, today: date) -> Receipt:
    """Enrol a person: a new participant, or a new case for one whose last case has ended.

    When the identity number or external id belongs to somebody the actor may not know of, the
    answer is the same as for any accepted entry, nothing is changed and her workers are told
    (LAW-10).

    Raises:
        Refused: the actor neither is a case worker nor a manager.
        Invalid: a value is not possible; every field's message at once.
        RuleViolation: already enrolled, the external id is taken, or a rule of the programme is
            not met or not known and no reason is given.
    """
    actor.require_role(Role.CASE_WORKER, Role.UNIT_MANAGER)
    unit_id = _unit_of(actor)
    number = check_details(details, today=today)
    worker_id = _case_worker(session, actor, details.case_worker_id, unit_id)
    # Before anybody is looked for: what the rules say rests on what was written, nothing else.
    judgement = judge_details(session, unit_id, details, number)
    programmes.require_reason(judgement, details.admission_reason, today=today)
    if not programmes.needs_country(session, details.programme_id, details.enrolled_on):
        details = replace(details, birth_country=None)
    known = _find_known(session, unit_id, number, details.external_id)
    if known is not None and not is_known_to(session, actor, known, today=today):
        tell_workers(session, actor, known, today=today)
        made_up = uuid4()
        return Receipt(made_up, details.external_id or str(made_up))
    if known is None:
        participant = build_participant(
            details, unit_id=unit_id, number=next_number(session), identity=number
        )
        session.add(participant)
        session.flush()
    else:
        participant = _enrol_again(session, known, details, number)
    case = _open_case(session, actor, participant, details, worker_id)
    programmes.keep_judgement(session, actor, case.id, judgement, details.admission_reason)
    audit.record(session, actor, "create", "participant", participant.id, subjects=[participant.id])
    record_outcome(
        session,
        OutcomeKind.ENROLLED,
        case.id,
        subject_of(participant, case, programme=programme_code(session, case)),
        occurred_on=case.enrolled_on,
        is_new=True,
    )
    return Receipt(participant.id, participant.external_id)


def judge_details(
    session: Session, unit_id: UUID, details: Details, number: IdentityNumber | None
) -> Judgement | None:
    """What the chosen programme's rules say of what was written on the day of enrolment.

    Raises:
        Invalid: the unit has no such programme.
    """
    facts = Facts(
        born_on=born_on(number),
        birth_year=number.birth_year if number else details.birth_year,
        sex=details.sex,
        birth_region=details.birth_region,
        birth_country=details.birth_country,
        formal_level=details.formal_level,
        answers=details.answers,
    )
    return programmes.judge(
        session, unit_id, details.programme_id, facts, day=details.judged_on or details.enrolled_on
    )


def check_details(details: Details, *, today: date) -> IdentityNumber | None:
    """Check what can be checked without the database; give back the identity number as read.

    Raises:
        Invalid: every field's message at once.
    """
    wrong: dict[str, str] = {}
    number = None
    if details.personal_id:
        number = parse_identity_number(details.personal_id, today=today)
        if number is None:
            wrong["personal_id"] = N_(
                "Numret stämmer inte. Skriv tolv siffror, ÅÅÅÅMMDD-NNNN, och jämför med kortet."
            )
    year = details.birth_year
    if year is not None and not _OLDEST <= year <= today.year:
        wrong["birth_year"] = N_("Skriv födelseåret med fyra siffror, till exempel 1985.")
    elif number is not None and year is not None and year != number.birth_year:
        wrong["birth_year"] = N_("Födelseåret stämmer inte med personnumret. Rätta ett av dem.")
    if details.enrolled_on > today:
        wrong["enrolled_on"] = N_("Dagen har inte varit än. Skriv dagen då inskrivningen skedde.")
    wrong |= _contact_faults(details)
    if wrong:
        raise Invalid(wrong)
    return number


def _contact_faults(details: Details) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if details.protected and (details.phone or details.email):
        message = N_("Skriv inga kontaktuppgifter när personuppgifterna är skyddade.")
        return {name: message for name in ("phone", "email") if getattr(details, name)}
    if details.phone and parse_phone(details.phone) is None:
        wrong["phone"] = N_("Skriv telefonnumret med riktnummer, till exempel 070-174 06 15.")
    if details.email and not is_email(details.email):
        wrong["email"] = N_("Skriv en e-postadress, till exempel samira@exempel.se.")
    return wrong


def is_email(text: str) -> bool:
    """Whether the text could be an e-mail address."""
    local, at, host = text.strip().partition("@")
    return bool(local and at and "." in host) and " " not in text.strip()


def build_participant(
    details: Details, *, unit_id: UUID, number: int, identity: IdentityNumber | None
) -> Participant:
    """A new row from checked details, without any query: for one, or for a whole file.

    Args:
        details: checked by :func:`check_details`.
        unit_id: the unit.
        number: the number of the alias, from :func:`next_number` and upward.
        identity: the identity number as read.
    """
    key = uuid4()
    shown = f"{details.family_name or ''} {details.given_name or ''}".strip()
    participant = Participant(
        id=key,
        unit_id=unit_id,
        external_id=details.external_id or str(key),
        number=number,
        given_name=details.given_name,
        family_name=details.family_name,
        sort_key=sort_key(shown or f"D-{number}"),
        sex=details.sex,
        birth_year=identity.birth_year if identity else details.birth_year,
        birth_region=details.birth_region,
        birth_country=details.birth_country,
        phone=parse_phone(details.phone) if details.phone else None,
        email=details.email.strip() if details.email else None,
        contact_language=details.contact_language,
        interpreter=details.interpreter,
        protected=details.protected,
        no_messages=details.protected,
    )
    set_identity(participant, identity)
    return participant


def set_identity(
    participant: Participant, identity: IdentityNumber | None, *, is_found: bool = True
) -> None:
    """Keep the number encrypted, with the blind index that finds it again where it may be found."""
    if identity is None:
        participant.personal_id = participant.personal_id_index = None
        return
    participant.personal_id = identity.digits
    participant.personal_id_index = identity_index(identity) if is_found else None


def identity_index(identity: IdentityNumber) -> str:
    """The blind index of an identity number, as stored in ``personal_id_index``."""
    return secrecy.blind_index(identity.digits, IDENTITY_PURPOSE)


def erase_contact(session: Session, participant: Participant) -> None:
    """Set the mark of protected personal data: no way to reach her is kept (LAW-10).

    Links that lead to what is hers die with it, and stay dead should the mark be lifted.
    """
    forget_links(session, participant.id)
    forget_recipient(session, RecipientKind.PARTICIPANT, participant.id)
    participant.protected = participant.no_messages = True
    participant.text_agreed_on = None
    participant.phone = participant.email = None
    participant.lift_asked_by_id = participant.lift_asked_on = None


def next_number(session: Session) -> int:
    """The number of the next alias; enrolments wait for each other from here on.

    A file takes it once and counts up from there.
    """
    # Without FOR UPDATE's stronger form, which rows that point at the unit would wait for.
    session.execute(
        select(Unit.id).order_by(Unit.id).limit(1).with_for_update(key_share=True)
    ).all()
    highest = session.scalar(select(func.max(Participant.number)))
    return max(highest or 0, FIRST_NUMBER - 1) + 1


def subject_of(participant: Participant, case: Case, *, programme: str | None = None) -> Subject:
    """Whom an outcome event is about, in the groups that reports count in.

    Args:
        participant: the person.
        case: one of her cases.
        programme: the code of the case's programme, see :func:`programme_code`.
    """
    return Subject(
        person_key=participant.outcome_key,
        case_key=case.outcome_key,
        sex=participant.sex.value,
        birth_region=participant.birth_region.value,
        birth_year=participant.birth_year,
        unit_id=case.unit_id,
        programme=programme,
    )


def programme_code(session: Session, case: Case) -> str | None:
    """The code of the case's programme, or None. Looked up once a session and programme."""
    if case.programme_id is None:
        return None
    programme = session.get(Programme, case.programme_id)
    return programme.code if programme else None


def find_by_identity(session: Session, identity: IdentityNumber) -> Participant | None:
    """Whoever has this number, seen or not: the caller must ask before showing anything."""
    return session.scalar(
        select(Participant).where(Participant.personal_id_index == identity_index(identity))
    )


def is_taken(session: Session, unit_id: UUID, external_id: str) -> bool:
    """Whether somebody of a unit has this key of another system, seen or not."""
    found = select(Participant.id).where(
        Participant.unit_id == unit_id, Participant.external_id == external_id
    )
    return session.scalar(found) is not None


def tell_workers(session: Session, actor: Actor, participant: Participant, *, today: date) -> None:
    """Make a task for those who work with a person whom somebody else tried to register."""
    owners = session.scalars(
        select(Involvement.user_id)
        .where(
            Involvement.participant_id == participant.id,
            Involvement.capacity.in_((Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)),
            or_(Involvement.until.is_(None), Involvement.until >= today),
        )
        .distinct()
    )
    for owner_id in owners.all():
        add_task(
            session,
            actor,
            unit_id=participant.unit_id,
            owner_id=owner_id,
            kind="protected_hit",
            about_type="participant",
            about_id=participant.id,
            due_on=today,
            words={"alias": participant.alias},
            origin="enrol",
        )
    audit.record(session, actor, "identity_hit", "participant", participant.id)


def _unit_of(actor: Actor) -> UUID:
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id


def _case_worker(session: Session, actor: Actor, chosen: UUID | None, unit_id: UUID) -> UUID | None:
    if chosen is None:
        return actor.user_id if actor.has_role(Role.CASE_WORKER) else None
    return require_case_worker(session, chosen, unit_id)


def require_case_worker(session: Session, user_id: UUID, unit_id: UUID) -> UUID:
    """The id of an active case worker of the unit.

    Raises:
        Invalid: she is not one.
    """
    found = session.scalar(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.id == user_id,
            User.unit_id == unit_id,
            User.is_active,
            UserRole.role == Role.CASE_WORKER,
        )
    )
    if found is None:
        raise Invalid({"case_worker_id": N_("Välj en av enhetens handläggare.")})
    return found


def _find_known(
    session: Session, unit_id: UUID, number: IdentityNumber | None, external_id: str | None
) -> Participant | None:
    if number is not None and (known := find_by_identity(session, number)) is not None:
        return known
    if external_id is None:
        return None
    return session.scalar(
        select(Participant).where(
            Participant.unit_id == unit_id, Participant.external_id == external_id
        )
    )


def is_known_to(session: Session, actor: Actor, known: Participant, *, today: date) -> bool:
    """Whether the actor may know that somebody exists whom an identity number or id has hit."""
    found = select(Participant.id).where(
        Participant.id == known.id, is_visible_to(actor, today=today)
    )
    return session.scalar(found) is not None


def _enrol_again(
    session: Session, known: Participant, details: Details, number: IdentityNumber | None
) -> Participant:
    """A new case for somebody whose earlier ones have ended; new contact data replace old."""
    if number is None or known.personal_id_index != identity_index(number):
        message = N_("Deltagar-id finns redan. Välj ett annat.")
        raise RuleViolation("external_id_taken", message, fields={"external_id": message})
    still_open = select(Case.id).where(Case.participant_id == known.id, Case.ended_on.is_(None))
    if session.scalar(still_open.limit(1)) is not None:
        message = N_("Personen är redan inskriven. Be enhetschefen om du ska ta över ärendet.")
        raise RuleViolation("already_enrolled", message, fields={"personal_id": message})
    known.given_name = details.given_name or known.given_name
    known.family_name = details.family_name or known.family_name
    known.sort_key = sort_key(f"{known.family_name or ''} {known.given_name or ''}".strip())
    if details.protected:
        erase_contact(session, known)
    elif not known.protected:
        known.phone = parse_phone(details.phone) if details.phone else known.phone
        known.email = details.email or known.email
    known.ready_on = None  # a new wait begins
    return known


def _open_case(
    session: Session,
    actor: Actor,
    participant: Participant,
    details: Details,
    worker_id: UUID | None,
) -> Case:
    case = Case(
        participant_id=participant.id,
        unit_id=participant.unit_id,
        case_worker_id=worker_id,
        programme_id=details.programme_id,
        enrolled_on=details.enrolled_on,
    )
    case.steps = [
        CaseStep(step=Step.MAPPING, start_date=details.enrolled_on, responsible_id=worker_id)
    ]
    session.add(case)
    session.flush()
    if worker_id is not None:
        involve(session, actor, participant.id, worker_id, Capacity.CASE_WORKER)
    if participant.protected and actor.user_id is not None:
        involve(session, actor, participant.id, actor.user_id, Capacity.PROTECTED_HANDLER)
    return case
