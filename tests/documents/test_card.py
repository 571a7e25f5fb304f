"""The competence card: one tap a competence, signed by who saw it, the owner's own to show."""

from __future__ import annotations

import json
import re

import pypdfium2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from matchsvc.documents import desk
from matchsvc.documents.card import Judged, assess
from matchsvc.documents.models import DocumentState, EndDocument
from matchsvc.documents.scale import LEVELS, anchor, core, generic_concepts, level_words
from matchsvc.errors import Conflict, Invalid, Refused, RuleViolation
from matchsvc.participants.competences import raise_rung
from matchsvc.participants.models import Competence, Rung
from matchsvc.placements.careful import mentions_health
from tests.documents.conftest import ILL
from tests.factories import TODAY

S = DocumentState


def held(session, competence):
    return session.scalars(
        select(Competence)
        .where(Competence.id == competence.id)
        .options(selectinload(Competence.evidence))
        .execution_options(populate_existing=True)
    ).one()


def complete(there, level=3):
    row = there.do.judged(level)
    there.do.write(row, "tasks", "Odling\nPackning")
    there.do.write(row, "own_words", "Jag trivs i köket.")
    return there.do.offered(row)


def test_every_level_of_every_competence_is_described_in_both_languages(session):
    concepts = {each.id for each in generic_concepts(session)}
    assert set(core()) <= concepts
    assert len(core()) == 6
    for language in ("sv", "en"):
        said = [anchor(key, level, language) for key in core() for level in LEVELS]
        assert len(set(said)) == 24
        assert not any(mentions_health(each) for each in said)
        assert len({level_words(level, language) for level in LEVELS}) == 4
    assert anchor("lyssnar", 2) == "Gör det efter en påminnelse."


def test_who_saw_it_signs_and_the_case_worker_after(session, there):
    row = complete(there)
    assert {each.assessor_role for each in row.seen} == {"supervisor"}
    with pytest.raises(RuleViolation) as refused:
        there.do.sign(row, "assessor")  # the case worker has not seen it
    assert refused.value.code == "assessor_signs"
    there.do.sign(row, "assessor", who=there.supervising)
    with pytest.raises(Refused):
        there.do.sign(row, "case_worker", who=there.supervising)
    there.do.sign(row, "case_worker")
    assert row.state is S.SIGNED


def test_a_card_of_the_case_workers_own_needs_nobody_else(session, there):
    row = there.do.judged(who=there.actor)
    there.do.write(row, "tasks", "Odling")
    there.do.sign(there.do.offered(row), "case_worker")
    assert row.state is S.SIGNED


def test_what_is_seen_raises_the_evidence_she_has_and_nothing_else(session, there, make):
    knows = make.competence(there.participant, "samarbetar")
    sure = make.competence(there.participant, "kommer-i-tid", rung=Rung.CONFIRMED)
    row = there.do.judged(level=2)
    judged = [Judged("tar-ansvar", None)]
    assess(session, there.supervising, there.key, judged, version=row.version, today=TODAY)
    there.do.write(row, "tasks", "Odling")
    there.do.offered(row)
    there.do.sign(row, "assessor", who=there.supervising)
    there.do.sign(row, "case_worker")
    found = held(session, knows)
    assert found.rung is Rung.OBSERVED
    (piece,) = [each for each in found.evidence if each.rung is Rung.OBSERVED]
    assert (piece.by_id, piece.workplace, piece.happened_on) == (
        there.supervisor.id, there.site.name, TODAY,
    )  # fmt: skip
    assert held(session, sure).rung is Rung.CONFIRMED
    of_her = select(Competence).where(Competence.participant_id == there.participant.id)
    assert len(session.scalars(of_her).all()) == 2  # nothing was added for her


def test_all_six_are_answered_and_not_seen_is_an_answer(session, there):
    judged = [Judged(each, None if each == "tar-ansvar" else 4) for each in core()[:-1]]
    row = assess(session, there.supervising, there.key, judged, version=None, today=TODAY)
    there.do.write(row, "tasks", "Odling")
    with pytest.raises(RuleViolation) as refused:
        there.do.offered(row)
    assert list(refused.value.fields) == [f"level-{core()[-1]}"]
    last = [Judged(core()[-1], None)]
    assess(session, there.supervising, there.key, last, version=row.version, today=TODAY)
    assert there.do.offered(row).state is S.SIGNING


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Judged("samarbetar", 5), "level-samarbetar"),
        (Judged("laga-mat", 3), "level-laga-mat"),
        (Judged("samarbetar", 3, ILL), "note-samarbetar"),
        (Judged("samarbetar", 3, "Trots skulderna"), "note-samarbetar"),
        (Judged("samarbetar", 3, "850312-2387"), "note-samarbetar"),
        (Judged("samarbetar", 3, "x" * 121), "note-samarbetar"),
    ],
)
def test_a_card_holds_levels_and_work_and_nothing_of_health_or_her_life(
    session, there, wrong, field
):
    with pytest.raises(Invalid) as refused:
        assess(session, there.supervising, there.key, [wrong], version=None, today=TODAY)
    assert list(refused.value.fields) == [field]


def test_not_even_somebody_who_means_it_writes_of_health_on_a_card(session, there):
    row = there.do.judged()
    with pytest.raises(Invalid):
        there.do.write(row, "own_words", ILL, keeps_health_words=True)


def test_a_card_saved_by_two_shows_both(session, there):
    row = there.do.judged()
    stale = row.version
    judged = [Judged("samarbetar", 4)]
    assess(session, there.actor, there.key, judged, version=stale, today=TODAY)
    assert {each.assessor_role for each in row.seen} == {"supervisor", "case_worker"}
    with pytest.raises(Conflict):
        assess(session, there.supervising, there.key, judged, version=stale, today=TODAY)


def test_it_names_what_was_shown_at_this_workplace_and_no_free_words(session, there, make):
    here = make.competence(there.participant, "laga-mat")
    raise_rung(session, there.actor, here.id, Rung.OBSERVED, happened_on=TODAY, today=TODAY,
               workplace=there.site.name)  # fmt: skip
    elsewhere = make.competence(there.participant, "sy")
    raise_rung(session, there.actor, elsewhere.id, Rung.OBSERVED, happened_on=TODAY, today=TODAY,
               workplace="Någon annanstans")  # fmt: skip
    own = make.competence(there.participant, None, own_words="Klarar mig med min sjukdom")
    raise_rung(session, there.actor, own.id, Rung.OBSERVED, happened_on=TODAY, today=TODAY,
               workplace=there.site.name)  # fmt: skip
    row = complete(there)
    skills = json.loads(desk.facts_as_kept(row)["skills"])
    assert [each["name"] for each in skills] == ["Laga mat"]
    assert skills[0]["by"] == "Johan Ekdal"


def words_of(response):
    pdf = pypdfium2.PdfDocument(response.get_data())
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf)


def test_from_the_phone_to_the_signed_paper(there, client_as, session, make):
    supervisor, base = client_as(there.supervisor), f"/placements/{there.key}/documents"
    form = supervisor.get(f"{base}/card/assess").get_data(as_text=True)
    assert form.count('value="none"') == 7  # six, and one that may be added
    taps = {f"level-{each}": "3" for each in core()} | {
        "note-kommer-i-tid": "I tid 41 av 42 dagar.",
        "added": "lyssnar", "added_level": "none",
    }  # fmt: skip
    assert supervisor.post(f"{base}/card/assess", data=taps).status_code == 303
    row = session.scalars(select(EndDocument).options(selectinload(EndDocument.sections))).one()
    for code, text in (("tasks", "Odling\nPackning"), ("own_words", "Jag trivs i köket.")):
        page = supervisor.get(f"{base}/card/sections/{code}").get_data(as_text=True)
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        saved = supervisor.post(
            f"{base}/card/sections/{code}", data={"text": text, "version": version}
        )
        assert saved.status_code == 303
    page = supervisor.get(f"{base}/card").get_data(as_text=True)
    mark = re.search(r'name="shown_hash" value="(\w+)"', page)[1]
    assert supervisor.post(f"{base}/card/offer", data={"shown_hash": mark}).status_code == 303
    worker = client_as(there.worker)
    for client, capacity in ((supervisor, "assessor"), (worker, "case_worker")):
        signed = client.post(f"{base}/card/sign", data={"capacity": capacity, "shown_hash": mark})
        assert signed.status_code == 303, signed.get_data(as_text=True)
    session.expire_all()
    assert row.state is S.SIGNED
    pdf = worker.get(f"{base}/card/1.pdf")
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="kompetenskort-1.pdf"'
    made = pdf.get_data()
    assert b"/StructTreeRoot" in made
    assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", made)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    for said in (words_of(pdf), worker.get(f"{base}/card/1").get_data(as_text=True)):
        for part in (
            *(there.participant.full_name, there.site.name, "Odling, packning"),
            *("3 På egen hand", "I tid 41 av 42 dagar.", "Inte observerat", "Karin Sjöholm"),
            *("Jag trivs i köket.", mark[:16]),
        ):
            assert part in said
        assert str(there.participant.birth_year) not in said
    assert worker.get(f"{base}/card/2").status_code == 404
