"""Gaps between groups: what is counted, what is compared, and that nobody is pointed out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from matchsvc.accounts.models import Role
from matchsvc.activities.models import Activity, ActivityGroup, ActivityKind, GroupMember
from matchsvc.errors import Invalid, Refused, RuleViolation
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.mapping_models import Orientation, SupportOrientation
from matchsvc.participants.models import BirthRegion, CompetenceTalk, LearnedWhere, Sex
from matchsvc.participants.plan_models import MeasureState, Plan, PlanMeasure, Responsible
from matchsvc.reports import occupations
from matchsvc.reports.counts import Period
from matchsvc.reports.funnel import GROUPS, Compared
from matchsvc.reports.gap_counts import Amount
from matchsvc.reports.gaps import gap_report, mean_gap, needs_of, ratio_of_means, share_gap
from matchsvc.reports.suppression import LEAST
from matchsvc.workday.meeting_models import Attendance, Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.note_models import Note, NoteCategory
from tests.reports.factories import Facts

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
OURS, THEIRS = ("woman", "outside_europe"), ("man", "sweden")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def manager(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def enrol(session, make, unit):
    """Enrol so many people of one kind; gives them with their outcome keys."""
    facts = Facts(session, unit.id)

    def enrolled(count, kind=OURS, *, on=date(2026, 2, 2)):
        people = [
            make.participant(sex=Sex(kind[0]), birth_region=BirthRegion(kind[1]), with_case=False)
            for _ in range(count)
        ]
        for person in people:
            case = make.case(person, enrolled_on=on)
            key = [(person.outcome_key, case.outcome_key, *kind)]
            facts.enrolled(key, on)
            person.told = (facts, key)
        return people

    return enrolled


def of(report, name):
    return next(gap for gap in report.gaps if gap.name == name)


def test_the_share_whose_mapping_is_signed_is_set_beside_everybody_elses(session, manager, enrol):
    for person in enrol(20)[:10]:
        facts, key = person.told
        facts.add(key, OutcomeKind.MAPPED, date(2026, 3, 1))
    for person in enrol(30, THEIRS)[:24]:
        facts, key = person.told
        facts.add(key, OutcomeKind.MAPPED, date(2026, 3, 1))
    gap = of(gap_report(session, manager, YEAR), "mapping_signed")
    ours, theirs = gap.shares["foreign_born_women"], gap.shares["others_than_foreign_born_women"]
    assert (ours.n, ours.of, theirs.n, theirs.of) == (10, 20, 24, 30)
    assert gap.ratios["foreign_born_women"].value == pytest.approx(0.5 / 0.8)


def test_who_has_nothing_noted_counts_in_the_mean(session, make, manager, enrol):
    people = enrol(20)
    for person in people[:10]:
        make.competence(person, None, own_words="Kan", learned_where=LearnedWhere.CARE)
        make.competence(person, None, own_words="Kan", learned_where=LearnedWhere.EDUCATION)
    enrol(20, THEIRS)
    report = gap_report(session, manager, Period(date(2026, 1, 1), date(2099, 12, 31)))
    assert of(report, "competences_mapped").means["foreign_born_women"].value == 1
    assert of(report, "informal_captured").means["foreign_born_women"].value == 0.5
    assert of(report, "informal_captured").ratios["foreign_born_women"] is None


def test_an_area_of_the_talk_that_was_skipped_was_not_asked_about(session, make, manager, enrol):
    people = enrol(30)
    for number, person in enumerate(people):
        status = "done" if number < 12 else "skipped"
        make.save(
            CompetenceTalk(
                participant_id=person.id, area="skola", held_on=date(2026, 3, 1),
                areas={"skola": {"at": 0, "status": status}},
            )
        )  # fmt: skip
    report = gap_report(session, manager, Period(date(2026, 1, 1), date(2099, 12, 31)))
    assert of(report, "asked_about_school").shares["women"].n == 12


def met(make, unit, owner, person, minutes, day=NOON, **values):
    meeting = Meeting(
        unit_id=unit.id, owner_id=owner.id, starts_at=day, ends_at=day + timedelta(hours=1),
        closed_at=day, minutes_spent=minutes, **{"kind": "individual_talk"} | values,
    )  # fmt: skip
    meeting.people = [
        MeetingPerson(
            position=1, party=Party.PARTICIPANT, ref_id=person.id, attendance=Attendance.CAME
        )
    ]
    return make.save(meeting)


def noted(make, unit, author, person, minutes, day=NOON):
    return make.save(
        Note(
            unit_id=unit.id, about_type="participant", about_id=person.id, author_id=author.id,
            written_at=day, happened_on=day.date(), category=NoteCategory.OTHER,
            minutes=minutes, happened="Samtal",
        )
    )  # fmt: skip


def test_a_talk_that_was_logged_twice_counts_once_and_a_groups_time_is_nobodys(
    session, make, unit, manager, enrol
):
    staff = [make.user(unit=unit) for _ in range(3)]
    for number, person in enumerate(enrol(10)):
        met(make, unit, staff[number % 3], person, 60)
        noted(make, unit, staff[number % 3], person, 45)
        noted(make, unit, staff[number % 3], person, 15, NOON + timedelta(days=3))
        met(make, unit, staff[0], person, 180, NOON + timedelta(days=5), kind="workshop")
    report = gap_report(session, manager, YEAR)
    assert of(report, "talk_minutes").means["women"].value == 75


def test_time_of_fewer_than_three_colleagues_is_not_shown(session, make, unit, manager, enrol):
    colleague = make.user(unit=unit)
    for person in enrol(10):
        met(make, unit, colleague, person, 60)
    report = gap_report(session, manager, YEAR)
    assert report.is_time_hidden
    assert of(report, "talk_minutes").means["all"].value is None


def plan(make, unit, person, *, signed=date(2026, 4, 1), number=1, **measure):
    row = Plan(
        participant_id=person.id, case_id=person.cases[0].id, unit_id=unit.id, number=number,
        goals="Arbete", written_by_id=make.user(unit=unit).id, signed_on=signed,
    )  # fmt: skip
    what = {"activity": "guidance", "responsible": Responsible.OTHER, "position": 1} | measure
    row.measures = [PlanMeasure(what="Samtal", due_on=date(2026, 6, 1), **what)]
    return make.save(row)


def test_a_referral_counts_once_however_often_the_plan_is_signed_anew(
    session, make, unit, manager, enrol
):
    for person in enrol(10):
        session.refresh(person, ["cases"])
        thread = uuid4()
        plan(make, unit, person, thread_id=thread)
        plan(make, unit, person, thread_id=thread, number=2, signed=date(2026, 5, 1))
    report = gap_report(session, manager, YEAR)
    assert of(report, "referrals_per_100").means["women"].value == 100


def proposed(make, unit, person, occupation, on=date(2026, 3, 1)):
    """A proposal for a place in an occupation, with its outcome event."""
    proposal = make.save(
        Proposal(
            unit_id=unit.id, participant_id=person.id,
            offer_id=make.offer(occupation_id=occupation).id, state=ProposalState.DRAFTED,
            explanation={}, weights_version="v1", proposed_by_id=make.user(unit=unit).id,
            proposed_on=on, reason="Passar",
        )
    )  # fmt: skip
    facts, key = person.told
    facts.add(key, OutcomeKind.PROPOSED, on, source_id=proposal.id)


def test_a_proposal_outside_the_typical_is_one_in_an_occupation_with_few_of_ones_own_sex(
    session, make, unit, manager, enrol
):
    women, men = enrol(20), enrol(20, THEIRS)
    for number, person in enumerate(women):
        proposed(make, unit, person, "yrke-stadare" if number < 12 else "yrke-snickare")
    for number, person in enumerate(men):
        proposed(make, unit, person, "yrke-snickare" if number < 10 else "yrke-stadare")
    for person in enrol(6):  # an occupation without a figure, and one that is even
        proposed(make, unit, person, "yrke-koksmastare")
    gap = of(gap_report(session, manager, YEAR), "proposed_outside_typical")
    ours, theirs = gap.shares["foreign_born_women"], gap.shares["others_than_foreign_born_women"]
    assert (ours.n, ours.of, theirs.n, theirs.of) == (8, 20, 10, 20)
    assert gap.ratios["foreign_born_women"].value == pytest.approx(0.8)


def test_an_even_occupation_is_listed_and_is_nobodys_exception():
    assert "5120" in occupations.listed()
    assert "5120" not in {*occupations.with_few("woman"), *occupations.with_few("man")}
    assert "7111" in occupations.with_few("woman")
    assert "9111" in occupations.with_few("man")


def judge(make, person, orientation, on=date(2026, 3, 1)):
    by = make.user()
    return make.save(
        SupportOrientation(
            participant_id=person.id, orientation=orientation, set_on=on, set_by_id=by.id
        )
    )


def test_only_what_is_meant_for_the_judged_need_counts_as_given(
    session, make, unit, manager, enrol
):
    def group(*orientations):
        activity = make.save(
            Activity(
                unit_id=unit.id, name="A", sort_key="a", kind=ActivityKind.OTHER, minutes=60,
                orientations=list(orientations),
            )
        )  # fmt: skip
        leader = make.user(unit=unit)
        return make.save(
            ActivityGroup(
                unit_id=unit.id, activity_id=activity.id, name="G", leader_id=leader.id, capacity=99
            )
        )

    fitting, everybody = group("guidance"), group()
    for kind in (OURS, THEIRS):
        for number, person in enumerate(enrol(20, kind)):
            judge(make, person, Orientation.GUIDANCE)
            chosen = fitting if number < 10 else everybody
            make.save(
                GroupMember(
                    group_id=chosen.id, participant_id=person.id, asked_at=NOON,
                    joined_on=date(2026, 3, 5),
                )
            )  # fmt: skip
            if number == 10 and kind == OURS:
                session.refresh(person, ["cases"])
                plan(
                    make, unit, person, state=MeasureState.DONE, state_on=date(2026, 5, 1),
                    responsible=Responsible.PERSON,
                )  # fmt: skip
    need = {each.orientation: each for each in gap_report(session, manager, YEAR).needs}
    guided = need[Orientation.GUIDANCE]
    assert (guided.given["foreign_born_women"].n, guided.given["foreign_born_women"].of) == (11, 20)
    assert guided.given["others_than_foreign_born_women"].n == 10
    assert guided.ratios["foreign_born_women"].value == pytest.approx(1.1)


def test_the_latest_judgement_holds(session, make, manager, enrol):
    for person in enrol(20):
        judge(make, person, Orientation.MAPPING)
        judge(make, person, Orientation.GUIDANCE, date(2026, 4, 1))
    enrol(20, THEIRS)
    need = {each.orientation: each for each in gap_report(session, manager, YEAR).needs}
    assert need[Orientation.MAPPING].assessed["women"].n == 0
    assert need[Orientation.GUIDANCE].assessed["women"].n == 20


def test_what_cannot_be_asked_for_is_refused(session, make, manager):
    with pytest.raises(RuleViolation):
        gap_report(session, manager, Period(date(2026, 1, 1), date(2026, 1, 31)))
    with pytest.raises(Invalid):
        gap_report(session, manager, Period(date(2026, 5, 1), date(2026, 1, 31)))
    with pytest.raises(Refused):
        gap_report(session, make.actor(Role.SUPERVISOR), YEAR)


def test_the_interval_of_a_ratio_of_means_is_that_of_the_formula():
    ours, theirs = Amount(4, 8, 20), Amount(4, 16, 72)
    ratio = ratio_of_means(ours, 4, theirs, 4)
    assert ratio.value == 0.5
    # Variances 4/3 and 8/3 of means 2 and 4: relative variances 1/12 and 1/24.
    assert ratio.interval.low == pytest.approx(0.5 / 2.7183 ** (1.95996 * (1 / 8) ** 0.5), rel=1e-4)


KINDS = [
    (sex, region)
    for sex in ("woman", "man", "unknown")
    for region in ("sweden", "europe", "outside_europe", "unknown")
]
people = some.dictionaries(
    some.sampled_from(KINDS), some.tuples(*[some.integers(0, 12)] * 4), min_size=1
)


def is_small(value):
    return 0 < value < LEAST.count


@given(people)
def test_no_two_shown_groups_differ_by_a_few(town):
    everybody = {kind: sum(parts) for kind, parts in town.items()}
    have = {kind: Amount(parts[0], 3 * parts[0], 9 * parts[0]) for kind, parts in town.items()}
    share = share_gap("mapping_signed", have, everybody, LEAST)
    mean = mean_gap("competences_mapped", have, everybody, LEAST)
    for shown in (
        {group: each.n for group, each in share.shares.items() if each.n is not None},
        {g: round(m.value * m.of / 3) for g, m in mean.means.items() if m.value is not None},
    ):
        assert not any(map(is_small, shown.values()))
        for group, other in combinations(shown, 2):
            inner = {kind for kind in everybody if GROUPS[group](kind) and everybody[kind]}
            outer = {kind for kind in everybody if GROUPS[other](kind) and everybody[kind]}
            if inner < outer or outer < inner:
                assert not is_small(abs(shown[group] - shown[other]))


@given(people)
def test_every_part_of_a_compared_group_is_large_enough_or_the_group_is_not_there(town):
    everybody = {kind: sum(parts) for kind, parts in town.items()}
    assessed = {
        each: {kind: parts[place] for kind, parts in town.items()}
        for place, each in enumerate(Orientation)
    }
    needs = needs_of(everybody, assessed, assessed, LEAST)
    for group in needs[0].assessed:
        for place in range(4):
            persons = sum(parts[place] for kind, parts in town.items() if GROUPS[group](kind))
            assert not is_small(persons)
    assert [need.orientation for need in needs] == [*Orientation, None]


def test_the_page_tells_the_gap_and_says_when_there_are_too_few(session, client_as, make, enrol):
    manager = make.user(Role.UNIT_MANAGER)
    for person in enrol(30)[:10]:
        facts, key = person.told
        facts.add(key, OutcomeKind.MAPPED, date(2026, 3, 1))
    for person in enrol(30, THEIRS)[:25]:
        facts, key = person.told
        facts.add(key, OutcomeKind.MAPPED, date(2026, 3, 1))
    session.commit()
    client = client_as(manager)
    page = client.get("/reports/gaps?from=2026-01&to=2026-12").text
    assert "Utrikes födda kvinnor har lägre tal än andra" in page
    assert "Kartläggningen är underskriven" in page
    empty = client.get("/reports/gaps?from=2020-01&to=2020-12").text
    assert "för få personer för att jämföra" in empty
    refused = client.get("/reports/gaps?from=2026-01&to=2026-01")
    assert refused.status_code == 409


def test_a_program_gets_the_same_figures_with_hidden_ones_marked(session, client_as, make, enrol):
    manager = make.user(Role.UNIT_MANAGER)
    enrol(12)
    enrol(3, THEIRS)
    session.commit()
    answer = client_as(manager).get("/api/v1/reports/gaps?from=2026-01-01&to=2026-12-31")
    assert answer.status_code == 200
    assert answer.json["people"]["others_than_women"] == {"suppressed": True}
    assert set(answer.json["gaps"][0]["ratios"]) == {each.value for each in Compared}
