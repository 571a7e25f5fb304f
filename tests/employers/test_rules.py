"""Rules of employers: each test is a sentence the service would sign."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.employers import rules
from matchsvc.employers.models import (
    Bar,
    Channel,
    EmployerStatus,
    EmployerType,
    Interaction,
    Purpose,
)
from matchsvc.employers.rules import (
    ContactContent,
    EmployerContent,
    InteractionContent,
    SiteContent,
)
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from tests.factories import TODAY, identity_number

KITCHEN = EmployerContent(name="Kvarnköket", type=EmployerType.PRIVATE)
VISIT = InteractionContent(
    happened_on=TODAY, channel=Channel.VISIT, purpose=Purpose.BUILD, result="De vill veta mer."
)


@pytest.fixture
def liaison(make):
    return make.actor(Role.EMPLOYER_LIAISON)


def log(session, make, employer, happened_on, by=None, **values):
    defaults = {
        "employer_id": employer.id,
        "by_id": (by or make.user(Role.EMPLOYER_LIAISON)).id,
        "happened_on": happened_on,
        "channel": Channel.PHONE,
        "purpose": Purpose.BUILD,
        "result": "Pratade om våren.",
    }
    return make.save(Interaction(**defaults | values))


def test_a_new_employer_is_a_prospect_with_an_id_of_its_own(session, liaison):
    employer = rules.create_employer(session, liaison, KITCHEN, today=TODAY)

    assert employer.status is EmployerStatus.PROSPECT
    assert employer.external_id.startswith("A-")
    assert rules.get_employer(session, liaison, employer.external_id) is employer


def test_every_wrong_field_is_told_at_once(session, liaison):
    wrong = replace(KITCHEN, name=" ", org_number="123", sni="x", owner_id=uuid4())

    with pytest.raises(Invalid) as refusal:
        rules.create_employer(session, liaison, wrong, today=TODAY)

    assert set(refusal.value.fields) == {"name", "org_number", "sni", "owner_id"}


@pytest.mark.parametrize("typed", ["556703-7485", "5567037485", "16556703-7485"])
def test_an_organisation_number_is_stored_as_ten_digits(session, liaison, typed):
    content = replace(KITCHEN, org_number=typed)
    employer = rules.create_employer(session, liaison, content, today=TODAY)

    assert employer.org_number == "5567037485"


def test_a_sole_traders_number_is_a_persons_and_is_not_kept(session, liaison):
    content = replace(KITCHEN, org_number=identity_number()[2:])

    with pytest.raises(Invalid) as refusal:
        rules.create_employer(session, liaison, content, today=TODAY)

    assert "personnummer" in refusal.value.fields["org_number"]


def test_the_same_organisation_twice_must_be_meant(session, liaison):
    content = replace(KITCHEN, org_number="5567037485")
    rules.create_employer(session, liaison, content, today=TODAY)

    with pytest.raises(RuleViolation, match="Kvarnköket") as refusal:
        rules.create_employer(session, liaison, content, today=TODAY)
    rules.create_employer(session, liaison, content, today=TODAY, is_separate=True)

    assert refusal.value.code == "same_org_number"


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.UNIT_MANAGER, Role.SUPERVISOR])
def test_only_liaisons_and_coordinators_change_employers(session, make, role):
    with pytest.raises(Refused):
        rules.create_employer(session, make.actor(role), KITCHEN, today=TODAY)


def test_another_units_employer_does_not_exist(session, make, liaison):
    other = make.employer(unit=make.unit(name="Grannkommunen"))

    with pytest.raises(NotFound):
        rules.get_employer(session, liaison, other.id)
    assert rules.list_employers(session, liaison).total == 0


@pytest.mark.parametrize("status", ["paused", "lost", "do_not_contact"])
def test_letting_an_employer_go_needs_a_reason(session, make, liaison, status):
    employer = make.employer(status=EmployerStatus.ACTIVE)
    change = {"today": TODAY, "version": employer.version}

    with pytest.raises(Invalid) as refusal:
        rules.change_employer_status(
            session, liaison, employer.id, EmployerStatus(status), **change
        )
    rules.change_employer_status(
        session, liaison, employer.id, EmployerStatus(status), reason="Säsongen är slut.", **change
    )

    assert list(refusal.value.fields) == ["status_reason"]
    assert employer.status_reason == "Säsongen är slut."


def test_a_prospect_cannot_rest_before_anybody_has_called(session, make, liaison):
    employer = make.employer()

    with pytest.raises(RuleViolation) as refusal:
        rules.change_employer_status(
            session, liaison, employer.id, EmployerStatus.PAUSED, reason="x", today=TODAY
        )

    assert refusal.value.code == "no_such_step"


def test_every_status_can_be_left():
    from matchsvc.employers.register import TRANSITIONS

    assert set(TRANSITIONS) == set(EmployerStatus)
    assert all(TRANSITIONS.values())
    reached = frozenset().union(*TRANSITIONS.values())
    assert reached == set(EmployerStatus) - {EmployerStatus.PROSPECT}


def test_the_second_to_save_an_old_version_is_shown_what_is_saved(session, make, liaison):
    employer = make.employer(name="Kvarnköket")
    seen = employer.version
    mine = replace(rules.content_of(employer), name="Kvarnens kök")
    theirs = replace(rules.content_of(employer), name="Nya Kvarnköket")
    rules.edit_employer(session, liaison, employer.id, theirs, today=TODAY, version=seen)

    with pytest.raises(Conflict) as refusal:
        rules.edit_employer(session, liaison, employer.id, mine, today=TODAY, version=seen)

    assert refusal.value.theirs == {"name": "Nya Kvarnköket"}


@pytest.mark.parametrize(
    ("values", "barred"),
    [
        ({}, False),
        ({"bar": Bar.TRADING_BAN}, True),
        ({"status": EmployerStatus.DO_NOT_CONTACT}, True),
    ],
)
def test_a_bar_or_the_employers_own_wish_bars_placements(make, values, barred):
    assert rules.is_barred(make.employer(**values)) is barred


def test_a_site_offers_and_excludes_conditions(session, make, liaison):
    employer = make.employer()
    content = SiteContent(
        name="Köket",
        postcode="12345",
        area_id=make.area("Söder").id,
        offers=frozenset({"lugn-plats"}),
        excludes=frozenset({"utan-trappor"}),
    )
    site = rules.create_site(session, liaison, employer.id, content, today=TODAY)
    calmer = replace(content, offers=frozenset({"utan-trappor"}), excludes=frozenset())
    rules.edit_site(session, liaison, site.id, calmer, today=TODAY, version=site.version)

    assert site.postcode == "123 45"
    assert rules.site_content_of(site).offers == {"utan-trappor"}
    assert rules.site_content_of(site).excludes == frozenset()


def test_a_site_cannot_offer_and_exclude_the_same(session, make, liaison):
    both = frozenset({"lugn-plats"})
    content = SiteContent(name="Köket", offers=both, excludes=both)

    with pytest.raises(Invalid) as refusal:
        rules.create_site(session, liaison, make.employer().id, content, today=TODAY)

    assert list(refusal.value.fields) == ["excludes"]


def test_a_site_lies_in_one_of_the_units_own_areas(session, make, liaison):
    foreign = make.area("Norr", unit=make.unit(name="Grannkommunen"))
    content = SiteContent(name="Köket", area_id=foreign.id)

    with pytest.raises(Invalid) as refusal:
        rules.create_site(session, liaison, make.employer().id, content, today=TODAY)

    assert list(refusal.value.fields) == ["area_id"]


def test_a_contacts_telephone_is_kept_in_one_form(session, make, liaison):
    content = ContactContent(name="Petra Holm", phone="070-174 06 15")
    contact = rules.add_contact(session, liaison, make.employer().id, content, today=TODAY)

    assert contact.phone == "+46701740615"


def test_a_contact_belongs_to_a_site_of_the_same_employer(session, make, liaison):
    content = ContactContent(name="Petra Holm", phone="12", email="petra", site_id=make.site().id)
    with pytest.raises(Invalid) as refusal:
        rules.add_contact(session, liaison, make.employer().id, content, today=TODAY)

    assert set(refusal.value.fields) == {"phone", "email", "site_id"}


def test_the_first_logged_contact_makes_a_prospect_contacted(session, make, liaison):
    employer = make.employer()
    rules.log_interaction(session, liaison, employer.id, VISIT, today=TODAY)

    assert employer.status is EmployerStatus.CONTACTED


def test_a_case_worker_may_log_a_contact_but_a_manager_may_not(session, make):
    employer = make.employer()
    rules.log_interaction(session, make.actor(Role.CASE_WORKER), employer.id, VISIT, today=TODAY)

    with pytest.raises(Refused):
        rules.log_interaction(
            session, make.actor(Role.UNIT_MANAGER), employer.id, VISIT, today=TODAY
        )


def test_a_note_that_may_become_public_never_holds_an_identity_number(session, make, liaison):
    content = replace(VISIT, result=f"Pratade om {identity_number()}.")

    with pytest.raises(Invalid) as refusal:
        rules.log_interaction(session, liaison, make.employer().id, content, today=TODAY)

    assert list(refusal.value.fields) == ["result"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"happened_on": TODAY + timedelta(days=1)}, "happened_on"),
        ({"next_step": "Ring"}, "next_on"),
        ({"next_on": TODAY}, "next_step"),
        ({"next_step": "Ring", "next_on": TODAY - timedelta(days=1)}, "next_on"),
        ({"result": "  "}, "result"),
        ({"contact_id": uuid4()}, "contact_id"),
    ],
)
def test_a_logged_contact_hangs_together(session, make, liaison, values, field):
    with pytest.raises(Invalid) as refusal:
        rules.log_interaction(
            session, liaison, make.employer().id, replace(VISIT, **values), today=TODAY
        )

    assert list(refusal.value.fields) == [field]


def test_one_who_wants_no_contact_is_not_contacted(session, make, liaison):
    employer = make.employer(status=EmployerStatus.DO_NOT_CONTACT, status_reason="Bad om ro")

    with pytest.raises(RuleViolation, match="Bad om ro") as refusal:
        rules.log_interaction(session, liaison, employer.id, VISIT, today=TODAY)

    assert refusal.value.code == "do_not_contact"


def test_before_a_new_contact_every_colleagues_last_90_days_are_shown(session, make, liaison):
    employer = make.employer()
    lena = make.user(Role.CASE_WORKER, name="Lena Ek")
    log(session, make, employer, TODAY - timedelta(days=91))
    log(session, make, employer, TODAY - timedelta(days=10), by=lena)

    shown = rules.list_interactions(session, liaison, employer, since=TODAY - timedelta(days=90))

    assert [each.by for each in shown] == ["Lena Ek"]


def test_a_promise_is_due_until_it_is_ticked_off(session, make, liaison):
    employer = make.employer()
    promise = replace(VISIT, next_step="Skicka informationspaket", next_on=TODAY)
    first = rules.log_interaction(session, liaison, employer.id, promise, today=TODAY)
    due = rules.next_steps_due(session, liaison, TODAY)
    rules.log_interaction(
        session, liaison, employer.id, replace(VISIT, finished=[first.id]), today=TODAY
    )

    assert [(step.next_step, step.employer.name) for step in due] == [
        ("Skicka informationspaket", employer.name)
    ]
    assert rules.next_steps_due(session, liaison, TODAY) == []
    assert first.next_done_on == TODAY


def test_a_promise_is_due_for_the_one_who_made_it_and_not_before_its_day(session, make, liaison):
    promise = replace(VISIT, next_step="Ring", next_on=TODAY + timedelta(days=3))
    rules.log_interaction(session, liaison, make.employer().id, promise, today=TODAY)
    colleague = make.actor(Role.EMPLOYER_LIAISON)

    assert rules.next_steps_due(session, liaison, TODAY) == []
    assert len(rules.next_steps_due(session, liaison, TODAY + timedelta(days=3))) == 1
    assert rules.next_steps_due(session, colleague, TODAY + timedelta(days=3)) == []


def test_an_employer_is_neglected_when_no_colleague_was_in_touch_for_90_days(
    session, make, liaison
):
    mine = {"owner_id": liaison.user_id}
    silent = make.employer(name="Åbrinkens förskola", **mine)
    heard = make.employer(name="Kvarnköket", **mine)
    let_go = make.employer(name="Borta", status=EmployerStatus.LOST, **mine)
    make.employer(name="En annans")
    johan = make.user(Role.EMPLOYER_LIAISON, name="Johan Ekdal")
    log(session, make, silent, TODAY - timedelta(days=134), by=johan)
    log(session, make, heard, TODAY - timedelta(days=89))
    log(session, make, let_go, TODAY - timedelta(days=200))

    found = rules.neglected_employers(session, liaison, TODAY)

    assert [(row.employer.name, row.days, row.last.by) for row in found.rows] == [
        ("Åbrinkens förskola", 134, "Johan Ekdal")
    ]
    assert found.owned == 2


def test_day_90_is_neglected_and_a_promise_ahead_says_wait(session, make, liaison):
    employer = make.employer(owner_id=liaison.user_id)
    make.contact(employer, phone="+46701740615")
    december = date(2026, 12, 7)
    log(
        session,
        make,
        employer,
        TODAY - timedelta(days=90),
        next_step="Hör av dig i december",
        next_on=december,
    )

    row = rules.neglected_employers(session, liaison, TODAY).rows[0]

    assert (row.days, row.waits_until) == (90, december)
    assert (row.contact, row.phone) == ("Petra Holm", "+46701740615")


def test_one_never_called_counts_from_the_day_it_was_registered(session, make, liaison):
    make.employer(owner_id=liaison.user_id, created_at=db.utcnow() - timedelta(days=400))
    later = db.utcnow().date() + timedelta(days=1)

    assert rules.neglected_employers(session, liaison, later).rows[0].last is None


def test_a_search_finds_names_sites_and_organisation_numbers(session, make, liaison):
    kitchen = make.employer(name="Kvarnköket", org_number="5567037485")
    make.site(kitchen, name="Ängens matsal")
    make.employer(name="Bageriet")

    for words in ("kvarn", "ängens", "556703-7", "100%"):
        found = [
            row.employer.name for row in rules.list_employers(session, liaison, words=words).rows
        ]
        assert found == ([] if words == "100%" else ["Kvarnköket"])


def test_a_list_makes_as_many_queries_for_5_as_for_50(session, make, liaison, queries):
    owner = make.user(Role.EMPLOYER_LIAISON)

    def add(count):
        for _ in range(count):
            employer = make.employer(owner_id=owner.id)
            log(session, make, employer, TODAY, by=owner)
            make.offer(make.site(employer), required=["laga-mat"])

    def run():
        session.expunge_all()
        with queries() as count:
            rules.list_employers(session, liaison)
            rules.list_offers(session, liaison)
            rules.neglected_employers(session, liaison, TODAY + timedelta(days=100))
        return count.total

    add(5)
    few = run()
    add(45)

    assert run() == few


def test_the_51st_employer_stands_on_page_two(session, make, liaison):
    for number in range(51):
        make.employer(name=f"Arbetsgivare {number:02}")

    page = rules.list_employers(session, liaison, page=9)

    assert (page.page, page.pages, page.total) == (2, 2, 51)
    assert [row.employer.name for row in page.rows] == ["Arbetsgivare 50"]


def test_a_change_is_logged_by_field_and_never_by_value(session, make, liaison):
    from matchsvc.accounts import audit

    employer = make.employer()
    audit.take_pending(session)
    content = replace(rules.content_of(employer), name="Hemliga köket")
    rules.edit_employer(session, liaison, employer.id, content, today=TODAY, version=None)

    (row,) = audit.take_pending(session)
    assert row["fields"] == ["name"]
    assert "Hemliga" not in str(row)


def test_offers_and_employers_of_a_unit_are_all_that_a_manager_reads(session, make):
    manager = make.actor(Role.UNIT_MANAGER)
    employer = make.employer()

    assert rules.get_employer(session, manager, employer.id) is employer
    with pytest.raises(Refused):
        rules.list_employers(session, make.actor(Role.SUPERVISOR))
    assert session.scalars(select(Interaction)).all() == []


def test_how_long_is_too_long_without_a_contact_is_the_units_to_say(session, make, liaison):
    employer = make.employer(owner_id=liaison.user_id)
    log(session, make, employer, TODAY - timedelta(days=40))
    assert rules.neglected_employers(session, liaison, TODAY).rows == []
    make.setting("employer_silence_days", "40")
    found = rules.neglected_employers(session, liaison, TODAY)
    assert [row.days for row in found.rows] == [40]
    assert found.after == 40
