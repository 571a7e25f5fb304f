"""Notes: open to their author for a day, then only added to; put away, never deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import protection
from matchsvc.participants.access import read_with_reason
from matchsvc.swedish import local_date
from matchsvc.workday import notes
from matchsvc.workday.note_models import AdditionKind, Note, NoteCategory, Secrecy
from matchsvc.workday.notes import Desk, NoteContent
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER, name="Johan Ekdal")


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(session, make, worker):
    person = make.participant(worker)
    session.commit()
    return person


@pytest.fixture
def desk(samira):
    return Desk("participant", samira.id, samira.unit_id, may_write=True, sees_close=True)


def said(happened="Vi sågs en halvtimme.", **more):
    values = {"category": NoteCategory.CONTACT, "happened_on": TODAY, "minutes": 30}
    return NoteContent(happened, **values | more)


@pytest.fixture
def note(session, actor, desk):
    return notes.write_note(session, actor, desk, said(), **WHEN)


def edit(session, actor, desk, note, words="Ändrat.", *, after=timedelta(hours=1), version=None):
    return notes.edit_note(
        session, actor, desk, note.id, said(words), version=version, today=TODAY, now=NOW + after
    )


class TestWriting:
    def test_it_keeps_who_when_and_how_long(self, note, actor):
        assert (note.author_id, note.written_at, note.minutes) == (actor.user_id, NOW, 30)

    def test_its_words_are_encrypted_where_they_lie(self, session, note):
        (stored,) = session.scalars(text("select happened from note"))
        assert "halvtimme" not in stored

    @pytest.mark.parametrize(
        "wrong",
        [
            {"happened": "  "},
            {"happened": "Numret 19811228-9874 gäller"},
            {"agreed": "19811228-9874"},
            {"happened_on": TODAY + timedelta(days=1)},
        ],
    )
    def test_what_cannot_be_a_note_is_refused(self, session, actor, desk, wrong):
        with pytest.raises(Invalid):
            notes.write_note(session, actor, desk, said(**wrong), **WHEN)

    def test_who_may_only_read_writes_nothing(self, session, actor, samira):
        reader = Desk("participant", samira.id, samira.unit_id, may_write=False, sees_close=False)
        with pytest.raises(Refused):
            notes.write_note(session, actor, reader, said(), **WHEN)


class TestTheFirstDay:
    def test_its_author_changes_it_and_the_earlier_text_is_kept(self, session, actor, desk, note):
        edit(session, actor, desk, note)
        assert note.happened == "Ändrat."
        assert [(a.kind, a.words) for a in note.additions] == [
            (AdditionKind.EARLIER, "Vi sågs en halvtimme.")
        ]

    def test_a_minute_before_the_day_is_over_it_is_open_and_then_not(
        self, session, actor, desk, note
    ):
        edit(session, actor, desk, note, after=timedelta(hours=23, minutes=59))
        with pytest.raises(RuleViolation, match="rättelse"):
            edit(session, actor, desk, note, "Sent", after=timedelta(hours=24, minutes=1))

    def test_nobody_else_changes_it(self, session, make, desk, note):
        with pytest.raises(Refused):
            edit(session, make.actor(), desk, note)

    def test_two_windows_of_the_author_see_the_conflict(self, session, actor, desk, note):
        seen = note.version
        edit(session, actor, desk, note, "Från telefonen", version=seen)
        with pytest.raises(Conflict) as error:
            edit(session, actor, desk, note, "Från datorn", version=seen)
        assert error.value.theirs["happened"] == "Från telefonen"


class TestAfterwards:
    def test_a_correction_stands_below_and_the_note_stays(self, session, make, desk, note):
        colleague = make.actor()
        notes.correct_note(session, colleague, desk, note.id, "Det var tisdag.", now=NOW)
        assert note.happened == "Vi sågs en halvtimme."
        assert [a.kind for a in note.additions] == [AdditionKind.CORRECTION]

    def test_an_empty_correction_is_refused(self, session, actor, desk, note):
        with pytest.raises(Invalid):
            notes.correct_note(session, actor, desk, note.id, " ", now=NOW)


class TestMistakes:
    def archive(self, session, actor, desk, note, now=NOW):
        return notes.archive_note(session, actor, desk, note.id, reason="Fel person", now=now)

    def test_it_is_put_away_with_a_reason_and_found_there(self, session, actor, desk, note):
        self.archive(session, actor, desk, note)
        assert notes.list_notes(session, actor, desk).notes == []
        (kept,) = notes.list_notes(session, actor, desk, archived=True).notes
        assert kept.archived_reason == "Fel person"

    def test_without_a_reason_it_stays(self, session, actor, desk, note):
        with pytest.raises(Invalid):
            notes.archive_note(session, actor, desk, note.id, reason=" ", now=NOW)

    def test_ten_minutes_it_is_taken_back_with_one_button(self, session, actor, desk, note):
        self.archive(session, actor, desk, note)
        notes.undo_archiving(session, actor, desk, note.id, now=NOW + timedelta(minutes=10))
        assert note.archived_at is None

    def test_after_that_or_twice_it_says_what_to_do_instead(self, session, actor, desk, note):
        self.archive(session, actor, desk, note)
        late = NOW + timedelta(minutes=11)
        with pytest.raises(RuleViolation, match="tio minuter"):
            notes.undo_archiving(session, actor, desk, note.id, now=late)
        notes.undo_archiving(session, actor, desk, note.id, now=NOW)
        with pytest.raises(RuleViolation):
            notes.undo_archiving(session, actor, desk, note.id, now=NOW)

    def test_somebody_else_restores_but_does_not_undo(self, session, make, actor, desk, note):
        self.archive(session, actor, desk, note)
        with pytest.raises(RuleViolation):
            notes.undo_archiving(session, make.actor(), desk, note.id, now=NOW)
        notes.restore_note(session, make.actor(), desk, note.id)
        assert note.archived_at is None

    def test_what_is_put_away_is_neither_changed_nor_corrected(self, session, actor, desk, note):
        self.archive(session, actor, desk, note)
        with pytest.raises(RuleViolation):
            edit(session, actor, desk, note)
        with pytest.raises(RuleViolation):
            notes.correct_note(session, actor, desk, note.id, "x", now=NOW)


class TestWhoReads:
    def test_a_close_note_is_for_those_who_work_with_her(self, session, actor, desk, make):
        notes.write_note(session, actor, desk, said("Nära", secrecy=Secrecy.CLOSE), **WHEN)
        reader = Desk("participant", desk.about_id, desk.unit_id, may_write=False, sees_close=False)
        other = make.actor(Role.UNIT_MANAGER)
        assert notes.list_notes(session, other, reader).notes == []
        (hidden,) = notes.list_notes(session, actor, desk).notes
        with pytest.raises(NotFound):
            notes.get_note(session, other, reader, hidden.id)

    def test_reading_is_logged_with_the_ids_shown(self, session, actor, desk, note):
        notes.list_notes(session, actor, desk)
        session.commit()
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "note", AuditEvent.action == "list")
        ).one()
        assert event.subjects == [str(note.id)]

    def test_reading_one_note_is_logged_as_well(self, session, client_as, worker, samira, note):
        client_as(worker).get(f"/participants/{samira.alias}/notes/{note.id}")
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "note", AuditEvent.action == "read")
        ).one()
        assert (event.object_id, event.subjects) == (str(note.id), [str(samira.id)])

    def test_more_notes_do_not_cost_more_queries(self, session, actor, desk, note, queries):
        with queries() as few:
            notes.list_notes(session, actor, desk)
        for _ in range(5):
            notes.write_note(session, actor, desk, said(), **WHEN)
        session.flush()
        with queries() as many:
            notes.list_notes(session, actor, desk)
        assert many.total == few.total


class TestPages:
    def today(self):
        return local_date(db.utcnow())

    def test_a_note_is_written_and_stands_in_the_timeline(self, client_as, worker, samira):
        client, path = client_as(worker), f"/participants/{samira.alias}/notes"
        page = client.post(
            path, data={"happened": "Provade köket.", "minutes": "30"}, follow_redirects=True
        )
        assert "Provade köket." in page.get_data(as_text=True)
        assert "30 min" in page.get_data(as_text=True)

    def test_a_wrong_form_keeps_what_was_written(self, client_as, worker, samira):
        client, path = client_as(worker), f"/participants/{samira.alias}/notes"
        page = client.post(path, data={"agreed": "Fika", "happened_on": "2026-13-01"})
        assert page.status_code == 422
        assert "Fika" in page.get_data(as_text=True)
        assert "Skriv vad som hände." in page.get_data(as_text=True)

    def test_two_tabs_show_both_texts(self, client_as, worker, samira, session):
        client, path = client_as(worker), f"/participants/{samira.alias}/notes"
        client.post(path, data={"happened": "Först."})
        note = session.scalars(select(Note)).one()
        data = {"happened": "Från telefonen.", "version": "1"}
        assert client.post(f"{path}/{note.id}", data=data).status_code == 303
        page = client.post(f"{path}/{note.id}", data=data | {"happened": "Från datorn."})
        assert page.status_code == 409
        assert "Från telefonen." in page.get_data(as_text=True)
        assert "Från datorn." in page.get_data(as_text=True)

    def test_put_away_and_taken_back_with_one_button(self, client_as, worker, samira, session):
        client, path = client_as(worker), f"/participants/{samira.alias}/notes"
        client.post(path, data={"happened": "Fel person."})
        note = session.scalars(select(Note)).one()
        page = client.post(
            f"{path}/{note.id}/archive", data={"reason": "Fel"}, follow_redirects=True
        )
        assert "Ångra" in page.get_data(as_text=True)
        client.post(f"{path}/{note.id}/undo")
        session.expire_all()
        assert session.get(Note, note.id).archived_at is None

    def test_a_colleague_and_a_supervisor_are_refused(self, client_as, samira):
        for role in (Role.CASE_WORKER, Role.SUPERVISOR, Role.EMPLOYER_LIAISON):
            assert client_as(role).get(f"/participants/{samira.alias}/notes").status_code == 403

    def test_a_manager_with_a_reason_reads_and_does_not_write(
        self, client_as, make, samira, session
    ):
        manager = make.user(role=Role.UNIT_MANAGER)
        read_with_reason(
            session, make.actor(user=manager), samira, reason="Klagomål", today=self.today()
        )
        client, path = client_as(manager), f"/participants/{samira.alias}/notes"
        assert 'name="happened"' not in client.get(path).get_data(as_text=True)
        assert client.post(path, data={"happened": "x"}).status_code == 403

    def test_of_somebody_protected_only_her_handlers_find_the_notes(
        self, client_as, worker, actor, samira, session, make
    ):
        manager = make.user(role=Role.UNIT_MANAGER)
        read_with_reason(
            session, make.actor(user=manager), samira, reason="Klagomål", today=self.today()
        )
        protection.protect(session, actor, samira.id, today=self.today())
        session.commit()
        path = f"/participants/{samira.alias}/notes"
        assert client_as(worker).get(path).status_code == 200
        assert client_as(manager).get(path).status_code == 404

    def test_an_employers_notes_say_that_they_may_become_public(self, client_as, make):
        employer = make.employer()
        client, path = client_as(Role.EMPLOYER_LIAISON), f"/employers/{employer.id}/notes"
        assert "allmän handling" in client.get(path).get_data(as_text=True)
        page = client.post(path, data={"happened": "De tar emot tre."}, follow_redirects=True)
        assert "De tar emot tre." in page.get_data(as_text=True)
        elsewhere = make.user(role=Role.EMPLOYER_LIAISON, unit_id=make.unit(name="Annan").id)
        assert client_as(elsewhere).get(path).status_code == 404
