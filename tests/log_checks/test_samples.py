"""Samples of the log: among which rows, drawn by chance that can be repeated, judged by others."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.log_checks import due, rules
from matchsvc.log_checks.frames import chosen, population
from matchsvc.log_checks.models import AuditSample, AuditSampleLine, Outcome, SampleKind
from matchsvc.participants.access import read_with_reason
from matchsvc.participants.models import Capacity, Involvement
from matchsvc.workday.models import Task
from tests.factories import COMMAND, TODAY

FROM, UNTIL = date(2026, 10, 1), date(2026, 10, 31)
NOON = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def town(make):
    """A worker with her participant, a colleague with hers, a protected person, two who check."""
    mona, per = make.user(name="Mona Lind"), make.user(name="Per Ask")
    hidden = make.participant(mona, protected=True)
    return SimpleNamespace(
        mona=mona,
        per=per,
        hers=make.participant(mona),
        his=make.participant(per),
        hidden=hidden,
        auditor=make.actor(Role.AUDITOR, name="Birgitta Hallin"),
        manager=make.actor(Role.UNIT_MANAGER, name="Karin Sund"),
        unit=make.unit().id,
    )


@pytest.fixture
def read(make):
    """Write a row of the log, as a page does; gives its number."""

    def write(user, *people, action="read", at=NOON, request_id=None, **values):
        one = str(people[0].id) if len(people) == 1 else None
        defaults = {
            "at": at, "actor": f"user:{user.id}", "action": action, "object_type": "participant",
            "object_id": one, "subjects": [str(each.id) for each in people], "fields": [],
            "reason": None, "request_id": request_id or uuid4().hex,
        }  # fmt: skip
        return make.save(AuditEvent(**defaults | values)).id

    return write


def among(session, town, kind):
    return population(session, town.unit, kind, FROM, UNTIL)


def draw(session, town, kind=SampleKind.RANDOM, size=10, actor=None, **changes):
    given = {"seed": "5eed", "today": TODAY, "now": NOW} | changes
    return rules.draw(session, actor or town.auditor, kind, size, FROM, UNTIL, **given)


def lines_of(session, sample):
    found = select(AuditSampleLine).where(AuditSampleLine.sample_id == sample.id)
    return list(session.scalars(found.order_by(AuditSampleLine.number)))


class TestAmongWhat:
    def test_random_is_every_opening_of_the_period_by_the_units_staff(
        self, session, make, town, read
    ):
        stranger = make.user(unit=make.unit(name="Grannens enhet"))
        own = read(town.mona, town.hers)
        a_list = read(town.per, town.hers, town.his, action="list", object_id=None)
        read(stranger, town.hers)
        read(town.mona, town.hers, at=NOON + timedelta(days=30))
        read(town.mona, action="read", object_type="employer", object_id=str(uuid4()))
        read(town.mona, town.hers, action="change")
        read(town.mona, town.hers, object_type="audit_sample")
        assert among(session, town, SampleKind.RANDOM) == [own, a_list]

    def test_rows_of_one_request_are_one_opening(self, session, town, read):
        first = read(town.mona, town.hers, request_id="r1")
        read(town.mona, town.hers, request_id="r1", object_type="plan")
        other = read(town.per, town.hers, request_id="r1")
        assert among(session, town, SampleKind.RANDOM) == [first, other]

    def test_the_days_are_stockholms(self, session, town, read):
        read(town.mona, town.hers, at=datetime(2026, 9, 30, 21, 59, tzinfo=UTC))
        first = read(town.mona, town.hers, at=datetime(2026, 9, 30, 22, 0, tzinfo=UTC))
        last = read(town.mona, town.hers, at=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
        read(town.mona, town.hers, at=datetime(2026, 10, 31, 23, 0, tzinfo=UTC))
        assert among(session, town, SampleKind.RANDOM) == [first, last]

    def test_outside_is_one_persons_record_by_somebody_who_does_not_work_with_her(
        self, session, town, read
    ):
        read(town.mona, town.hers)
        curious = read(town.per, town.hers)
        read(town.per, town.hers, town.his, action="list", object_id=None)
        assert among(session, town, SampleKind.OUTSIDE) == [curious]

    def test_outside_is_also_after_the_work_has_ended_and_with_a_reason(
        self, session, make, town, read
    ):
        lena = make.user(Role.UNIT_MANAGER)
        for user, capacity in (
            (town.per, Capacity.SUPERVISOR), (lena, Capacity.READING_WITH_REASON),
        ):  # fmt: skip
            make.save(
                Involvement(
                    participant_id=town.hers.id, user_id=user.id, capacity=capacity,
                    until=NOON.date(),
                )
            )  # fmt: skip
        read(town.per, town.hers)
        later = read(town.per, town.hers, at=NOON + timedelta(days=1))
        with_reason = read(lena, town.hers)
        assert among(session, town, SampleKind.OUTSIDE) == [later, with_reason]

    def test_protected_is_whatever_showed_a_protected_person(self, session, town, read):
        read(town.mona, town.hers)
        alone = read(town.mona, town.hidden)
        in_a_list = read(town.mona, town.hers, town.hidden, action="list", object_id=None)
        assert among(session, town, SampleKind.PROTECTED) == [alone, in_a_list]

    def test_volume_is_the_days_far_above_somebodys_own_median(self, session, town, read):
        for day in range(1, 11):  # Mona reads 5 a day, and on the last day 15
            for _ in range(5):
                read(town.mona, town.hers, at=NOON - timedelta(days=day))
        unusual = [read(town.mona, town.hers) for _ in range(15)]
        for day in range(10):  # Per reads 20 each day: that is his usual
            for _ in range(20):
                read(town.per, town.his, at=NOON - timedelta(days=day))
        assert among(session, town, SampleKind.VOLUME) == unusual

    def test_volume_looks_at_what_was_usual_before_the_period(self, session, town, read):
        for day in range(20, 40):
            read(town.mona, town.hers, at=NOON - timedelta(days=day))
        unusual = [read(town.mona, town.hers) for _ in range(15)]
        assert among(session, town, SampleKind.VOLUME) == unusual

    def test_a_few_more_than_hardly_any_is_not_unusual(self, session, town, read):
        for _ in range(14):
            read(town.mona, town.hers)
        for day in range(1, 5):
            read(town.mona, town.hers, at=NOON - timedelta(days=day))
        assert among(session, town, SampleKind.VOLUME) == []

    def test_refused_is_what_nobody_got_to_see(self, session, town, read):
        read(town.mona, town.hers)
        refused = read(town.per, action="refused", object_type="participants.show", object_id="D-1")
        assert among(session, town, SampleKind.REFUSED) == [refused]

    def test_break_glass_is_a_case_opened_with_a_reason(self, session, make, town):
        lena = make.actor(Role.UNIT_MANAGER)
        read_with_reason(session, lena, town.hers, reason="Klagomål", today=TODAY)
        session.commit()
        (opened,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "involve"))
        opened.at = NOON
        session.flush()
        assert among(session, town, SampleKind.BREAK_GLASS) == [opened.id]


class TestDrawing:
    def test_the_seed_draws_the_same_rows_again(self, session, town, read):
        for _ in range(40):
            read(town.mona, town.hers)
        sample = draw(session, town, size=7)
        drawn = [line.event_id for line in lines_of(session, sample)]
        assert len(set(drawn)) == 7
        assert drawn == sorted(drawn)
        assert drawn == chosen(among(session, town, SampleKind.RANDOM), "5eed", 7)
        assert rules.draw_again(session, town.auditor, sample) == rules.Again(40, is_same=True)

    def test_a_row_that_came_or_went_since_is_told(self, session, town, read):
        for _ in range(5):
            number = read(town.mona, town.hers)
        sample = draw(session, town, size=2)
        session.delete(session.get(AuditEvent, number))
        session.flush()
        assert rules.draw_again(session, town.auditor, sample) == rules.Again(4, is_same=False)

    def test_every_row_has_the_same_chance(self):
        counted = Counter(
            number for seed in range(2_000) for number in chosen(range(10), str(seed), 3)
        )
        assert all(500 < counted[number] < 700 for number in range(10))  # 600 expected

    def test_nothing_to_draw_among_is_a_check_that_was_made(self, session, town):
        sample = draw(session, town, SampleKind.REFUSED)
        assert (sample.population, lines_of(session, sample)) == (0, [])

    @pytest.mark.parametrize(
        ("first", "last", "size", "wrong"),
        [
            (FROM, TODAY, 5, "until_on"),
            (UNTIL, FROM, 5, "until_on"),
            (date(2026, 5, 1), date(2026, 10, 1), 5, "until_on"),
            (date(2024, 10, 1), date(2024, 10, 31), 5, "from_on"),
            (FROM, UNTIL, 0, "size"),
            (FROM, UNTIL, 101, "size"),
        ],
    )
    def test_a_draw_that_cannot_be_is_refused(self, session, town, first, last, size, wrong):
        with pytest.raises(Invalid) as refused:
            rules.draw(
                session, town.auditor, SampleKind.RANDOM, size, first, last,
                seed="x", today=TODAY, now=NOW,
            )  # fmt: skip
        assert set(refused.value.fields) == {wrong}

    @pytest.mark.parametrize("role", [role for role in Role if role not in rules.REVIEWERS])
    def test_only_managers_and_auditors_draw(self, session, make, town, role):
        with pytest.raises(Refused):
            draw(session, town, actor=make.actor(role))


class TestJudging:
    def judge(self, session, town, sample, outcome=Outcome.IN_ORDER, words="", **changes):
        given = {"now": NOW, "actor": town.auditor, "number": 1} | changes
        actor, number = given.pop("actor"), given.pop("number")
        return rules.judge(session, actor, sample.id, number, outcome, words, **given)

    def test_it_is_noted_by_whom_and_when(self, session, town, read):
        read(town.per, town.hers)
        sample = draw(session, town)
        line = self.judge(session, town, sample, Outcome.INVESTIGATE, "Fråga Per varför.")
        assert (line.judged_by_id, line.judged_at) == (town.auditor.user_id, NOW)
        (tally,) = rules.list_samples(session, town.auditor)
        assert (tally.drawn, tally.judged, tally.deviations) == (1, 1, 1)

    def test_who_was_asked_may_be_judged_again(self, session, town, read):
        read(town.per, town.hers)
        sample = draw(session, town)
        self.judge(session, town, sample, Outcome.ASKED, "Frågade Per i dag.")
        self.judge(session, town, sample, Outcome.IN_ORDER)
        (tally,) = rules.list_samples(session, town.auditor)
        assert (tally.judged, tally.asked, tally.deviations) == (1, 0, 0)
        session.commit()
        said = session.scalars(select(AuditEvent.fields).where(AuditEvent.action == "judge"))
        assert list(said) == [["1", "asked"], ["1", "in_order"]]

    def test_nobody_judges_her_own_reading(self, session, make, town, read):
        read(make.session.get(type(town.mona), town.manager.user_id), town.hers)
        sample = draw(session, town)
        with pytest.raises(RuleViolation) as refused:
            self.judge(session, town, sample, actor=town.manager)
        assert refused.value.code == "own_reading"
        assert self.judge(session, town, sample).outcome is Outcome.IN_ORDER

    @pytest.mark.parametrize("outcome", [Outcome.ASKED, Outcome.INVESTIGATE])
    def test_what_is_not_in_order_needs_words(self, session, town, read, outcome):
        read(town.per, town.hers)
        sample = draw(session, town)
        with pytest.raises(Invalid):
            self.judge(session, town, sample, outcome, "  ")

    def test_two_who_judge_at_once_are_told(self, session, town, read):
        read(town.per, town.hers)
        sample = draw(session, town)
        (line,) = lines_of(session, sample)
        version = line.version
        self.judge(session, town, sample, version=version)
        with pytest.raises(Conflict):
            self.judge(session, town, sample, version=version, actor=town.manager)

    def test_another_units_sample_is_unknown(self, session, make, town, read):
        read(town.per, town.hers)
        sample = draw(session, town)
        other = make.actor(Role.AUDITOR, unit=make.unit(name="Grannens enhet"))
        with pytest.raises(NotFound):
            self.judge(session, town, sample, actor=other)
        assert rules.list_samples(session, other) == []

    @pytest.mark.parametrize("number", [0, 2, 10**12])
    def test_a_line_that_is_not_there_is_unknown(self, session, town, read, number):
        read(town.per, town.hers)
        sample = draw(session, town)
        with pytest.raises(NotFound):
            self.judge(session, town, sample, number=number)


class TestLines:
    def test_they_say_who_read_whom_by_alias_and_hide_who_is_protected(self, session, town, read):
        read(town.per, town.hers)
        read(town.mona, town.hidden)
        sample = draw(session, town)
        seen, hidden = rules.read_lines(session, town.auditor, sample)
        assert (seen.reader, seen.alias) == ("Per Ask", town.hers.alias)
        assert (hidden.reader, hidden.alias) == ("Mona Lind", None)

    def test_whom_they_named_is_logged(self, session, town, read):
        read(town.per, town.hers)
        read(town.mona, town.hidden)
        sample = draw(session, town)
        rules.read_lines(session, town.auditor, sample)
        session.commit()
        logged = session.scalar(
            select(AuditEvent).where(
                AuditEvent.object_type == "audit_sample", AuditEvent.action == "read"
            )
        )
        assert logged.subjects == [str(town.hers.id)]

    def test_a_line_stays_when_its_month_is_gone(self, session, town, read):
        number = read(town.per, town.hers)
        sample = draw(session, town)
        session.delete(session.get(AuditEvent, number))
        session.flush()
        (line,) = rules.read_lines(session, town.auditor, sample)
        assert (line.event, line.alias) == (None, None)


class TestDue:
    def owners(self, session):
        found = select(Task.owner_id).where(
            Task.kind == rules.TASK, Task.done_at.is_(None), Task.dropped_reason.is_(None)
        )
        return set(session.scalars(found))

    def test_the_auditor_is_asked_each_month_and_drawing_does_it(self, session, town):
        assert due.ask_for_checks(session, COMMAND, today=TODAY) == 1
        assert self.owners(session) == {town.auditor.user_id}
        draw(session, town, SampleKind.REFUSED)
        assert self.owners(session) == set()
        assert due.ask_for_checks(session, COMMAND, today=TODAY) == 0
        assert due.ask_for_checks(session, COMMAND, today=date(2026, 12, 1)) == 1

    def test_without_an_auditor_the_managers_are_asked(self, session, make, town):
        make.session.get(type(town.mona), town.auditor.user_id).is_active = False
        due.ask_for_checks(session, COMMAND, today=TODAY)
        assert self.owners(session) == {town.manager.user_id}

    def test_the_unit_says_how_often(self, session, make, town):
        make.setting("log_check_months", "3")
        draw(session, town, SampleKind.REFUSED)
        assert due.ask_for_checks(session, COMMAND, today=date(2027, 1, 31)) == 0
        assert due.ask_for_checks(session, COMMAND, today=date(2027, 2, 1)) == 1

    def test_samples_go_with_the_months_that_they_were_drawn_in(self, session, town, read):
        read(town.per, town.hers)
        draw(session, town)
        assert due.forget_old(session, COMMAND, today=date(2028, 11, 30)) == 0
        assert due.forget_old(session, COMMAND, today=date(2028, 12, 1)) == 1
        assert session.scalars(select(AuditSample)).all() == []
        assert session.scalars(select(AuditSampleLine)).all() == []
