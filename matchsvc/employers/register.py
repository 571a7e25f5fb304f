"""Employers: registered, changed, and how far the relation has come (EMP-01, EMP-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers import checks
from matchsvc.employers.access import EDITORS, new_external_id, own_unit_of
from matchsvc.employers.alike import find_alike
from matchsvc.employers.history import note_changes
from matchsvc.employers.models import (
    Agreement,
    Bar,
    Employer,
    EmployerStatus,
    EmployerType,
    Origin,
    StatusCode,
    YesNoUnknown,
)
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import N_, Conflict, Invalid, RuleViolation
from matchsvc.swedish import sort_key
from matchsvc.workday.archivable import stands

S = EmployerStatus
#: From each status to which; only a contact that has been made can be lost or rest.
TRANSITIONS: Mapping[EmployerStatus, frozenset[EmployerStatus]] = {
    S.PROSPECT: frozenset(
        {S.CONTACTED, S.INTERESTED, S.AGREED, S.ACTIVE, S.LOST, S.DO_NOT_CONTACT}
    ),
    S.CONTACTED: frozenset({S.INTERESTED, S.AGREED, S.ACTIVE, S.PAUSED, S.LOST, S.DO_NOT_CONTACT}),
    S.INTERESTED: frozenset({S.CONTACTED, S.AGREED, S.ACTIVE, S.PAUSED, S.LOST, S.DO_NOT_CONTACT}),
    S.AGREED: frozenset({S.INTERESTED, S.ACTIVE, S.PAUSED, S.LOST, S.DO_NOT_CONTACT}),
    S.ACTIVE: frozenset({S.AGREED, S.PAUSED, S.LOST, S.DO_NOT_CONTACT}),
    S.PAUSED: frozenset({S.CONTACTED, S.INTERESTED, S.AGREED, S.ACTIVE, S.LOST, S.DO_NOT_CONTACT}),
    S.LOST: frozenset({S.CONTACTED, S.INTERESTED, S.AGREED, S.ACTIVE, S.DO_NOT_CONTACT}),
    S.DO_NOT_CONTACT: frozenset({S.CONTACTED, S.INTERESTED, S.PAUSED, S.LOST}),
}
#: These say why (contract.md, column Orsak), and so does leaving "do not contact".
REASON_NEEDED = frozenset({S.PAUSED, S.LOST, S.DO_NOT_CONTACT})

STATUS_FIELDS = ("status", "status_code", "status_reason")
#: What is found out before a call (S3), in words.
RESEARCH = ("origin_event", "focus", "governance", "csr_practice", "inclusion", "adaptability")

NEEDS_REASON = N_("Skriv varför. Den som ringer nästa gång behöver veta det.")
NO_SUCH_STEP = N_("Det går inte att gå direkt dit. Välj ett annat läge.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerContent:
    """What is written about an employer.

    Attributes:
        name: as people call it.
        type: kind of organisation.
        org_number: as typed; ten digits are stored.
        sni: branch code, 2-5 digits.
        size_band: one of ``checks.SIZE_BANDS``.
        origin: how the relation began (EMP-02).
        origin_event: the fair, open house or visit where it did.
        focus: what they do and what they care about.
        governance: who decides, and how.
        csr_practice: what they do for society already, and their own angle on it.
        inclusion: what they have decided about who works there.
        adaptability: how work can be adapted there, and when of the year.
        collective_agreement: whether there is one.
        union_name: the local union (EMP-12).
        bar: why no placement may be made here.
        agreement_id: agreement that placements count under (EMP-10).
        owner_id: the one who owns the relation.
    """

    name: str
    type: EmployerType
    org_number: str | None = None
    sni: str | None = None
    size_band: str | None = None
    origin: Origin | None = None
    origin_event: str | None = None
    focus: str | None = None
    governance: str | None = None
    csr_practice: str | None = None
    inclusion: str | None = None
    adaptability: str | None = None
    collective_agreement: YesNoUnknown = YesNoUnknown.UNKNOWN
    union_name: str | None = None
    bar: Bar | None = None
    agreement_id: UUID | None = None
    owner_id: UUID | None = None


def content_of(employer: Employer) -> EmployerContent:
    """What is written about an employer now."""
    names = [field.name for field in fields(EmployerContent)]
    return EmployerContent(**{name: getattr(employer, name) for name in names})


def find_employer_by_external_id(
    session: Session, unit_id: UUID, external_id: str
) -> Employer | None:
    """The unit's employer with that external id."""
    found = session.scalar(
        select(Employer).where(Employer.unit_id == unit_id, Employer.external_id == external_id)
    )
    if found is not None and found.merged_into_id is not None:
        return session.get(Employer, found.merged_into_id)
    return found


def create_employer(
    session: Session,
    actor: Actor,
    content: EmployerContent,
    *,
    today: date,
    external_id: str | None = None,
    unit_id: UUID | None = None,
    status: EmployerStatus = EmployerStatus.PROSPECT,
    status_reason: str | None = None,
    is_separate: bool = False,
    refuses_alike: bool = False,
) -> Employer:
    """Register an employer.

    Args:
        session: a writing transaction.
        actor: liaison, placement coordinator or a command.
        content: what is written.
        today: decides the century of identity numbers in free text.
        external_id: None makes one.
        unit_id: for a command; a user's own unit otherwise.
        status: where the relation stands.
        status_reason: needed for some statuses.
        is_separate: it is meant to have the same organisation number or name as another.
        refuses_alike: ask first when another has nearly the same name.

    Raises:
        Invalid: with a sentence for every wrong field.
        RuleViolation: ``same_org_number``, ``same_name``.
    """
    actor.require_role(*EDITORS)
    unit = own_unit_of(actor, unit_id)
    employer = Employer(unit_id=unit, external_id=external_id or new_external_id("A"))
    if external_id and find_employer_by_external_id(session, unit, external_id):
        raise Invalid({"external_id": N_("Det finns redan en arbetsgivare med det id:t.")})
    _write(session, employer, content, today=today)
    if status in REASON_NEEDED and not status_reason:
        raise Invalid({"status_reason": NEEDS_REASON})
    checks.refuse({"status_reason": checks.text_fault(status_reason, today=today)})
    if not is_separate:
        _refuse_same_org_number(session, employer)
        if refuses_alike:
            _refuse_alike_name(session, employer)
    employer.status = status
    employer.status_reason = status_reason
    employer.sites, employer.contacts = [], []
    session.add(employer)
    session.flush()
    audit.record(session, actor, "create", "employer", employer.id)
    return employer


def _refuse_same_org_number(session: Session, employer: Employer) -> None:
    if employer.org_number is None:
        return
    other = session.scalar(
        select(Employer.name).where(
            Employer.unit_id == employer.unit_id,
            Employer.org_number == employer.org_number,
            stands(Employer),
        )
    )
    if other is not None:
        raise RuleViolation(
            "same_org_number",
            N_(
                "%(name)s har samma organisationsnummer. Lägg till ett arbetsställe där, eller "
                "kryssa i att det här är en egen arbetsgivare."
            ),
            values={"name": other},
        )


def _refuse_alike_name(session: Session, employer: Employer) -> None:
    """Names of others whose number is not another one."""
    others = select(Employer.name).where(Employer.unit_id == employer.unit_id, stands(Employer))
    if employer.org_number is not None:
        others = others.where(Employer.org_number.is_(None))
    other = find_alike(employer.name, session.scalars(others))
    if other is not None:
        raise RuleViolation(
            "same_name",
            N_(
                "%(name)s finns redan. Är det samma, lägg till ett arbetsställe där. Annars, "
                "kryssa i att det här är en egen arbetsgivare."
            ),
            values={"name": other},
        )


def _write(session: Session, employer: Employer, content: EmployerContent, *, today: date) -> None:
    number, number_fault = checks.read_org_number(content.org_number)
    is_band = content.size_band is None or content.size_band in checks.SIZE_BANDS
    checks.refuse(
        {
            "name": checks.text_fault(content.name, today=today)
            if content.name.strip()
            else checks.REQUIRED,
            "org_number": number_fault,
            "sni": checks.sni_fault(content.sni),
            "size_band": None if is_band else checks.GONE,
            **{
                name: checks.text_fault(getattr(content, name), today=today)
                for name in ("union_name", *RESEARCH)
            },
            "owner_id": checks.owner_fault(session, employer.unit_id, content.owner_id),
            "agreement_id": checks.agreement_fault(session, employer.unit_id, content.agreement_id),
        }
    )
    for field in fields(content):
        setattr(employer, field.name, getattr(content, field.name))
    employer.name = content.name.strip()
    employer.org_number = number
    employer.sort_key = sort_key(employer.name)


def edit_employer(
    session: Session,
    actor: Actor,
    key: UUID | str,
    content: EmployerContent,
    *,
    today: date,
    version: int | None,
) -> Employer:
    """Change what is written about an employer.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: with a sentence for every wrong field.
        Conflict: saved by somebody else since; ``theirs`` holds what is saved.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, key, for_update=True)
    before = content_of(employer)
    if version is not None and employer.version != version:
        raise Conflict(_differences(before, content))
    _write(session, employer, content, today=today)
    session.flush()
    changed = _differences(before, content_of(employer))
    note_changes(
        session,
        actor,
        employer.id,
        "employer",
        employer.name,
        changed,
        {name: getattr(employer, name) for name in changed},
    )
    audit.record(session, actor, "change", "employer", employer.id, fields=changed)
    return employer


def _differences(before: EmployerContent, after: EmployerContent) -> dict[str, object]:
    return {
        field.name: getattr(before, field.name)
        for field in fields(before)
        if getattr(before, field.name) != getattr(after, field.name)
    }


def change_employer_status(
    session: Session,
    actor: Actor,
    key: UUID | str,
    status: EmployerStatus,
    *,
    today: date,
    reason: str | None = None,
    code: StatusCode | None = None,
    version: int | None = None,
) -> Employer:
    """Say that the relation stands elsewhere now, and why: in a code, in words, or both.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: a reason is needed, or holds an identity number.
        RuleViolation: ``no_such_step``.
        Conflict: saved by somebody else since.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, key, for_update=True)
    db.check_version(employer, version)
    if status is not employer.status and status not in TRANSITIONS[employer.status]:
        raise RuleViolation("no_such_step", NO_SUCH_STEP, fields={"status": NO_SUCH_STEP})
    needs_reason = status in REASON_NEEDED or employer.status is S.DO_NOT_CONTACT
    is_said = code not in {None, StatusCode.OTHER} or bool(reason and reason.strip())
    if needs_reason and not is_said:
        raise Invalid({"status_reason": NEEDS_REASON})
    checks.refuse({"status_reason": checks.text_fault(reason, today=today)})
    before = {name: getattr(employer, name) for name in STATUS_FIELDS}
    employer.status = status
    employer.status_code = code if status in REASON_NEEDED else None
    employer.status_reason = reason.strip() if reason else None
    after = {name: getattr(employer, name) for name in STATUS_FIELDS}
    note_changes(session, actor, employer.id, "employer", employer.name, before, after)
    session.flush()
    audit.record(session, actor, "change", "employer", employer.id, fields=["status"])
    return employer


def is_barred(employer: Employer) -> bool:
    """Whether no placement may be made here: a bar (2.3) or the employer's own wish."""
    return employer.bar is not None or employer.status is S.DO_NOT_CONTACT


def list_agreements(session: Session, unit_id: UUID) -> list[Agreement]:
    """The unit's agreements by code."""
    return list(
        session.scalars(
            select(Agreement).where(Agreement.unit_id == unit_id).order_by(Agreement.code)
        )
    )
