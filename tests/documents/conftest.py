"""A placement that has ended, with follow-ups, and the acts of those who write its documents."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from matchsvc.documents.card import Judged, assess
from matchsvc.documents.content import NEEDED
from matchsvc.documents.desk import section_of
from matchsvc.documents.models import DocumentKind
from matchsvc.documents.scale import core
from matchsvc.documents.signing import hash_shown, offer_for_signing, sign_document
from matchsvc.documents.writing import begin, save_section
from matchsvc.follow_ups.models import DevelopmentRow
from matchsvc.placements.access import get_placement
from matchsvc.placements.models import (
    Accommodation,
    ActionState,
    AgreedAction,
    FollowUp,
    Mood,
    Outcome,
)
from matchsvc.placements.workplace_models import AttendanceSaid, Going, WorkplaceWord
from matchsvc.tripartite.signing import Signing
from matchsvc.workday.signature_models import IdentifiedHow
from tests.factories import TODAY
from tests.placements.factories import NOW, started

WHEN = {"today": TODAY, "now": NOW}
FINAL, CARD = DocumentKind.FINAL, DocumentKind.CARD
ILL = "Jag har ångest och tar medicin."


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def there(session, make):
    """An ended placement, and ``there.do``: what its people do."""
    from uuid import uuid4

    found = started(session, make)
    placement, actor = found.placement, found.actor
    found.supervising = make.actor(user=found.supervisor)
    start = TODAY - timedelta(days=90)
    placement.start_date, placement.planned_end_date = start, TODAY
    placement.end_date, placement.outcome = TODAY, Outcome.COMPLETED
    held = [
        ("Jag trivs i köket.", Mood.GOOD, 18, "Söka jobb", ActionState.DONE),
        (ILL, Mood.GOOD, 20, "Öva kassan", ActionState.NOT_YET),
    ]
    for number, (words, mood, hours, goal, state) in enumerate(held, start=1):
        row = FollowUp(
            placement_id=placement.id, number=100 + number, due_on=start + timedelta(30 * number),
            held_on=start + timedelta(30 * number), mood=mood, own_words=words, hours_next=hours,
            next_goal=goal, is_well_functioning=True, adaptations_work="yes",
            attendance=AttendanceSaid.MORE,
        )  # fmt: skip
        row.actions = [AgreedAction(position=0, text=f"Sak {number}", state=state)]
        session.add(row)
    for text, is_shared in (("Vagn i stället för lyft", True), ("Tyst rum vid rast", False)):
        session.add(Accommodation(placement_id=placement.id, text=text, works="yes",
                                  is_shared=is_shared, due_on=start))  # fmt: skip
    session.add(DevelopmentRow(
        placement_id=placement.id, proposed_on=start, area="Språk", goal="Svara i telefon",
        written_by_id=found.worker.id,
    ))  # fmt: skip
    session.add(WorkplaceWord(
        placement_id=placement.id, contact_id=found.contact.id, submission_id=uuid4(),
        said_on=start + timedelta(40), attendance=AttendanceSaid.AS_AGREED, going=Going.GOOD,
        text="Packar fortare än vi andra.",
    ))  # fmt: skip
    session.commit()
    key = found.key = placement.id

    def seen():
        return get_placement(session, actor, key, today=TODAY)

    def write(row, code, text, **more):
        version = section_of(row, code).version
        return save_section(
            session, actor, key, row.kind, code, text=text, version=version, today=TODAY, **more
        )

    def filled(kind=FINAL):
        row = begin(session, actor, key, kind, today=TODAY)
        for code in NEEDED[kind]:
            write(row, code, section_of(row, code).text or "Arbetet gick som planerat.")
        return row

    def judged(level=3, who=None):
        return assess(
            session, who or found.supervising, key, [Judged(each, level) for each in core()],
            version=None, today=TODAY,
        )  # fmt: skip

    def offered(row, who=None):
        shown = hash_shown(session, seen(), row)
        return offer_for_signing(
            session, who or actor, key, row.kind, shown_hash=shown, today=TODAY
        )

    def sign(row, capacity, who=None, **more):
        said = {
            "identified_how": IdentifiedHow.KNOWN, "shown_hash": row.content_hash,
            "signer_name": "Eva Prov" if capacity == "employer" else None,
        }  # fmt: skip
        signing = Signing(capacity=capacity, **said | more)
        return sign_document(session, who or actor, key, row.kind, signing, **WHEN)

    def signed(kind=FINAL):
        row = offered(filled(kind))
        for capacity in ("participant", "case_worker"):
            sign(row, capacity)
        session.commit()
        return row

    found.do = SimpleNamespace(
        seen=seen, write=write, filled=filled, judged=judged, offered=offered, sign=sign,
        signed=signed,
    )  # fmt: skip
    return found
