"""The map: hers and her worker's alone, saved place by place, summed up, signed, then fixed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import summaries
from matchsvc.participants.access import read_with_reason
from matchsvc.participants.assessments import (
    ask_for_assessment,
    latest_assessment,
    note_assessment,
)
from matchsvc.participants.map_words import EVERY
from matchsvc.participants.mapping import (
    AREAS,
    LONGEST,
    latest_orientation,
    read_map,
    save_cells,
    set_orientation,
)
from matchsvc.participants.mapping_models import MapCell, Orientation, SummaryState
from matchsvc.workday.signature_models import IdentifiedHow
from matchsvc.workday.signing import signatures_on
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}
PLACE = ("work", "resource")


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER)


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(session, make, worker):
    person = make.participant(worker)
    session.commit()
    return person


def save(session, actor, samira, said):
    return save_cells(session, actor, samira.id, said, **WHEN)


class TestTheMap:
    def test_a_place_keeps_what_was_said_and_counts_its_versions(self, session, actor, samira):
        assert save(session, actor, samira, {PLACE: ("Lagar mat", 0)}) == {PLACE: 1}
        assert save(session, actor, samira, {PLACE: ("Lagar mat till fyrtio", 1)}) == {PLACE: 2}
        held = read_map(session, actor, samira.id, today=TODAY)
        assert held.cell(*PLACE).words == "Lagar mat till fyrtio"
        assert held.filled("surroundings") == 1

    def test_two_who_write_in_one_place_see_both_and_nothing_is_overwritten(
        self, session, actor, samira
    ):
        save(session, actor, samira, {PLACE: ("Den ena", 0)})
        with pytest.raises(Conflict) as error:
            save(session, actor, samira, {PLACE: ("Den andra", 0)})
        assert error.value.theirs == {"work.resource": "Den ena"}

    def test_two_who_write_in_different_places_do_not_meet(self, session, actor, samira):
        save(session, actor, samira, {PLACE: ("Den ena", 0)})
        save(session, actor, samira, {("work", "obstacle"): ("Den andra", 0)})
        assert len(read_map(session, actor, samira.id, today=TODAY).cells) == 2

    def test_a_page_with_one_conflict_saves_none_of_it(self, session, actor, samira):
        save(session, actor, samira, {PLACE: ("Den ena", 0)})
        session.commit()
        with pytest.raises(Conflict), session.begin_nested():
            save(session, actor, samira, {PLACE: ("Ny", 0), ("body", "fact"): ("Går bra", 0)})
        assert read_map(session, actor, samira.id, today=TODAY).cells.keys() == {PLACE}

    def test_the_same_words_again_are_no_change(self, session, actor, samira):
        save(session, actor, samira, {PLACE: ("Lagar mat", 0)})
        assert save(session, actor, samira, {PLACE: ("Lagar mat ", 0)}) == {PLACE: 1}

    def test_words_are_encrypted_where_they_lie(self, session, actor, samira):
        save(session, actor, samira, {PLACE: ("Lagar mat", 0)})
        session.flush()
        (stored,) = session.scalars(text("select words from map_cell"))
        assert "Lagar" not in stored

    @pytest.mark.parametrize("words", ["x" * (LONGEST + 1), "Numret är 19811228-9874"])
    def test_what_cannot_stand_there_is_refused(self, session, actor, samira, words):
        with pytest.raises(Invalid):
            save(session, actor, samira, {PLACE: (words, 0)})

    def test_there_is_no_other_place(self, session, actor, samira):
        with pytest.raises(NotFound):
            save(session, actor, samira, {("violence", "fact"): ("x", 0)})

    def test_the_stage_is_one_of_the_list(self, session, actor, samira):
        with pytest.raises(Invalid):
            save(session, actor, samira, {("stage", "stage"): ("flying", 0)})

    def test_every_place_has_its_words(self):
        assert {code for page, areas in AREAS.items() for code in (page, *areas)} | {
            side for areas in AREAS.values() for sides in areas.values() for side in sides
        } <= (EVERY.keys())


class TestWhoSeesIt:
    def test_a_colleague_does_not(self, session, make, samira):
        with pytest.raises(Refused):
            read_map(session, make.actor(), samira.id, today=TODAY)

    def test_a_managers_reason_opens_the_case_and_not_the_map(self, session, make, samira):
        manager = make.actor(Role.UNIT_MANAGER)
        read_with_reason(session, manager, samira, reason="Klagomål", today=TODAY)
        with pytest.raises(Refused):
            read_map(session, manager, samira.id, today=TODAY)

    def test_nor_her_supervisor(self, session, make, samira):
        supervisor = make.user(role=Role.SUPERVISOR)
        make.involve(samira, supervisor, capacity="supervisor")
        with pytest.raises(Refused):
            read_map(session, make.actor(user=supervisor), samira.id, today=TODAY)

    def test_every_reading_is_logged(self, session, actor, samira):
        read_map(session, actor, samira.id, today=TODAY)
        session.commit()
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "mapping"))
        assert event.action == "read"

    def test_no_page_for_others_shows_its_words(self, session, make, actor, samira, client_as):
        save(session, actor, samira, {PLACE: ("Hemligheten", 0)})
        session.commit()
        for role in (Role.EMPLOYER_LIAISON, Role.CASE_WORKER, Role.UNIT_MANAGER):
            client = client_as(role)
            for path in ("", "/map", "/map/summary"):
                page = client.get(f"/participants/{samira.alias}{path}").get_data(as_text=True)
                assert "Hemligheten" not in page


@pytest.fixture
def written(session, actor, samira):
    return summaries.write_summary(
        session, actor, samira.id, body="Lagar mat till många.", proposals="Kök", today=TODAY
    )


def review(session, actor, samira, row, **more):
    return summaries.review_summary(
        session, actor, samira.id, version=row.version, today=TODAY, **more
    )


def sign(session, actor, samira, row, **more):
    values = {"version": row.version, "shown_hash": summaries.content_hash_of(row)}
    values |= {"identified_how": IdentifiedHow.KNOWN}
    return summaries.sign_summary(session, actor, samira.id, **values | more, **WHEN)


class TestTheSummary:
    def test_the_draft_tells_resources_first(self, session, actor, samira):
        said = {PLACE: ("Lagar mat", 0), ("work", "obstacle"): ("Ingen anställning än", 0)}
        save(session, actor, samira, said)
        held = read_map(session, actor, samira.id, today=TODAY)
        told = summaries.draft_text(held, lambda code: code)
        assert told == ("surroundings\nwork. resource: Lagar mat. obstacle: Ingen anställning än.")

    def test_it_cannot_be_signed_before_it_was_gone_through(self, session, actor, samira, written):
        with pytest.raises(RuleViolation, match="Gå igenom"):
            sign(session, actor, samira, written)

    def test_signed_it_is_fixed_and_carries_two_signatures(self, session, actor, samira, written):
        row = review(session, actor, samira, written, comment="Det stämmer.")
        sign(session, actor, samira, row)
        assert row.state is SummaryState.SIGNED
        on_it = signatures_on(session, "mapping_summary", [row.id])[row.id]
        assert {each.capacity for each in on_it} == {"participant", "case_worker"}
        for attempt in (review, sign):
            with pytest.raises(RuleViolation, match="ändras inte"):
                attempt(session, actor, samira, row)

    def test_what_she_disagrees_with_is_kept_word_for_word(self, session, actor, samira, written):
        row = review(session, actor, samira, written, comment="لا أوافق", is_dissent=True)
        assert (row.comment, row.is_dissent) == ("لا أوافق", True)

    def test_a_dissent_without_her_words_is_refused(self, session, actor, samira, written):
        with pytest.raises(Invalid):
            review(session, actor, samira, written, is_dissent=True)

    def test_new_words_must_be_gone_through_again(self, session, actor, samira, written):
        row = review(session, actor, samira, written)
        summaries.write_summary(
            session, actor, samira.id, body="Annat.", version=row.version, today=TODAY
        )
        assert row.state is SummaryState.DRAFT

    def test_a_signature_on_a_page_that_is_out_of_date_is_refused(
        self, session, actor, samira, written
    ):
        row = review(session, actor, samira, written)
        old = summaries.content_hash_of(row)
        row = review(session, actor, samira, row, comment="Inte riktigt.")
        with pytest.raises(RuleViolation, match="ändrats"):
            sign(session, actor, samira, row, shown_hash=old)

    def test_two_who_write_the_draft_see_the_conflict(self, session, actor, samira, written):
        seen = written.version
        summaries.write_summary(
            session, actor, samira.id, body="Den ena.", version=seen, today=TODAY
        )
        with pytest.raises(Conflict):
            summaries.write_summary(
                session, actor, samira.id, body="Den andra.", version=seen, today=TODAY
            )

    def test_a_new_version_takes_the_place_of_the_signed_one_when_it_is_signed(
        self, session, actor, samira, written
    ):
        first = sign(session, actor, samira, review(session, actor, samira, written))
        new = summaries.write_summary(session, actor, samira.id, body="Nytt.", today=TODAY)
        assert first.state is SummaryState.SIGNED  # it counts until the new one is signed
        sign(session, actor, samira, review(session, actor, samira, new))
        assert (first.state, new.state, new.number) == (
            SummaryState.SUPERSEDED,
            SummaryState.SIGNED,
            2,
        )


class TestOrientation:
    def test_the_latest_judgement_counts_and_the_earlier_stays(self, session, actor, samira):
        for each in (Orientation.GUIDANCE, Orientation.GUIDANCE, Orientation.MAPPING):
            set_orientation(session, actor, samira.id, each, today=TODAY)
        assert latest_orientation(session, samira.id).orientation is Orientation.MAPPING


class TestTheAssessmentOfArbetsformedlingen:
    def test_the_question_is_a_task_until_the_answer_has_come(self, session, actor, samira):
        asked = ask_for_assessment(session, actor, samira.id, today=TODAY)
        assert (asked.asked_on, asked.answered_on) == (TODAY, None)
        assert (asked.task.due_on - TODAY).days == 30
        note_assessment(session, actor, samira.id, **WHEN)
        standing = latest_assessment(session, samira.id)
        assert (standing.asked_on, standing.answered_on) == (TODAY, TODAY)

    def test_it_is_asked_once_until_it_is_answered(self, session, actor, samira):
        with pytest.raises(RuleViolation, match="Ingen bedömning"):
            note_assessment(session, actor, samira.id, **WHEN)
        ask_for_assessment(session, actor, samira.id, today=TODAY)
        with pytest.raises(RuleViolation, match="redan begärd"):
            ask_for_assessment(session, actor, samira.id, today=TODAY)
        note_assessment(session, actor, samira.id, **WHEN)
        assert ask_for_assessment(session, actor, samira.id, today=TODAY).answered_on is None

    def test_a_colleague_can_neither_ask_nor_answer(self, session, make, actor, samira):
        with pytest.raises(Refused):
            ask_for_assessment(session, make.actor(), samira.id, today=TODAY)
        ask_for_assessment(session, actor, samira.id, today=TODAY)
        with pytest.raises(Refused):
            note_assessment(session, make.actor(), samira.id, **WHEN)

    def test_nothing_is_kept_of_it_but_two_days(self, session, actor, samira):
        task = ask_for_assessment(session, actor, samira.id, today=TODAY).task
        assert task.words == {"alias": samira.alias, "asked_on": TODAY.isoformat()}
        assert task.own_words is None

    def test_the_page_of_a_signed_mapping_asks_and_answers(
        self, session, actor, samira, written, client_as, worker
    ):
        sign(session, actor, samira, review(session, actor, samira, written))
        session.commit()
        client, path = client_as(worker), f"/participants/{samira.alias}/map"
        assert "Ingen bedömning är begärd" in client.get(f"{path}/summary").get_data(as_text=True)
        assert client.post(f"{path}/assessment").status_code == 303
        again = client.post(f"{path}/assessment")
        assert again.status_code == 409
        assert "redan begärd" in again.get_data(as_text=True)
        assert client.post(f"{path}/assessment", data={"answered": "1"}).status_code == 303
        assert "Svaret kom" in client.get(f"{path}/summary").get_data(as_text=True)


class TestPages:
    def test_a_page_is_saved_and_a_conflict_shows_both(self, client_as, worker, samira, session):
        client, path = client_as(worker), f"/participants/{samira.alias}/map"
        form = {"body.fact": "Går bra", "version.body.fact": "0"}
        assert client.post(f"{path}?page=person", data=form).status_code == 303
        again = client.post(f"{path}?page=person", data=form | {"body.fact": "Annat"})
        assert again.status_code == 409
        page = again.get_data(as_text=True)
        assert "Går bra" in page
        assert "Annat" in page

    def test_a_place_saves_itself_while_it_is_written(self, client_as, worker, samira, session):
        client, path = client_as(worker), f"/participants/{samira.alias}/map/cell"
        form = {"area": "body", "side": "fact", "words": "Går bra", "version": "0"}
        assert client.post(path, data=form).get_json() == {"version": 1}
        theirs = client.post(path, data=form | {"words": "Annat"})
        assert (theirs.status_code, theirs.get_json()["theirs"]) == (409, "Går bra")
        assert session.scalars(select(MapCell)).one().words == "Går bra"

    def test_from_draft_to_signed(self, client_as, worker, samira, session):
        client, path = client_as(worker), f"/participants/{samira.alias}/map/summary"
        client.post(path, data={"body": "Lagar mat.\r\nMånga."})
        version = {"version": "1"}
        client.post(f"{path}/review", data=version | {"comment": "Ja."})
        page = client.get(path).get_data(as_text=True)
        shown = page.split('name="shown_hash" value="')[1].split('"')[0]
        signed = client.post(f"{path}/sign", data={"version": "2", "shown_hash": shown})
        assert signed.status_code == 303, signed.get_data(as_text=True)
        assert "Undertecknad av personen" in client.get(path).get_data(as_text=True)

    def test_the_page_of_a_participant_says_what_is_missing(self, client_as, worker, samira):
        page = client_as(worker).get(f"/participants/{samira.alias}").get_data(as_text=True)
        assert "Kartläggningen är inte undertecknad" in page

    def test_a_worker_of_another_unit_does_not_find_it(self, client_as, make, samira):
        other = make.user(role=Role.CASE_WORKER, unit_id=make.unit(name="Annan").id)
        page = client_as(other).get(f"/participants/{samira.alias}/map")
        assert page.status_code == 404
