"""Signing a version: participant and employer in any order, the case worker last.

When it is agreed, the placement follows it (DESIGN section 3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.settings import number, shown_name
from matchsvc.db import check_version
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.placements.access import Seen
from matchsvc.placements.beginning import begin_if_ready
from matchsvc.placements.decisions import RENEW_AGREEMENT_TASK
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import (
    ChecklistItem,
)
from matchsvc.placements.replanning import carry_planned_end
from matchsvc.placements.supervision import close_supervision, open_supervision
from matchsvc.swedish import contains_identity_number
from matchsvc.tripartite.consequences import check_content
from matchsvc.tripartite.content import (
    TERMS_VERSION,
    Content,
    from_text,
    hash_of_all,
)
from matchsvc.tripartite.desk import (
    ABOUT,
    APPROVERS,
    CASE_WORKER,
    EMPLOYER,
    PARTICIPANT,
    PARTIES,
    S,
    move,
    open_row,
    open_version,
    record_act,
    see,
    signed_by,
    versions_of,
)
from matchsvc.tripartite.models import TripartiteAgreement
from matchsvc.workday.rules import add_task, settle_tasks
from matchsvc.workday.signature_models import IdentifiedHow
from matchsvc.workday.signing import sign, signatures_on

#: The employer has signed by the link.
SIGNED_TASK = "agreement_signed"
#: Why the workplace's supervisor changed, as it is kept.
AGREED_REASON = N_("Enligt överenskommelsen.")


def offer_for_signing(
    session: Session, actor: Actor, placement_id: UUID, *, version: int, today: date
) -> TripartiteAgreement:
    """Fix the words of the open version, so that they can be read and signed.

    Raises:
        NotFound, Refused, Conflict: as everywhere.
        RuleViolation: something has to be filled in first.
    """
    seen, row = open_version(session, actor, placement_id, version=version, today=today)
    content = from_text(row.content)
    check_content(session, actor, seen, content, today=today)
    missing = {
        name: message
        for name, message in (
            ("purpose", N_("Skriv vad perioden ska leda till.")),
            ("tasks", N_("Skriv vad personen ska göra, en sak på varje rad.")),
            ("hours_start", N_("Skriv hur många timmar i veckan.")),
            ("contact_id", N_("Välj vem som är handledare på arbetsplatsen.")),
        )
        if not getattr(content, name)
    }
    if missing:
        raise RuleViolation(
            "agreement_incomplete",
            N_("Det fattas något innan ni kan skriva under. Fyll i det som är markerat."),
            fields=missing,
        )
    facts = facts_of(session, seen, content)
    row.facts = json.dumps(facts, sort_keys=True)
    row.terms = TERMS_VERSION
    row.content_hash = hash_of_all(content, facts, row.terms)
    row.touched_on = today
    move(row, S.SIGNING)
    session.flush()
    record_act(session, actor, "change", row, seen)
    return row


@dataclass(frozen=True, kw_only=True)
class Signing:
    """One signature as a member of staff attests it.

    Attributes:
        capacity: ``participant``, ``employer`` or ``case_worker``.
        identified_how: how the signer was known.
        shown_hash: of the words on the page.
        signer_name: who signs for the employer.
        on_behalf_reason: why somebody else signs for the person.
        interpreter_language: which language was interpreted.
    """

    capacity: str
    identified_how: IdentifiedHow
    shown_hash: str
    signer_name: str | None = None
    on_behalf_reason: str | None = None
    interpreter_language: str | None = None


def sign_version(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    signing: Signing,
    *,
    today: date,
    now: datetime,
) -> TripartiteAgreement:
    """Note a signature; the case worker's, which comes last, makes the version agreed.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: it is not open for signing, the words were changed, or others sign first.
        Invalid: nobody is named for the employer.
    """
    seen, row = open_version(session, actor, placement_id, today=today)
    if row.state is not S.SIGNING:
        raise RuleViolation(
            "not_for_signing", N_("Versionen väntar inte på underskrifter. Ladda om sidan.")
        )
    signed = signed_by(row, signatures_on(session, ABOUT, [row.id])[row.id])
    is_last = signing.capacity == CASE_WORKER
    if signing.capacity not in PARTIES:
        raise Invalid({"capacity": N_("Välj ett av alternativen.")})
    if is_last and not {PARTICIPANT, EMPLOYER} <= signed.keys():
        raise RuleViolation(
            "signs_last", N_("Handläggaren skriver under sist, när de andra två har skrivit under.")
        )
    signers = {
        PARTICIPANT: (seen.participant.id, None),
        EMPLOYER: (None, signing.signer_name),
        CASE_WORKER: (actor.require_user(), None),
    }
    signer_id, signer_name = signers[signing.capacity]
    if signing.capacity == EMPLOYER and contains_identity_number(signer_name or "", today=today):
        raise Invalid({"signer_name": N_("Skriv inga personnummer här.")})
    sign(
        session,
        actor,
        unit_id=row.unit_id,
        about_type=ABOUT,
        about_id=row.id,
        content_hash=row.content_hash or "",
        shown_hash=signing.shown_hash,
        capacity=signing.capacity,
        identified_how=IdentifiedHow.KNOWN if is_last else signing.identified_how,
        now=now,
        signer_id=signer_id,
        signer_name=signer_name,
        on_behalf_reason=signing.on_behalf_reason,
        interpreter_language=signing.interpreter_language,
    )
    row.touched_on = today
    if is_last:
        if number(session, row.unit_id, "agreement_second_look"):
            move(row, S.APPROVAL)
        else:
            _agree(session, actor, seen, row, today=today, now=now)
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class ForEmployer:
    """The version that the employer may read behind a code.

    Attributes:
        row: waiting for signatures, or the one that holds.
        is_waiting: for the employer's signature.
        signed_by: who signed for the employer, if anybody has.
    """

    row: TripartiteAgreement
    is_waiting: bool
    signed_by: str | None


def version_for_employer(session: Session, placement_id: UUID) -> ForEmployer | None:
    """What the employer may read of a placement's agreement, never a draft. Asks no right."""
    rows = [
        each for each in versions_of(session, placement_id) if each.state in {S.SIGNING, S.AGREED}
    ]
    if not rows:
        return None
    row = rows[0]
    signature = signed_by(row, signatures_on(session, ABOUT, [row.id])[row.id]).get(EMPLOYER)
    return ForEmployer(
        row,
        row.state is S.SIGNING and signature is None,
        signature.signer_name if signature else None,
    )


def sign_by_link(
    session: Session,
    actor: Actor,
    seen: Seen,
    *,
    signer_name: str,
    shown_hash: str,
    today: date,
    now: datetime,
) -> TripartiteAgreement:
    """The employer signs by a link behind a code. Who may is the link's to know.

    Raises:
        RuleViolation: nothing waits for signatures (any longer), or the words were changed since
            they were shown.
    """
    row = session.scalar(
        select(TripartiteAgreement)
        .where(
            TripartiteAgreement.placement_id == seen.placement.id,
            TripartiteAgreement.state == S.SIGNING,
        )
        .with_for_update()
    )
    ours = seen.placement.case_worker_id or seen.placement.liaison_id
    if row is None or ours is None:
        raise RuleViolation(
            "not_for_signing", N_("Versionen väntar inte på underskrifter. Ladda om sidan.")
        )
    sign(
        session,
        actor,
        unit_id=row.unit_id,
        about_type=ABOUT,
        about_id=row.id,
        content_hash=row.content_hash or "",
        shown_hash=shown_hash,
        capacity=EMPLOYER,
        identified_how=IdentifiedHow.ANSWER_LINK,
        now=now,
        attested_by_id=ours,
        signer_name=signer_name,
    )
    row.touched_on = today
    add_task(
        session,
        actor,
        owner_id=ours,
        unit_id=row.unit_id,
        kind=SIGNED_TASK,
        about_type="placement",
        about_id=seen.placement.id,
        due_on=today,
        words={"site": seen.site.name},
        origin=SIGNED_TASK,
    )
    session.flush()
    return row


def approve(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    *,
    version: int,
    today: date,
    now: datetime,
) -> TripartiteAgreement:
    """The second pair of eyes says yes: not whoever signed for the unit.

    Raises:
        NotFound, Refused, Conflict: as everywhere.
        RuleViolation: it does not wait for approval, or the actor signed it.
    """
    actor.require_role(*APPROVERS)
    seen = see(session, actor, placement_id, today=today, for_update=True)
    row = open_row(session, seen.placement.id)
    check_version(row, version)
    if row.state is not S.APPROVAL:
        raise RuleViolation(
            "not_for_approval", N_("Versionen väntar inte på godkännande. Ladda om sidan.")
        )
    signed = signed_by(row, signatures_on(session, ABOUT, [row.id])[row.id])
    if signed[CASE_WORKER].signer_id == actor.require_user():
        raise RuleViolation(
            "same_eyes", N_("Den som har skrivit under kan inte också godkänna. Be en kollega.")
        )
    row.approved_by_id = actor.user_id
    _agree(session, actor, seen, row, today=today, now=now)
    session.flush()
    return row


def facts_of(session: Session, seen: Seen, content: Content) -> dict[str, str]:
    """Names and facts that stand in the paper, as they are now."""
    placement = seen.placement
    unit = session.get_one(Unit, placement.unit_id)
    contact = session.get(Contact, content.contact_id) if content.contact_id else None
    worker = session.get(User, placement.case_worker_id) if placement.case_worker_id else None
    ours = session.get(User, placement.supervisor_id) if placement.supervisor_id else None
    form = get_form(session, placement.form)
    return {
        "participant": seen.participant.full_name,
        "employer": seen.employer.name,
        "site": seen.site.name,
        "org_number": seen.employer.org_number or "",
        "unit": shown_name(session, unit),
        "municipality": unit.municipality or "",
        "form_sv": form.name_sv,
        "form_en": form.name_en,
        "starts_on": placement.start_date.isoformat(),
        "workplace_supervisor": contact.name if contact else "",
        "case_worker": worker.name if worker else "",
        "our_supervisor": ours.name if ours else "",
    }


def _agree(
    session: Session,
    actor: Actor,
    seen: Seen,
    row: TripartiteAgreement,
    *,
    today: date,
    now: datetime,
) -> None:
    placement, content = seen.placement, from_text(row.content)
    check_content(session, actor, seen, content, today=today)
    for before in versions_of(session, placement.id):
        if before.state is S.AGREED:
            move(before, S.REPLACED)
    move(row, S.AGREED)
    row.agreed_at = now
    carry_planned_end(session, placement, content.ends_on, today=today)
    placement.hours_start, placement.hours_goal = content.hours_start, content.hours_goal
    placement.purpose = content.purpose
    if placement.contact_id != content.contact_id:
        close_supervision(session, placement, day=today, reason=AGREED_REASON)
        placement.contact_id = content.contact_id
        open_supervision(session, placement, day=today)
    item = session.scalar(
        select(ChecklistItem).where(
            ChecklistItem.placement_id == placement.id, ChecklistItem.code == "agreement"
        )
    )
    if item is not None and item.done_on is None:
        item.done_on, item.done_by_id = today, actor.user_id
    settle_tasks(session, actor, [RENEW_AGREEMENT_TASK], placement.id, now=now)
    record_act(session, actor, "agree", row, seen)
    begin_if_ready(session, actor, placement, today=today)
