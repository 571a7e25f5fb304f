"""The quarterly report: prefilled, noted, frozen for ever, safe for a board, told by a link."""

from __future__ import annotations

import gzip
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as some
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role, User
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.models import MessageState, OutboxMessage, Reach
from matchsvc.messages.preferences import choose
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.models import ExitDestination
from matchsvc.reports import quarterly
from matchsvc.reports.measures import REGISTRY
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.published_figures import read_figures
from matchsvc.reports.publishing import publish_due
from matchsvc.reports.quarterly_content import checksum_of
from matchsvc.reports.quarterly_models import QuarterlyReport, ReportState, ReportSubscription
from matchsvc.reports.quarterly_page import findings_of, sections_of
from matchsvc.reports.quarterly_quality import endings_to_mend, quality_of
from matchsvc.reports.quarterly_sources import (
    DESTINATIONS,
    TO_WORK_OR_STUDIES,
    ended_beside_national,
    endings_of,
    quartiles_of,
    share_of,
    stands_from,
    stands_of,
    values_of,
)
from matchsvc.reports.quarterly_subscriptions import subscribe, subscribes, tell_subscribers
from matchsvc.reports.quarterly_words import FIGURES, SECTIONS, defined_as
from matchsvc.reports.quarters import ended_quarters, quarter_of
from matchsvc.swedish import local_date

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
QUARTER = quarter_of(2026, 3)
INSIDE = date(2026, 8, 14)
BASE = "https://example.org"


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def manager(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def reader(make, unit):
    return make.actor(Role.CASE_WORKER, unit=unit)


@pytest.fixture
def busy(facts, session):
    """A quarter with enough people to say something."""
    women = facts.enrolled(facts.people(60, "woman", "outside_europe"), date(2026, 7, 6))
    men = facts.enrolled(facts.people(60, "man", "sweden"), date(2026, 7, 6))
    facts.placed(women[:30] + men[:40], INSIDE)
    facts.hired(women[:12] + men[:30], date(2026, 9, 1))
    facts.exited(women[12:30] + men[30:50], "studies", date(2026, 9, 15))
    facts.exited(men[50:57], "unknown", date(2026, 9, 15))
    session.flush()
    publish_due(session, today=TODAY, now=NOW)
    return facts


@pytest.fixture
def draft(session, manager):
    return quarterly.begin_report(session, manager, QUARTER, today=TODAY)


def frozen(session, actor, row, **options):
    return quarterly.freeze_report(session, actor, row.id, today=TODAY, now=NOW, **options)


def opened(session, actor, row):
    return quarterly.open_report(session, actor, row.id, today=TODAY)


def note(session, actor, row, section, text, version=1):
    return quarterly.save_notes(session, actor, row.id, {section: (text, version)}, today=TODAY)


# What it says


def test_a_draft_is_filled_in_with_every_figure_of_every_section(session, manager, busy, draft):
    content = opened(session, manager, draft).content
    assert set(content["figures"]) == {key for keys in FIGURES.values() for key in keys}
    assert content["figures"]["started"]["now"] == [120, None, None]
    assert content["figures"]["share_of_hires:foreign_born_women"]["now"][:2] == [12, 42]
    assert content["figures"]["ended_to:studies"]["now"][:2] == [38, 45]
    assert content["figures"]["ended_to:unknown"]["now"][:2] == [7, 45]
    assert content["figures"]["started"]["before"] == [0, None, None]
    assert content["figures"]["started"]["year_ago"] == [None, None, None]  # nothing published
    assert content["figures"]["to_work_or_studies:all"]["now"] == [None, None, None, 67]


def test_the_quarter_before_and_the_same_one_last_year_stand_beside(session, manager, facts):
    for day, count in ((INSIDE, 30), (date(2026, 5, 5), 20), (date(2025, 8, 8), 10)):
        facts.enrolled(facts.people(count), day)
    session.flush()
    publish_due(session, today=TODAY, now=NOW)
    row = quarterly.begin_report(session, manager, QUARTER, today=TODAY)
    figure = opened(session, manager, row).content["figures"]["started"]
    assert [figure[when][0] for when in ("now", "before", "year_ago")] == [30, 20, 10]


def test_every_figure_names_a_measure_and_what_is_counted_here_has_an_entry(
    session, manager, draft
):
    content = opened(session, manager, draft).content
    own = {"ended_to", "days_to_step", "follow_ups_on_time", "stands_at_step", "went_on"}
    assert own <= set(content["definitions"]) <= set(REGISTRY)
    assert {defined_as(key) for keys in FIGURES.values() for key in keys} >= own - {
        "stands_at_step",
        "went_on",
    }


def test_days_from_enrolment_are_told_in_quartiles(session, manager, busy):
    found = values_of(session, manager, QUARTER, read_figures(session, manager))
    assert found["days_to:started"].quartiles == (39, 39, 39)
    assert found["days_to:hired"].n == 42
    assert found["days_to:mapped"].n == 0


def test_a_step_that_was_reached_in_an_earlier_quarter_is_no_time_of_this_one(
    session, manager, facts
):
    people = facts.enrolled(facts.people(8), date(2026, 1, 5))
    facts.placed(people, date(2026, 2, 5))
    facts.placed(people, INSIDE)
    session.flush()
    assert (
        values_of(session, manager, QUARTER, read_figures(session, manager))["days_to:started"].n
        == 0
    )


def test_the_way_says_where_open_cases_stand_and_who_went_on(session, manager, facts):
    facts.enrolled(facts.people(9), date(2026, 1, 5))
    placed = facts.enrolled(facts.people(7), date(2026, 1, 5))
    facts.placed(placed, INSIDE)
    gone = facts.enrolled(facts.people(6), date(2026, 1, 5))
    facts.exited(gone, "studies", INSIDE)
    session.flush()
    stands = {each.step: each for each in stands_of(session, manager, QUARTER)}
    assert stands["enrolled"].here == stands["started"].here == 5  # of nine and of seven
    assert stands["enrolled"].went_on == stands["accepted"].went_on == len(placed)
    assert stands["started"].went_on == 0
    assert sum(each.here or 0 for each in stands.values()) == 10


def test_the_finding_of_the_first_page_is_in_words(session, manager, busy, draft):
    found = findings_of(opened(session, manager, draft).content, str)
    assert "120 skrevs in under kvartalet" in found
    assert "45 avslutades under kvartalet" in found


def test_a_section_without_figures_says_that_nothing_is_entered(session, manager, draft):
    sections = {s.name: s for s in sections_of(opened(session, manager, draft).content, str)}
    assert sections["cost"].text.startswith("Inte inskrivet.")


# Safe for a board


@given(some.dictionaries(some.sampled_from(DESTINATIONS), some.integers(0, 40)))
def test_no_destination_of_few_can_be_read_or_worked_out(counted):
    found = endings_of(counted)
    hidden = {n for n in DESTINATIONS if found[f"ended_to:{n}"].n is None}
    for name in DESTINATIONS:
        if 0 < counted.get(name, 0) < 5:
            assert name in hidden
    rest = sum(counted.get(name, 0) for name in hidden)
    if hidden and found["ended"].n is not None:
        # What is left of the total is at least five people over more than one destination.
        assert len(hidden) > 1
        assert rest >= 5


@given(
    some.dictionaries(some.sampled_from(DESTINATIONS), some.integers(0, 40)), some.integers(0, 120)
)
def test_the_national_measure_gives_no_destination_away(counted, unproven):
    """Whoever knows all that is shown finds no few: neither went there, nor did not last."""
    said = sum(counted.get(name, 0) for name in TO_WORK_OR_STUDIES)
    lasted = max(said - unproven, counted.get("studies", 0))
    ended = sum(counted.values())
    national = share_of(lasted, ended)
    found = ended_beside_national(counted, national)
    three = [found[f"ended_to:{name}"].n for name in TO_WORK_OR_STUDIES]
    if found["national"].n is not None:
        assert None not in three or set(three) == {None}
        assert not 0 < said - lasted < 5
    assert found["national"].n in {None, lasted}


def test_a_quarter_that_the_line_hides_is_hidden_in_the_table_too(session, manager, facts):
    """Two foreign-born women in one quarter: another is hidden, or the year would tell."""
    for day, women in ((date(2026, 2, 2), 9), (date(2026, 5, 5), 2), (INSIDE, 9)):
        facts.placed(facts.people(women) + facts.people(40, "man", "sweden"), day)
    session.flush()
    row = quarterly.begin_report(session, manager, QUARTER, today=TODAY)
    content = opened(session, manager, row).content
    figure = content["figures"]["share_of_placements:foreign_born_women"]
    line = {each["from"]: each["placements"][0] for each in content["pictures"]["trend"]}
    assert line["2026-04-01"] is None
    assert [figure["now"][0], figure["before"][0]] == [line["2026-07-01"], None]


@given(some.lists(some.integers(0, 300), max_size=40))
def test_times_of_few_are_hidden(days):
    value = quartiles_of(days)
    assert (value.n is None) == (0 < len(days) < 5)
    if value.quartiles:
        assert list(value.quartiles) == sorted(value.quartiles)
        assert set(value.quartiles) <= set(days)


@given(some.integers(0, 60).flatmap(lambda of: some.tuples(some.integers(0, of), some.just(of))))
def test_a_share_shows_neither_few_nor_a_rest_of_few(pair):
    n, of = pair
    value = share_of(n, of)
    if value.n is not None and of:
        assert of >= 10
        assert n == 0 or n >= 5
        assert n == of or of - n >= 5


@given(some.lists(some.integers(0, 30), min_size=9, max_size=9))
def test_the_way_shows_no_step_with_few(here):
    for stand, count in zip(stands_from(here, [here]), here, strict=True):
        if 0 < count < 5:
            assert stand.here is None
            assert stand.went_on is None
        else:
            assert stand.here <= count <= stand.here + 4
            assert stand.here % 5 == 0
            assert stand.went_on == count


def test_no_figure_of_one_to_four_is_anywhere_in_a_small_units_report(session, manager, facts):
    facts.placed(facts.enrolled(facts.people(3), date(2026, 7, 6)), INSIDE)
    facts.exited(facts.enrolled(facts.people(2, "man", "sweden"), date(2026, 7, 6)), "care", INSIDE)
    session.flush()
    row = frozen(session, manager, quarterly.begin_report(session, manager, QUARTER, today=TODAY))
    content = json.loads(row.content)
    shown = [
        number
        for figure in content["figures"].values()
        for value in figure.values()
        if value is not None
        for number in (value[0], value[1])
    ]
    shown += [count for _step, *counts in content["pictures"]["way"] for count in counts]
    shown += list(content["quality"].values())
    assert not [number for number in shown if number is not None and 0 < number < 5]


def test_what_a_figure_counts_is_not_counted_once_more_beside_it(session, manager, busy, draft):
    content = opened(session, manager, draft).content
    assert content["figures"]["ended_to:unknown"]["now"][0] == 7
    assert set(content["quality"]) == {"late_follow_ups", "beyond_decision", "past_end"}


def test_a_report_holds_nobody(session, manager, make, unit, draft):
    make.participant(unit=unit, given_name="Samira", family_name="Haddad")
    text = json.dumps(opened(session, manager, draft).content, ensure_ascii=False)
    assert "Samira" not in text
    assert not re.search(r"D-\d{4}", text)


# Notes


def test_notes_are_saved_each_against_its_version(session, manager, draft):
    row = note(session, manager, draft, "flow", "Fler kom.")
    assert {n.section: n.text for n in row.notes}["flow"] == "Fler kom."
    with pytest.raises(Conflict) as caught:
        note(session, manager, draft, "flow", "Något annat.")
    assert caught.value.theirs == {"flow": "Fler kom."}


def test_notes_of_other_sections_are_no_conflict(session, manager, draft):
    note(session, manager, draft, "flow", "Ett.")
    row = note(session, manager, draft, "act", "Två.")
    assert {n.section: n.text for n in row.notes}["act"] == "Två."


def test_the_same_words_sent_again_are_no_conflict(session, manager, draft):
    note(session, manager, draft, "flow", "Ett.")
    note(session, manager, draft, "flow", "Ett.")


def test_a_note_holds_no_identity_number(session, manager, draft):
    with pytest.raises(Invalid) as caught:
        note(session, manager, draft, "flow", "Se 19900101-2385.")
    assert list(caught.value.fields) == ["note_flow"]


def test_a_section_that_there_is_not_is_refused(session, manager, draft):
    with pytest.raises(Invalid):
        note(session, manager, draft, "weather", "Regn.")


# Frozen


def test_a_frozen_report_keeps_its_numbers_whatever_happens_later(session, manager, busy, draft):
    before = frozen(session, manager, draft).content
    late = busy.enrolled(busy.people(50), date(2026, 7, 7))
    busy.exited(late, "studies", INSIDE)
    session.flush()
    again = opened(session, manager, draft)
    assert again.row.content == before
    assert again.content["figures"]["ended"]["now"] == [45, None, None]
    counted = values_of(session, manager, QUARTER, read_figures(session, manager))
    assert counted["ended"].n == 95
    assert counted["started"].n == 120  # as it is published


def test_the_checksum_is_of_all_that_the_report_says(session, manager, busy, draft):
    note(session, manager, draft, "flow", "Fler kom.")
    row = frozen(session, manager, draft)
    assert row.checksum == checksum_of(row.content)
    assert json.loads(row.content)["notes"] == {"flow": "Fler kom."}
    assert (
        json.dumps(
            json.loads(row.content), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        == row.content
    )


def test_a_report_that_was_tampered_with_is_not_shown(session, manager, draft):
    row = frozen(session, manager, draft)
    row.content = row.content.replace('"format":1', '"format":2')
    session.flush()
    with pytest.raises(RuleViolation, match="kontrollsumma"):
        opened(session, manager, row)


def test_a_frozen_report_takes_no_notes_and_is_not_frozen_twice(session, manager, draft):
    frozen(session, manager, draft)
    with pytest.raises(RuleViolation, match="fryst"):
        note(session, manager, draft, "flow", "Mer.")
    with pytest.raises(RuleViolation, match="fryst"):
        frozen(session, manager, draft)


def test_a_draft_that_was_saved_since_is_not_frozen(session, manager, draft):
    with pytest.raises(Conflict):
        frozen(session, manager, draft, version=draft.version + 1)


def test_a_later_version_begins_with_the_notes_and_says_what_changed(session, manager, busy, draft):
    note(session, manager, draft, "flow", "Fler kom.")
    frozen(session, manager, draft)
    busy.exited(busy.enrolled(busy.people(50), date(2026, 7, 7)), "studies", INSIDE)
    session.flush()
    second = quarterly.begin_report(session, manager, QUARTER, today=TODAY)
    assert second.number == 2
    row = frozen(session, manager, second)
    told = json.loads(row.content)
    assert told["notes"] == {"flow": "Fler kom."}
    assert told["changes"]["since"] == 1
    assert "ended" in told["changes"]["what"]
    assert "hires" not in told["changes"]["what"]


def test_beginning_twice_opens_the_draft_that_is_there(session, manager, draft):
    assert quarterly.begin_report(session, manager, QUARTER, today=TODAY).id == draft.id


def test_a_quarter_that_still_runs_has_no_report(session, manager):
    with pytest.raises(RuleViolation, match="inte slutat"):
        quarterly.begin_report(session, manager, quarter_of(2026, 4), today=TODAY)


# Who may


def test_drafts_are_their_writers_alone_and_frozen_reports_are_for_readers(
    session, manager, reader, draft
):
    assert quarterly.list_reports(session, reader) == []
    with pytest.raises(NotFound):
        opened(session, reader, draft)
    frozen(session, manager, draft)
    assert opened(session, reader, draft).is_frozen


@pytest.mark.parametrize("role", [role for role in READERS if role is not Role.UNIT_MANAGER])
def test_only_the_manager_writes_and_freezes(session, make, unit, role, draft):
    other = make.actor(role, unit=unit)
    for act in (
        lambda: quarterly.begin_report(session, other, QUARTER, today=TODAY),
        lambda: note(session, other, draft, "flow", "Mer."),
        lambda: frozen(session, other, draft),
        lambda: quality_of(session, other, QUARTER, today=TODAY),
        lambda: endings_to_mend(session, other, QUARTER, today=TODAY),
    ):
        with pytest.raises(Refused):
            act()


def test_another_units_report_does_not_exist(session, make, manager, draft):
    frozen(session, manager, draft)
    other = make.unit(name="En annan enhet")
    stranger = make.actor(Role.UNIT_MANAGER, unit_id=other.id)
    with pytest.raises(NotFound):
        opened(session, stranger, draft)
    assert quarterly.list_reports(session, stranger) == []


# What is to be mended


def test_endings_without_destination_are_counted_and_listed_by_alias(session, manager, make, unit):
    person = make.participant(unit=unit, with_case=False)
    case = make.case(person)
    case.enrolled_on, case.ended_on = date(2026, 2, 2), INSIDE
    case.exit_destination = ExitDestination.UNKNOWN
    session.flush()
    assert quality_of(session, manager, QUARTER, today=TODAY)["no_destination"] == 1
    listed = endings_to_mend(session, manager, QUARTER, today=TODAY)
    assert [(each.alias, each.ended_on) for each in listed] == [(person.alias, INSIDE)]
    assert quality_of(session, manager, quarter_of(2026, 2), today=TODAY)["no_destination"] == 0


def test_protected_people_are_in_no_list_and_no_count_of_what_to_mend(session, manager, make, unit):
    person = make.participant(unit=unit, with_case=False, protected=True)
    case = make.case(person)
    case.enrolled_on, case.ended_on = date(2026, 2, 2), INSIDE
    session.flush()
    assert quality_of(session, manager, QUARTER, today=TODAY)["no_destination"] == 0
    assert endings_to_mend(session, manager, QUARTER, today=TODAY) == []


def test_unknown_groups_are_counted_without_a_list_and_hidden_when_few(session, manager, facts):
    facts.enrolled(facts.people(3, "unknown", "sweden"), INSIDE)
    session.flush()
    assert quality_of(session, manager, QUARTER, today=TODAY)["unknown_group"] is None
    facts.enrolled(facts.people(3, "woman", "unknown"), INSIDE)
    session.flush()
    assert quality_of(session, manager, QUARTER, today=TODAY)["unknown_group"] == 6


# Told by a link


def messages(session):
    return session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "quarter_ended")).all()


def test_who_subscribes_is_told_once_a_quarter_with_a_link_and_no_figures(session, reader, busy):
    subscribe(session, reader, wanted=True)
    day = date(2026, 10, 1)
    assert tell_subscribers(session, today=day, base_url=BASE) == 1
    assert tell_subscribers(session, today=day, base_url=BASE) == 0
    assert tell_subscribers(session, today=day + timedelta(days=9), base_url=BASE) == 0
    (message,) = messages(session)
    assert f"{BASE}/reports/quarterly" in message.body
    assert not re.search(r"\d", message.body.replace(BASE, ""))
    assert message.cause_id == reader.user_id
    assert tell_subscribers(session, today=date(2027, 1, 2), base_url=BASE) == 1


def test_a_message_that_was_taken_back_is_not_written_again(session, reader):
    subscribe(session, reader, wanted=True)
    tell_subscribers(session, today=date(2026, 10, 1), base_url=BASE)
    messages(session)[0].state = MessageState.CANCELLED
    session.flush()
    assert tell_subscribers(session, today=date(2026, 10, 2), base_url=BASE) == 0


def test_nobody_is_told_of_a_quarter_long_after_it(session, reader):
    subscribe(session, reader, wanted=True)
    assert tell_subscribers(session, today=date(2026, 11, 20), base_url=BASE) == 0


def test_who_unsubscribes_or_wants_no_messages_is_not_told(session, make, unit, reader):
    subscribe(session, reader, wanted=True)
    subscribe(session, reader, wanted=False)
    quiet = make.actor(Role.AUDITOR, unit=unit)
    subscribe(session, quiet, wanted=True)
    choose(session, quiet, reach=Reach.NONE, digest="none")
    assert tell_subscribers(session, today=date(2026, 10, 1), base_url=BASE) == 0
    assert not subscribes(session, reader)


def test_who_reads_no_reports_cannot_subscribe(session, make):
    with pytest.raises(Refused):
        subscribe(session, make.actor(Role.SUPERVISOR), wanted=True)


def test_subscribing_twice_is_once(session, reader):
    subscribe(session, reader, wanted=True)
    subscribe(session, reader, wanted=True)
    assert session.scalar(select(func.count()).select_from(ReportSubscription)) == 1


# Pages


def last_quarter():
    return ended_quarters(local_date(db.utcnow()), 1)[0]


def code(quarter):
    return f"{quarter.start_date.year}-{(quarter.start_date.month + 2) // 3}"


def fields_of(page):
    versions = dict(re.findall(r'name="(version_\w+|read)" value="(\w+)"', page))
    return versions | {f"note_{name}": "" for name in SECTIONS}


def test_from_opening_to_frozen_with_three_notes(client_as, session, busy, record_property):
    """The manager's journey: the acts counted are links, buttons and notes."""
    client = client_as(Role.UNIT_MANAGER)
    acts = ["open Rapporter"]
    assert "Kvartalsrapporter" in client.get("/reports").text
    acts.append("link Kvartalsrapporter")
    page = client.get("/reports/quarterly").text
    assert "Börja rapporten" in page
    acts.append("button Börja rapporten")  # the quarter that ended last is chosen already
    begun = client.post("/reports/quarterly", data={"quarter": code(last_quarter())})
    page = client.get(begun.location).text
    assert all(title in page for title in SECTIONS.values())
    form = fields_of(page) | {"note_flow": "Ett.", "note_equity": "Två.", "note_act": "Tre."}
    acts += ["note", "note", "note", "button Spara och frys rapporten"]
    done = client.post(begun.location, data=form | {"do": "freeze"})
    page = client.get(done.location).text
    assert "Rapporten är fryst" in page
    assert all(word in page for word in ("Ett.", "Två.", "Tre."))
    row = session.scalar(select(QuarterlyReport))
    session.refresh(row)
    assert row.state is ReportState.FROZEN
    assert row.checksum in page
    clicks = len([act for act in acts if act != "note"])
    assert clicks <= 5
    record_property("clicks from the menu to a frozen report", clicks)
    record_property("estimated seconds (2 a tap, 8 a short text)", 2 * clicks + 8 * 3)


@pytest.fixture
def page_of(client_as):
    """A draft begun on its page: the client and its address."""
    client = client_as(Role.UNIT_MANAGER)
    begun = client.post("/reports/quarterly", data={"quarter": code(last_quarter())})
    return client, begun.location


def test_a_quarter_that_is_not_published_yet_says_why_groups_are_hidden(
    client_as, session, manager, facts
):
    facts.enrolled(facts.people(60), date(2026, 7, 6))
    session.flush()
    row = quarterly.begin_report(session, manager, QUARTER, today=TODAY)
    client = client_as(session.get(User, manager.user_id))
    page = client.get(f"/reports/quarterly/{row.id}").text
    assert "Hur många som började, och talen efter kön och födelseregion, är dolda än" in page
    publish_due(session, today=TODAY, now=NOW)
    page = client.get(f"/reports/quarterly/{row.id}").text
    assert "Hur många som började, och talen efter kön och födelseregion, är dolda än" not in page


def test_a_conflict_keeps_what_was_typed_and_shows_what_is_saved(page_of):
    client, address = page_of
    form = fields_of(client.get(address).text)
    client.post(address, data=form | {"note_flow": "Först.", "do": "save"})
    answer = client.post(address, data=form | {"note_flow": "Sedan.", "do": "freeze"})
    assert answer.status_code == 409
    assert "Någon annan har sparat samtidigt" in answer.text
    assert "Först." in answer.text
    assert re.search(r"<textarea[^>]*name=\"note_flow\"[^>]*>\s*Sedan\.", answer.text)
    assert "Utkast" in answer.text


def test_a_wrong_note_is_said_beside_it_and_kept(page_of):
    client, address = page_of
    form = fields_of(client.get(address).text) | {"note_flow": "19900101-2385", "do": "freeze"}
    answer = client.post(address, data=form)
    assert answer.status_code == 422
    assert "personnummer" in answer.text
    assert "19900101-2385" in answer.text


def freeze_by(client, address):
    client.post(address, data=fields_of(client.get(address).text) | {"do": "freeze"})


def test_a_readers_page_has_no_places_to_write(client_as, page_of):
    client, address = page_of
    reader = client_as(Role.AUDITOR)
    assert reader.get(address).status_code == 404
    freeze_by(client, address)
    page = reader.get(address)
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert "Börja en ny version" not in page.text
    assert "Spara och frys" not in page.text
    assert reader.post(address, data={}).status_code == 403


def test_the_page_links_every_figure_to_its_definition(page_of):
    client, address = page_of
    page = client.get(address).text
    for name in ("ended_to", "days_to_step", "follow_ups_on_time", "published_share"):
        assert f'href="#def-{name}"' in page
        assert f'id="def-{name}"' in page
        assert f"/reports/definitions#{name}" in page


def test_a_draft_is_not_taken_away_and_a_frozen_report_is_as_three_files(
    client_as, page_of, session
):
    client, address = page_of
    assert client.get(f"{address}/report.pdf").status_code == 404
    freeze_by(client, address)
    reader = client_as(Role.AUDITOR)
    for kind in ("pdf", "xlsx", "csv"):
        answer = reader.get(f"{address}/report.{kind}")
        assert answer.status_code == 200
        assert (
            f"kvartalsrapport-{code(last_quarter())}-1.{kind}"
            in (answer.headers["Content-Disposition"])
        )
    logged = session.scalars(
        select(AuditEvent.fields).where(
            AuditEvent.action == "export", AuditEvent.object_type == "quarterly_report"
        )
    ).all()
    assert sorted(logged) == [["csv"], ["pdf"], ["xlsx"]]


def test_the_paper_is_tagged_has_alternatives_and_carries_its_checksum(page_of, session, facts):
    client, address = page_of
    quarter = last_quarter()
    people = facts.enrolled(facts.people(40), quarter.start_date)
    facts.placed(people[:30], quarter.end_date)
    session.commit()
    freeze_by(client, address)
    content = client.get(f"{address}/report.pdf").data
    with pikepdf.open(io.BytesIO(content)) as file:
        assert file.Root.MarkInfo.Marked
        assert str(file.Root.Lang).startswith("sv")
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]
    row = session.scalar(select(QuarterlyReport))
    session.refresh(row)
    assert row.checksum in "".join("".join(pages).split())
    assert all(row.checksum[:16] in page for page in pages)
    assert f"Sida 1 av {len(pages)}" in pages[0]
    assert "Det viktigaste" in pages[0]


def test_the_sheets_hold_aggregates_definitions_and_the_checksum(page_of, session):
    client, address = page_of
    freeze_by(client, address)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{address}/report.xlsx").data))
    assert book.sheet_names == ["Om rapporten", "Tal", "Diagram", "Anteckningar", "Definitioner"]
    about = dict(book.get_sheet_by_name("Om rapporten").to_python()[1:])
    assert len(about["Kontrollsumma (SHA-256)"]) == 64
    assert "Antal" in book.get_sheet_by_name("Tal").to_python()[0]


def test_the_pictures_of_a_frozen_report_are_drawn_from_what_it_says(page_of, session, facts):
    client, address = page_of
    freeze_by(client, address)
    before = client.get(f"{address}/way.svg").data
    facts.enrolled(facts.people(40), last_quarter().start_date)
    session.commit()
    assert client.get(f"{address}/way.svg").data == before
    assert client.get(f"{address}/way.png").data[:4] == b"\x89PNG"


def test_what_to_mend_links_to_lists_that_open(page_of, session, make):
    client, address = page_of
    person = make.participant(with_case=False)
    case = make.case(person)
    quarter = last_quarter()
    case.enrolled_on, case.ended_on = quarter.start_date, quarter.end_date
    session.commit()
    page = client.get(address).text
    assert "Avslut utan destination: 1" in page
    listed = client.get(f"{address}/endings")
    assert person.alias in listed.text
    for word in ("Kvinna", "utanför Europa"):
        assert word not in listed.text


def test_subscribing_on_the_page(client_as, session):
    client = client_as(Role.CASE_WORKER)
    client.post("/reports/quarterly/subscription", data={"wanted": "yes"})
    assert "Sluta få besked" in client.get("/reports/quarterly").text
    client.post("/reports/quarterly/subscription", data={"wanted": "no"})
    assert session.scalar(select(func.count()).select_from(ReportSubscription)) == 0


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR, Role.ADMIN])
def test_who_reads_no_reports_opens_none(client_as, role):
    client = client_as(role)
    assert client.get("/reports/quarterly").status_code == 403
    assert client.get(f"/reports/quarterly/{uuid4()}").status_code == 403


def test_the_page_reads_in_english(page_of):
    client, address = page_of
    page = client.get(f"{address}?lang=en").text
    assert "How many came, how many ended, and to what?" in page
    assert "Save and freeze the report" in page


def test_programs_meet_the_same_rules(client_as, busy):
    client = client_as(Role.UNIT_MANAGER)
    api = "/api/v1/reports/quarterly"
    begun = client.post(api, json={"quarter": code(last_quarter())})
    assert begun.status_code == 201
    address = f"{api}/{begun.json['id']}"
    note = client.put(f"{address}/notes/flow", json={"text": "Fler.", "version": 1})
    assert note.status_code == 200
    again = client.put(f"{address}/notes/flow", json={"text": "Annat.", "version": 1})
    assert again.status_code == 409
    frozen = client.post(f"{address}/freeze", json={"version": note.json["version"]})
    assert frozen.json["state"] == "frozen"
    shown = client.get(address).json
    assert shown["content"]["notes"] == {"flow": "Fler."}
    assert shown["checksum"] == frozen.json["checksum"]
    assert [row["state"] for row in client.get(api).json] == ["frozen"]
    assert client.put(f"{api}/subscription", json={"wanted": True}).json == {"wanted": True}
    assert client.get(f"{api}/subscription").json == {"wanted": True}


def test_a_person_who_ended_twice_counts_once(session, manager, facts):
    people = facts.enrolled(facts.people(12), date(2026, 7, 6))
    facts.exited(people, "studies", INSIDE)
    facts.add(people[:6], OutcomeKind.EXITED, date(2026, 9, 1), detail="studies")
    session.flush()
    found = values_of(session, manager, QUARTER, read_figures(session, manager))
    assert found["ended"].n == 12
    assert found["ended_to:studies"].n == 12


def test_a_draft_makes_as_many_queries_for_many_as_for_few(page_of, facts, session, queries):
    client, address = page_of
    found = []
    for _ in range(2):
        with queries() as count:
            page = client.get(address)
        found.append(count.total)
        people = facts.enrolled(facts.people(60), last_quarter().start_date)
        facts.placed(people[:40], last_quarter().end_date)
        session.commit()
    assert found[1] <= found[0]
    assert len(gzip.compress(page.data)) < 60_000


def test_two_reports_of_one_quarter_have_numbers_of_their_own(session, manager, draft):
    frozen(session, manager, draft)
    quarterly.begin_report(session, manager, QUARTER, today=TODAY)
    listed = quarterly.list_reports(session, manager)
    assert [(row.number, row.state) for row in listed] == [
        (2, ReportState.DRAFT),
        (1, ReportState.FROZEN),
    ]


def test_figures_that_nobody_has_read_are_not_frozen(page_of, facts, session):
    client, address = page_of
    form = fields_of(client.get(address).text) | {"note_flow": "Fler kom.", "do": "freeze"}
    facts.enrolled(facts.people(40), last_quarter().start_date)
    session.commit()
    refused = client.post(address, data=form)
    assert refused.status_code == 409
    assert "Talen har ändrats sedan du öppnade sidan" in refused.text
    assert "Fler kom." in refused.text
    again = fields_of(refused.text) | {"note_flow": "Fler kom.", "do": "freeze"}
    assert "Rapporten är fryst" in client.get(client.post(address, data=again).location).text
