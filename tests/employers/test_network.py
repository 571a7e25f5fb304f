"""The register over time: what changed, bars, places by period, letters, carving, subsidies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employers import (
    bar_checks,
    carving,
    history,
    merging,
    offer_calendar,
    rules,
    subsidies,
    yearly_results,
)
from matchsvc.employers.carving import CarvedTask
from matchsvc.employers.models import Bar, EmployerStatus, Interaction, OfferStatus, StatusCode
from matchsvc.employers.network_models import RegisterChange, ResultsLetter, SubsidyVersion
from matchsvc.employers.offer_calendar import Period
from matchsvc.employers.offers import copy_offer
from matchsvc.employers.subsidies import SubsidyContent
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.models import OutboxMessage
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.swedish import add_months
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number

SOON = TODAY + timedelta(days=7)


@pytest.fixture
def liaison(make):
    return make.actor(Role.EMPLOYER_LIAISON)


@pytest.fixture
def happened(make):
    def happen(employer, kind, *, detail=None, on=date(2025, 5, 5), count=1):
        for _ in range(count):
            make.save(
                OutcomeEvent(
                    kind=kind,
                    occurred_on=on,
                    source_id=uuid4(),
                    person_key=uuid4(),
                    case_key=uuid4(),
                    sex="woman",
                    birth_region="outside_europe",
                    age_band="25-34",
                    unit_id=employer.unit_id,
                    employer_id=employer.id,
                    detail=detail,
                )
            )

    return happen


def changes(session, field):
    found = select(RegisterChange).where(RegisterChange.field == field)
    return [(row.before, row.after) for row in session.scalars(found)]


def test_a_change_says_from_what_to_what_and_by_whom(session, make, liaison):
    employer = make.employer(name="Kvarnköket")
    said = replace(rules.content_of(employer), focus="Surdeg", csr_practice="Läxhjälp")
    rules.edit_employer(session, liaison, employer.id, said, today=TODAY, version=1)

    page = history.list_changes(session, liaison, employer.id)
    assert {(row.field, row.before, row.after) for row, _ in page.rows} == {
        ("focus", None, "Surdeg"),
        ("csr_practice", None, "Läxhjälp"),
    }
    assert all(row.by_id == liaison.user_id and by for row, by in page.rows)
    stranger = make.actor(Role.EMPLOYER_LIAISON, unit=make.unit(name="Annan"))
    with pytest.raises(NotFound):
        history.list_changes(session, stranger, employer.id)


def test_research_holds_no_identity_number(session, make, liaison):
    employer = make.employer()
    said = replace(rules.content_of(employer), governance=f"Ägs av {identity_number()}")
    with pytest.raises(Invalid) as refused:
        rules.edit_employer(session, liaison, employer.id, said, today=TODAY, version=1)
    assert set(refused.value.fields) == {"governance"}


def test_a_lost_relation_says_why_by_a_code_and_other_needs_words(session, make, liaison):
    employer = make.employer(status=EmployerStatus.CONTACTED)

    def lose(code):
        rules.change_employer_status(
            session, liaison, employer.id, EmployerStatus.LOST, today=TODAY, code=code
        )

    for vague in (None, StatusCode.OTHER):
        with pytest.raises(Invalid):
            lose(vague)
    lose(StatusCode.CLOSED_DOWN)
    assert changes(session, "status_code") == [(None, "closed_down")]


def test_a_site_has_supervisors_and_languages_of_the_vocabulary(session, make, liaison):
    site = rules.get_site(session, liaison, make.site().id)
    said = replace(rules.site_content_of(site), supervisors=2, languages=frozenset({"sv"}))
    rules.edit_site(session, liaison, site.id, said, today=TODAY, version=1)
    assert (site.supervisors, site.languages) == (2, ["sv"])
    with pytest.raises(Invalid) as refused:
        rules.edit_site(
            session,
            liaison,
            site.id,
            replace(said, languages=frozenset({"laga-mat"})),
            today=TODAY,
            version=None,
        )
    assert set(refused.value.fields) == {"languages"}


def test_when_a_contact_leaves_the_owner_is_asked_for_a_new_one_once(session, make, liaison):
    employer = make.employer(owner_id=liaison.user_id)
    contact = make.contact(employer)
    said = replace(rules.contact_content_of(contact), is_active=False)
    for version in (1, None):
        rules.edit_contact(session, liaison, contact.id, said, today=TODAY, version=version)
    tasks = session.scalars(select(Task).where(Task.kind == "contact_left")).all()
    assert (contact.left_on, [task.owner_id for task in tasks]) == (TODAY, [liaison.user_id])
    assert changes(session, "is_active") == [("yes", "no")]


def check(session, actor, employer, found, *, looked_for=tuple(Bar), on=TODAY):
    return bar_checks.add_bar_check(
        session,
        actor,
        employer.id,
        checked_on=on,
        looked_for=looked_for,
        source="Bolagsverket",
        found=found,
        today=TODAY,
    )


def test_a_bar_that_was_found_holds_until_a_check_for_it_finds_none(session, make, liaison):
    employer = make.employer()
    check(session, liaison, employer, Bar.INSOLVENT)
    assert rules.is_barred(employer)
    check(session, liaison, employer, None, looked_for=[Bar.UNPAID_TAXES])
    assert employer.bar is Bar.INSOLVENT
    check(session, liaison, employer, None, on=TODAY - timedelta(days=30))
    assert employer.bar is Bar.INSOLVENT, "an older check does not undo a newer one"
    check(session, liaison, employer, None)
    assert employer.bar is None
    assert sorted(changes(session, "bar"), key=str) == [("insolvent", None), (None, "insolvent")]


def test_a_check_grows_old_after_the_units_months(session, make, liaison):
    employer = make.employer()
    assert bar_checks.standing_of_bars(session, employer, today=TODAY).is_old
    check(session, liaison, employer, None)
    last = add_months(TODAY, 6)
    assert not bar_checks.standing_of_bars(session, employer, today=last).is_old
    after = last + timedelta(days=1)
    assert bar_checks.standing_of_bars(session, employer, today=after).is_old


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"looked_for": ()}, "looked_for"),
        ({"found": Bar.OTHER, "looked_for": [Bar.INSOLVENT]}, "found"),
        ({"on": TODAY + timedelta(days=1)}, "checked_on"),
    ],
)
def test_a_check_says_what_was_looked_for_and_is_not_in_the_future(
    session, make, liaison, given, field
):
    with pytest.raises(Invalid) as refused:
        check(session, liaison, make.employer(), given.pop("found", None), **given)
    assert set(refused.value.fields) == {field}


def test_a_case_worker_reads_checks_but_makes_none(session, make):
    worker, employer = make.actor(), make.employer()
    assert bar_checks.list_bar_checks(session, worker, employer) == []
    with pytest.raises(Refused):
        check(session, worker, employer, None)


def test_places_of_a_period_hold_in_it_and_the_usual_ones_after(session, make, liaison):
    offer = make.offer(places=3)
    summer = Period(TODAY, SOON, 1)
    offer_calendar.set_offer_periods(session, liaison, offer.id, [summer], today=TODAY)
    assert (offer.places, offer.places_otherwise) == (1, 3)
    assert offer_calendar.keep_offers(session, today=SOON) == 0
    assert offer_calendar.keep_offers(session, today=SOON + timedelta(days=1)) == 1
    assert (offer.places, offer.places_otherwise) == (3, None)


def test_taking_a_period_away_gives_the_usual_places_back(session, make, liaison):
    offer = make.offer(places=3)
    offer_calendar.set_offer_periods(
        session, liaison, offer.id, [Period(TODAY, SOON, 0)], today=TODAY
    )
    closed = offer_calendar.why_closed(offer, offer.site.employer, TODAY)
    offer_calendar.set_offer_periods(session, liaison, offer.id, [], today=TODAY)
    assert (closed, offer.places) == (offer_calendar.NO_PLACES, 3)
    assert offer_calendar.why_closed(offer, offer.site.employer, TODAY) is None


@pytest.mark.parametrize(
    ("periods", "field"),
    [
        ([Period(SOON, TODAY, 1)], "periods/0/last_day"),
        ([Period(TODAY, SOON, 1), Period(SOON, SOON, 2)], "periods/1/first_day"),
    ],
)
def test_periods_do_not_run_backwards_or_into_each_other(session, make, liaison, periods, field):
    site = make.site()
    with pytest.raises(Invalid) as refused:
        offer_calendar.set_site_periods(session, liaison, site.id, periods)
    assert set(refused.value.fields) == {field}


def test_an_offer_expires_after_its_last_day_and_the_owner_is_asked_once_before(
    session, make, liaison
):
    offer = make.offer(valid_until=SOON, owner_id=liaison.user_id)
    assert offer_calendar.keep_offers(session, today=SOON - timedelta(days=8)) == 0
    assert offer_calendar.keep_offers(session, today=TODAY) == 1
    task = session.scalars(select(Task).where(Task.kind == "offer_expires")).one()
    task.done_at = offer.created_at
    session.flush()
    assert offer_calendar.keep_offers(session, today=SOON) == 0, "a done task is not made again"
    assert offer.status is OfferStatus.OPEN
    offer_calendar.keep_offers(session, today=SOON + timedelta(days=20))
    assert offer.status is OfferStatus.CLOSED
    assert changes(session, "status") == [("open", "closed")]


def test_a_paused_offer_opens_on_its_day_unless_the_employer_is_barred(session, make, liaison):
    offer, barred = make.offer(), make.offer()
    for each in (offer, barred):
        rules.change_offer_status(
            session, liaison, each.id, OfferStatus.PAUSED, today=TODAY, paused_until=SOON
        )
    rules.get_offer(session, liaison, barred.id).site.employer.bar = Bar.OTHER
    offer_calendar.keep_offers(session, today=SOON - timedelta(days=1))
    assert offer.status is OfferStatus.PAUSED
    offer_calendar.keep_offers(session, today=SOON)
    assert (offer.status, offer.paused_until) == (OfferStatus.OPEN, None)
    assert barred.status is OfferStatus.PAUSED
    with pytest.raises(Invalid):
        rules.change_offer_status(
            session, liaison, offer.id, OfferStatus.PAUSED, today=TODAY, paused_until=TODAY
        )


def test_a_copy_is_a_draft_without_the_days_and_with_the_usual_places(session, make, liaison):
    offer = make.offer(places=1, places_otherwise=4, valid_until=SOON)
    made = copy_offer(session, liaison, offer.id, today=TODAY)
    assert (made.status, made.title, made.places) == (OfferStatus.DRAFT, offer.title, 4)
    assert (made.valid_until, made.id != offer.id) == (None, True)


def test_tasks_are_carved_into_hours_and_needs_with_their_purpose(session, liaison):
    carved = carving.carve(
        session,
        liaison,
        [CarvedTask("Packa upp varor", 6, "lyfta, laga mat"), CarvedTask("Diska", 4, "laga mat")],
    )
    assert (carved.hours, carved.tasks) == (10, "Packa upp varor\nDiska")
    assert [(need.words, need.purpose) for need in carved.needs] == [
        ("lyfta", "Packa upp varor"),
        ("laga mat", "Packa upp varor"),
    ]
    assert "laga-mat" in carved.needs[1].suggestions


@pytest.mark.parametrize(
    ("tasks", "field", "code"),
    [
        ([], "task/0/words", "invalid"),
        ([CarvedTask("Diska", 0)], "task/0/hours", "invalid"),
        ([CarvedTask("Diska", 30), CarvedTask("Städa", 11)], "task/1/hours", "invalid"),
        ([CarvedTask("Diska", 3, "bara kvinnor")], "task/0/needs", "protected_ground"),
    ],
)
def test_tasks_that_make_no_place_are_refused(session, liaison, tasks, field, code):
    with pytest.raises(Invalid) as refused:
        carving.carve(session, liaison, tasks)
    assert (set(refused.value.fields), refused.value.code) == ({field}, code)


def test_a_years_results_are_the_employers_own_events(session, make, liaison, happened):
    employer = make.employer()
    happened(employer, OutcomeKind.PLACEMENT_STARTED, count=3)
    happened(employer, OutcomeKind.PLACEMENT_STARTED, on=date(2024, 12, 31))
    happened(employer, OutcomeKind.PLACEMENT_ENDED, detail="completed")
    happened(employer, OutcomeKind.PLACEMENT_ENDED, detail="ended_by_employer")
    happened(employer, OutcomeKind.EMPLOYMENT_STARTED, detail="employment")
    happened(make.employer(), OutcomeKind.PLACEMENT_STARTED)
    page = yearly_results.show_results(session, liaison, employer.id, 2025)
    results = page.results
    assert (results.placed, results.completed, results.hired) == (3, 1, 1)
    assert not any(word in page.letter.lower() for word in ("kvinn", "europa", "född", "ålder"))


def test_the_letter_is_sent_once_logged_and_counted(session, make, liaison, happened):
    employer, other = make.employer(), make.employer()
    contact = make.contact(employer)
    for each in (employer, other):
        happened(each, OutcomeKind.PLACEMENT_STARTED)

    def send():
        return yearly_results.send_results(
            session, liaison, employer.id, 2025, contact_id=contact.id, today=TODAY
        )

    send()
    mail = session.scalars(select(OutboxMessage)).one()
    logged = session.scalars(select(Interaction)).one()
    assert (mail.recipient, logged.contact_id) == ("petra@example.org", contact.id)
    found = yearly_results.list_results(session, liaison, 2025)
    assert (found.told, len(found.rows)) == (1, 2)
    with pytest.raises(RuleViolation) as refused:
        send()
    assert refused.value.code == "told_already"


def test_nothing_is_sent_to_who_wants_no_contact_or_when_there_is_nothing(
    session, make, liaison, happened
):
    silent = make.employer(status=EmployerStatus.DO_NOT_CONTACT, status_reason="Nej tack")
    empty = make.employer()
    for employer, code in ((silent, "do_not_contact"), (empty, "nothing_to_tell")):
        contact = make.contact(employer)
        with pytest.raises(RuleViolation) as refused:
            yearly_results.send_results(
                session, liaison, employer.id, 2025, contact_id=contact.id, today=TODAY
            )
        assert refused.value.code == code
    with pytest.raises(Invalid):
        yearly_results.send_results(session, liaison, empty.id, 2025, contact_id=None, today=TODAY)
    assert session.scalars(select(OutboxMessage)).all() == []


def test_merging_keeps_one_letter_a_year_and_every_change_and_check(session, make, liaison):
    kept, gone = make.employer(name="Kvarnen AB"), make.employer(name="Kvarnen")
    for each in (kept, gone):
        check(session, liaison, each, None)
        make.save(
            ResultsLetter(employer_id=each.id, by_id=liaison.user_id, year=2025, sent_on=TODAY)
        )
    merging.merge_employers(session, liaison, kept.id, gone.id, reason="Samma", today=TODAY)
    assert len(bar_checks.list_bar_checks(session, liaison, kept)) == 2
    letters = session.scalars(select(ResultsLetter)).all()
    assert [letter.employer_id for letter in letters] == [kept.id]


def test_one_organisation_in_three_spellings_is_found(session, make, liaison):
    for name in ("Kvarnköket AB", "AB Kvarnköket", "Kvarnkoket"):
        make.employer(name=name)
    make.employer(name="Solgläntans förskola")
    found = {frozenset(pair.names) for pair in merging.same_employers(session, liaison)}
    assert frozenset({"Kvarnköket AB", "AB Kvarnköket"}) in found
    assert frozenset({"Kvarnköket AB", "Kvarnkoket"}) in found
    assert not any("Solgläntans förskola" in pair for pair in found)


NEW = SubsidyContent(
    name="Nystartsjobb",
    what="Ett stöd. Det betalas ut.",
    limits="Högst 12 månader.",
    law="2018:43",
    source="Förordningen",
    valid_from=TODAY + timedelta(days=10),
    verified_on=TODAY,
)


@pytest.fixture
def manager(session, make):
    subsidies.load_subsidies(session)
    return make.actor(Role.UNIT_MANAGER)


def test_the_six_subsidies_come_with_the_service_once(session, manager):
    assert subsidies.load_subsidies(session) == 0
    found = subsidies.list_subsidies(session, manager, today=TODAY)
    assert len(found) == 6
    assert all(each.now.law and each.now.source and not each.is_old for each in found)
    later = add_months(found[0].now.verified_on, 12) + timedelta(days=1)
    assert all(each.is_old for each in subsidies.list_subsidies(session, manager, today=later))


def test_a_new_row_holds_from_its_day_and_the_old_one_stays(session, make, manager):
    row = subsidies.add_version(session, manager, "new_start_job", NEW, today=TODAY)
    before = subsidies.get_subsidy(session, manager, "new_start_job", today=TODAY)
    assert (before.now.unit_id, before.coming) == (None, [row])
    after = subsidies.get_subsidy(session, manager, "new_start_job", today=NEW.valid_from)
    assert (after.now, len(after.earlier)) == (row, 1)
    other = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Annan"))
    theirs = subsidies.get_subsidy(session, other, "new_start_job", today=NEW.valid_from)
    assert theirs.now.unit_id is None, "one unit's words are not another's"
    assert len(session.scalars(select(SubsidyVersion)).all()) == 7


def test_subsidies_are_written_by_managers_and_name_their_source(session, make, manager):
    with pytest.raises(Refused):
        subsidies.add_version(session, make.actor(Role.EMPLOYER_LIAISON), "sius", NEW, today=TODAY)
    with pytest.raises(NotFound):
        subsidies.add_version(session, manager, "unknown", NEW, today=TODAY)
    wrong = replace(NEW, source=" ", valid_to=TODAY, verified_on=TODAY + timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        subsidies.add_version(session, manager, "sius", wrong, today=TODAY)
    assert set(refused.value.fields) == {"source", "valid_to", "verified_on"}
