"""Papers: put up whole or not at all, as secret as what they are about, taken away with a why."""

from __future__ import annotations

import multiprocessing
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from matchsvc import db, secrecy
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.config import DEVELOPMENT_KEYS, Config
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.jobs import all_jobs, run_job
from matchsvc.secrecy import SecrecyError
from matchsvc.workday import papers
from matchsvc.workday.notes import Desk
from matchsvc.workday.paper_checks import check_file
from matchsvc.workday.paper_models import Paper, PaperContent, PaperKind
from matchsvc.workday.papers import About
from tests.factories import TODAY, Make
from tests.workday import paper_files as files

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}
PDF = check_file(files.pdf())


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


@pytest.fixture
def paper(session, actor, desk):
    return papers.put_up(session, actor, desk, said(), PDF, **WHEN)


def said(**more):
    values = {"title": "Beslut om praktik", "dated": TODAY, "file_name": "../../beslut.exe"}
    return About(**{"kind": PaperKind.DECISION} | values | more)


def counted(session, table=Paper):
    return session.scalar(select(func.count()).select_from(table))


class TestPuttingUp:
    def test_it_keeps_what_it_is_and_a_name_that_leads_nowhere(self, paper, actor):
        assert (paper.file_name, paper.pages, paper.size) == ("beslut.pdf", 1, len(PDF.content))
        assert (paper.put_up_by_id, paper.put_up_at) == (actor.user_id, NOW)

    def test_its_bytes_are_sealed_where_they_lie_and_open_for_who_may(
        self, session, actor, desk, paper
    ):
        sealed = session.scalar(select(PaperContent.sealed))
        assert b"PDF" not in sealed
        assert papers.open_paper(session, actor, desk, paper.id) == (paper, PDF.content)

    def test_its_words_are_sealed_too(self, session, paper):
        stored = session.connection().exec_driver_sql("select title, file_name from paper").one()
        assert "eslut" not in "".join(stored)

    def test_the_bytes_of_one_paper_do_not_open_as_anothers(self, session, actor, desk, paper):
        other = check_file(files.pdf(pages=2))
        second = papers.put_up(session, actor, desk, said(), other, **WHEN)
        kept = session.get(PaperContent, paper.id)
        kept.sealed = session.get(PaperContent, second.id).sealed
        session.flush()
        with pytest.raises(SecrecyError):
            papers.open_paper(session, actor, desk, paper.id)

    def test_the_same_file_a_second_time_is_one_paper(self, session, actor, desk, paper):
        again = papers.put_up(session, actor, desk, said(title="Igen"), PDF, **WHEN)
        assert again.id == paper.id
        assert counted(session) == counted(session, PaperContent) == 1

    def test_the_same_file_about_something_else_is_another(self, session, actor, make, paper):
        employer = make.employer()
        other = Desk("employer", employer.id, employer.unit_id, may_write=True, sees_close=True)
        assert papers.put_up(session, actor, other, said(), PDF, **WHEN).id != paper.id

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"kind": PaperKind.OTHER, "title": "  "}, "title"),
            ({"title": "Gäller 19811228-9874"}, "title"),
            ({"note": "19811228-9874"}, "note"),
            ({"dated": TODAY + timedelta(days=1)}, "dated"),
        ],
    )
    def test_what_cannot_be_said_of_it_is_refused(self, session, actor, desk, wrong, field):
        with pytest.raises(Invalid) as error:
            papers.put_up(session, actor, desk, said(**wrong), PDF, **WHEN)
        assert set(error.value.fields) == {field}
        assert counted(session) == 0

    def test_a_file_name_that_tells_who_somebody_is_is_not_kept(self, session, actor, desk):
        about = said(file_name="19811228-9874 beslut.pdf")
        paper = papers.put_up(session, actor, desk, about, PDF, **WHEN)
        assert paper.file_name == "papper.pdf"

    def test_who_may_only_read_puts_nothing_up_and_takes_nothing_away(
        self, session, actor, samira, paper
    ):
        reader = Desk("participant", samira.id, samira.unit_id, may_write=False, sees_close=False)
        with pytest.raises(Refused):
            papers.put_up(session, actor, reader, said(), PDF, **WHEN)
        with pytest.raises(Refused):
            papers.take_away(session, actor, reader, paper.id, reason="x", now=NOW)
        with pytest.raises(Refused):
            papers.undo_taking_away(session, actor, reader, paper.id, now=NOW)

    def test_it_is_found_only_through_what_it_is_about(self, session, actor, make, paper):
        employer = make.employer()
        other = Desk("employer", employer.id, employer.unit_id, may_write=True, sees_close=True)
        with pytest.raises(NotFound):
            papers.open_paper(session, actor, other, paper.id)


class TestReading:
    def test_a_list_never_loads_the_bytes(self, session, actor, desk, paper, queries):
        with queries() as count:
            found = papers.list_papers(session, actor, desk)
        assert [each.id for each in found.papers] == [paper.id]
        assert not any("paper_content" in each for each in count.statements)

    def test_each_look_is_logged(self, session, actor, desk, paper):
        papers.list_papers(session, actor, desk)
        papers.read_paper(session, actor, desk, paper.id)
        papers.open_paper(session, actor, desk, paper.id)
        papers.open_paper(session, actor, desk, paper.id, how="export")
        session.commit()
        logged = select(AuditEvent.action).where(AuditEvent.object_type == "paper")
        actions = session.scalars(logged.order_by(AuditEvent.id)).all()
        assert actions == ["create", "list", "read", "open", "export"]


class TestTakingAway:
    def take_away(self, session, actor, desk, paper, reason="Fel person"):
        return papers.take_away(session, actor, desk, paper.id, reason=reason, now=NOW)

    @pytest.mark.parametrize("reason", [" ", "Hör till 19811228-9874"])
    def test_without_a_reason_or_with_a_number_in_it_it_stays(
        self, session, actor, desk, paper, reason
    ):
        with pytest.raises(Invalid):
            self.take_away(session, actor, desk, paper, reason)
        assert paper.taken_away_at is None

    def test_it_is_in_no_list_and_does_not_open(self, session, actor, desk, paper):
        self.take_away(session, actor, desk, paper)
        assert papers.list_papers(session, actor, desk).papers == []
        assert papers.list_papers(session, actor, desk, taken_away=True).papers == [paper]
        with pytest.raises(RuleViolation):
            papers.open_paper(session, actor, desk, paper.id)

    def test_ten_minutes_it_is_brought_back_whole(self, session, actor, desk, paper):
        self.take_away(session, actor, desk, paper)
        late = NOW + timedelta(minutes=10)
        assert papers.erase_taken_away(session, actor, now=late) == 0
        papers.undo_taking_away(session, actor, desk, paper.id, now=late)
        assert papers.open_paper(session, actor, desk, paper.id)[1] == PDF.content

    def test_after_that_the_bytes_are_gone_and_who_and_why_remain(
        self, session, actor, desk, paper
    ):
        self.take_away(session, actor, desk, paper)
        late = NOW + timedelta(minutes=10, seconds=1)
        assert papers.erase_taken_away(session, actor, now=late) == 1
        assert papers.erase_taken_away(session, actor, now=late) == 0
        assert counted(session, PaperContent) == 0
        assert (paper.taken_away_reason, paper.file_name, paper.note) == ("Fel person", "", None)
        with pytest.raises(RuleViolation):
            papers.undo_taking_away(session, actor, desk, paper.id, now=late)

    def test_nobody_else_takes_it_back(self, session, make, actor, desk, paper):
        self.take_away(session, actor, desk, paper)
        with pytest.raises(RuleViolation):
            papers.undo_taking_away(session, make.actor(), desk, paper.id, now=NOW)

    def test_the_same_file_can_be_put_up_again(self, session, actor, desk, paper):
        self.take_away(session, actor, desk, paper)
        again = papers.put_up(session, actor, desk, said(), PDF, **WHEN)
        assert again.id != paper.id

    def test_the_scheduler_erases_what_is_due(self, session, config, actor, desk, paper):
        self.take_away(session, actor, desk, paper)
        session.commit()
        assert all_jobs()["erase_papers"].every == 60
        assert run_job("erase_papers", config, TODAY) == 1


def _die_with_a_paper_half_way(url, desk, actor):
    secrecy.use(Config(encryption_keys=DEVELOPMENT_KEYS).keys)
    db.connect(url)
    with db.begin() as session:
        papers.put_up(session, actor, desk, said(), PDF, **WHEN)
        os._exit(9)  # as if the machine lost its power


class TestAtTheWrongMoment:
    """On a database of its own: these need more than one transaction or process."""

    @pytest.fixture
    def own(self, engine, fresh_url):
        url = fresh_url
        own = db.connect(url)
        with db.begin() as session:
            make = Make(session)
            worker = make.user()
            person = make.participant(worker)
            desk = Desk("participant", person.id, person.unit_id, may_write=True, sees_close=True)
            actor = make.actor(user=worker)
        yield url, desk, actor
        own.dispose()
        db.bind(engine)

    @pytest.mark.sqlite_only
    def test_a_process_that_is_killed_leaves_no_half_paper(self, own):
        dying = multiprocessing.get_context("spawn").Process(
            target=_die_with_a_paper_half_way, args=own
        )
        dying.start()
        dying.join(60)
        assert dying.exitcode == 9
        with db.read() as session:
            assert counted(session) == counted(session, PaperContent) == 0

    @pytest.mark.sqlite_only
    @pytest.mark.parametrize(("is_same", "kept"), [(True, 1), (False, 2)])
    def test_two_at_once_both_stand_unless_it_is_the_same_file(self, own, is_same, kept):
        _, desk, actor = own
        given = [PDF, PDF if is_same else check_file(files.picture())]
        both = threading.Barrier(2)

        def put_up(file):
            both.wait()
            with db.begin() as session:
                papers.put_up(session, actor, desk, said(), file, **WHEN)

        threads = [threading.Thread(target=put_up, args=[file]) for file in given]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with db.read() as session:
            assert counted(session) == counted(session, PaperContent) == kept
