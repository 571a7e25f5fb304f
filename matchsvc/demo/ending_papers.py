"""Papers of placements that have ended: one whole set, signed and given, and one draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.documents.card import Judged, assess
from matchsvc.documents.content import ASSESSOR, SECTIONS
from matchsvc.documents.delivering import Giving, deliver
from matchsvc.documents.desk import section_of, signers_of
from matchsvc.documents.models import DocumentKind, EndDocument, GivenHow, GivenTo
from matchsvc.documents.scale import core
from matchsvc.documents.signing import hash_shown, offer_for_signing, sign_document
from matchsvc.documents.writing import begin, save_section
from matchsvc.participants.models import Participant
from matchsvc.participants.own import OBSERVING, is_own
from matchsvc.placements.access import get_placement
from matchsvc.placements.models import Placement
from matchsvc.tripartite.signing import Signing
from matchsvc.workday.signature_models import IdentifiedHow

_LEVELS: Final = (3, 4, 3, 3, 3, 2)
_NOTES: Final = {
    "kommer-i-tid": "I tid 41 av 42 dagar.",
    "ar-noggrann": "Räknar och märker rätt utan kontroll.",
    "forstar-instruktioner": "Muntligt går bra, skriftligt med bild.",
}
_WORDS: Final = {
    "tasks": "Packning\nMärkning\nLunchkök",
    "background": "Jag har arbetat i kök i många år, och vill att det står här.",
    "hours": "20 timmar i veckan.",
    "remarks": "Arbetar självständigt och är uppskattad av kollegorna.",
    "summary": "Perioden har gått bra. Nästa steg är ett deltidsjobb med samma slags uppgifter.",
}
_OWN: Final = "Jag sköter packningen själv och visar nya hur vi gör. Jag vill fortsätta med mat."


def build_ending_papers(session: Session, *, today: date, now: datetime) -> None:
    """Begin for the placement that ended last, whose papers are due; write all for another."""
    ended = session.execute(
        select(Placement, Participant)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            Placement.end_date.is_not(None),
            Placement.is_history.is_(False),
            Placement.called_off_on.is_(None),
            Placement.case_worker_id.is_not(None),
            Participant.protected.is_(False),
        )
        .options(selectinload(Placement.follow_ups))
        .order_by(Placement.end_date.desc(), Placement.external_id)
    ).all()
    found = []
    for placement, person in ended:
        if placement.case_worker_id is None:
            continue
        actor = accounts.actor_of(session, placement.case_worker_id)
        is_held = any(each.held_on for each in placement.follow_ups)
        if is_held and is_own(session, actor, person.id, today=today):
            found.append((placement, actor))
    # Each with a case worker of its own, so that more than one has something to look at.
    by_worker = {actor.user_id: (placement, actor) for placement, actor in reversed(found)}
    for number, (placement, actor) in enumerate(list(reversed(by_worker.values()))[:2]):
        _write(session, placement, actor, is_whole=number == 1, today=today, now=now)


def _write(
    session: Session,
    placement: Placement,
    actor: Actor,
    *,
    is_whole: bool,
    today: date,
    now: datetime,
) -> None:
    row = begin(session, actor, placement.id, DocumentKind.FINAL, today=today)
    if not is_whole:
        return
    judged = [
        Judged(each, level, _NOTES.get(each)) for each, level in zip(core(), _LEVELS, strict=True)
    ]
    judged.append(Judged("har-servicekansla", None))
    observer = _observer(session, placement, actor, today=today)
    card = assess(session, observer, placement.id, judged, version=None, today=today)
    certificate = begin(session, actor, placement.id, DocumentKind.CERTIFICATE, today=today)
    for paper in (card, row, certificate):
        _fill(session, actor, paper, today=today)
        _sign(session, {ASSESSOR: observer}, actor, paper, today=today, now=now)
        giving = Giving(
            given_to=GivenTo.PARTICIPANT,
            how=GivenHow.READ_ALOUD,
            request_id=uuid5(paper.id, "given"),
        )
        deliver(
            session, actor, placement.id, paper.kind, paper.number, giving, today=today, now=now
        )


def _observer(session: Session, placement: Placement, actor: Actor, *, today: date) -> Actor:
    """Who saw the work: the unit's supervisor where there is one, else the case worker."""
    if placement.supervisor_id is None:
        return actor
    supervisor = accounts.actor_of(session, placement.supervisor_id)
    key = placement.participant_id
    sees = is_own(session, supervisor, key, today=today, capacities=OBSERVING)
    return supervisor if sees else actor


def _fill(session: Session, actor: Actor, row: EndDocument, *, today: date) -> None:
    for code, words in {**_WORDS, "own_words": _OWN}.items():
        if code not in SECTIONS[row.kind]:
            continue
        section = section_of(row, code)
        text = f"{section.text}\n{words}" if code == "summary" else words
        save_section(
            session, actor, row.placement_id, row.kind, code, text=text,
            version=section.version, today=today,
        )  # fmt: skip


def _sign(
    session: Session,
    others: Mapping[str, Actor],
    actor: Actor,
    row: EndDocument,
    *,
    today: date,
    now: datetime,
) -> None:
    seen = get_placement(session, actor, row.placement_id, today=today)
    shown = hash_shown(session, seen, row)
    offer_for_signing(session, actor, row.placement_id, row.kind, shown_hash=shown, today=today)
    for capacity in signers_of(row):
        signing = Signing(
            capacity=capacity,
            identified_how=IdentifiedHow.KNOWN,
            shown_hash=shown,
            signer_name="Eva Lind" if capacity == "employer" else None,
        )
        signer = others.get(capacity, actor)
        sign_document(session, signer, row.placement_id, row.kind, signing, today=today, now=now)
