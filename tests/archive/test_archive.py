"""What was entered by mistake is hidden everywhere, and comes back as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.archive import rules
from matchsvc.archive.rules import Kind
from matchsvc.employers.access import employers_of, offers_of
from matchsvc.employers.models import Employer, Offer
from matchsvc.employers.register import content_of, create_employer
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching.arrays import open_offers
from matchsvc.matching.models import ProposalState
from matchsvc.matching.packing_reads import read_offers, read_people
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import record_outcome, standing_events
from matchsvc.participants.access import get_visible, visible_participants
from matchsvc.participants.cases import latest_case
from matchsvc.participants.enrolment import find_by_identity, set_identity, subject_of
from matchsvc.participants.models import Participant
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.search.finding import find
from matchsvc.swedish import parse_identity_number
from tests.factories import TODAY, identity_number

NOW = db.utcnow()


@pytest.fixture
def worker(make):
    return make.user(name="Karin Lind")


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def liaison(make):
    return make.actor(Role.EMPLOYER_LIAISON)


@pytest.fixture
def manager(make):
    return make.actor(Role.UNIT_MANAGER)


@pytest.fixture
def person(make, worker):
    """Somebody whose case has ended."""
    person = make.participant(worker, with_case=False, family_name="Felskriven")
    make.case(person, case_worker=worker, ended_on=date(2026, 11, 1))
    return person


@pytest.fixture
def employer(make):
    return make.employer(name="Dubbelbageriet", org_number="5560360793")


@pytest.fixture
def offer(make, employer):
    return make.offer(make.site(employer), title="Bagarbiträde")


def archive(session, actor, kind, row, **values):
    given = {"reason": "Står redan här.", "version": row.version, "today": TODAY, "now": NOW}
    rules.archive_row(session, actor, kind, row.id, **given | values)


def undo(session, actor, kind, row, after=timedelta(minutes=9)):
    rules.undo_archiving(session, actor, kind, row.id, today=TODAY, now=NOW + after)


def place(make, session, person, offer):
    return make.save(
        Placement(
            unit_id=person.unit_id,
            external_id=f"L{person.number}",
            participant_id=person.id,
            case_id=latest_case(session, person).id,
            site_id=offer.site_id,
            offer_id=offer.id,
            form="sol_practice",
            begun_on=TODAY,
            start_date=TODAY,
            decision_authority=DecisionAuthority.NONE,
        )
    )


def test_an_archived_participant_is_in_no_list_search_or_match(session, actor, person):
    session.commit()
    assert [hit.title for hit in find(session, actor, "Felskriven", today=TODAY)]

    archive(session, actor, Kind.PARTICIPANT, person)

    assert person.id not in {
        row.id for row in session.scalars(visible_participants(session, actor, today=TODAY))
    }
    for key in (person.id, person.alias, "P-none"):
        with pytest.raises(NotFound):
            get_visible(session, actor, key, today=TODAY)
    assert find(session, actor, "Felskriven", today=TODAY) == []
    assert find(session, actor, person.alias, today=TODAY) == []
    assert read_people(session, [person.id]) == {}


def test_an_archived_employer_and_its_offers_are_in_no_list_search_or_match(
    session, liaison, employer, offer
):
    session.commit()
    archive(session, liaison, Kind.EMPLOYER, employer)

    assert list(session.scalars(employers_of(liaison).where(Employer.id == employer.id))) == []
    assert list(session.scalars(offers_of(liaison).where(Offer.id == offer.id))) == []
    assert find(session, liaison, "Dubbelbageriet", today=TODAY) == []
    assert find(session, liaison, "Bagarbiträde", today=TODAY) == []
    assert session.scalar(select(Offer.id).where(open_offers(None), Offer.id == offer.id)) is None


def test_an_archived_offer_is_packed_as_closed(session, liaison, offer):
    before = read_offers(session, [offer.id])
    archive(session, liaison, Kind.OFFER, offer)
    assert read_offers(session, [offer.id]) != before
    assert find(session, liaison, "Bagarbiträde", today=TODAY) == []

    undo(session, liaison, Kind.OFFER, offer)
    assert read_offers(session, [offer.id]) == before


def test_what_was_told_about_her_is_not_counted_and_counts_again(session, actor, person):
    case = latest_case(session, person)
    record_outcome(
        session, OutcomeKind.ENROLLED, case.id, subject_of(person, case), occurred_on=TODAY
    )
    session.flush()

    def standing():
        hers = OutcomeEvent.person_key == person.outcome_key
        return [event.kind for event in session.scalars(standing_events().where(hers))]

    archive(session, actor, Kind.PARTICIPANT, person)
    assert standing() == []
    undo(session, actor, Kind.PARTICIPANT, person)
    assert standing() == [OutcomeKind.ENROLLED]


def test_a_number_that_somebody_hidden_has_by_now_keeps_nobody_from_coming_back(
    session, make, actor, person
):
    number = parse_identity_number(identity_number(), today=TODAY)
    set_identity(person, number)
    session.flush()
    archive(session, actor, Kind.PARTICIPANT, person)
    holder = make.participant(make.user(), protected=True)
    set_identity(holder, number)
    session.flush()

    undo(session, actor, Kind.PARTICIPANT, person)

    session.flush()
    assert person.archived_at is None
    assert find_by_identity(session, number) is holder


def test_the_same_person_can_be_entered_rightly_meanwhile(session, make, worker, actor, person):
    number = parse_identity_number(identity_number(), today=TODAY)
    set_identity(person, number)
    session.flush()
    external_id = person.external_id
    archive(session, actor, Kind.PARTICIPANT, person)

    assert find_by_identity(session, number) is None
    right = make.participant(worker, external_id=external_id)
    set_identity(right, number)
    session.flush()

    with pytest.raises(RuleViolation) as refused:
        undo(session, actor, Kind.PARTICIPANT, person)
    assert refused.value.code == "number_taken"
    set_identity(right, None)
    session.flush()
    undo(session, actor, Kind.PARTICIPANT, person)
    assert find_by_identity(session, number).id == person.id
    assert person.external_id.startswith(f"{external_id}~")
    assert right.external_id == external_id


def test_undoing_gives_everything_back(session, liaison, employer, offer):
    ids = employer.external_id, offer.external_id
    archive(session, liaison, Kind.EMPLOYER, employer)
    undo(session, liaison, Kind.EMPLOYER, employer)

    assert get_employer(session, liaison, employer.id).name == "Dubbelbageriet"
    assert (employer.external_id, offer.external_id) == ids
    assert (employer.archived_at, employer.archived_by_id, employer.archived_reason) == (None,) * 3
    assert offer.archived_at is None


def test_an_offer_archived_before_its_employer_stays_archived(session, liaison, employer, offer):
    archive(session, liaison, Kind.OFFER, offer, now=NOW - timedelta(minutes=1))
    archive(session, liaison, Kind.EMPLOYER, employer)
    with pytest.raises(RuleViolation) as refused:
        undo(session, liaison, Kind.OFFER, offer, after=timedelta(0))
    assert refused.value.code == "employer_archived"

    undo(session, liaison, Kind.EMPLOYER, employer)
    assert offer.archived_at is not None


def test_ten_minutes_are_for_who_archived_it(session, make, worker, actor, liaison, employer):
    archive(session, liaison, Kind.EMPLOYER, employer)
    other = make.actor(Role.EMPLOYER_LIAISON)
    for who, after in ((other, timedelta(0)), (liaison, timedelta(minutes=11))):
        with pytest.raises(RuleViolation):
            undo(session, who, Kind.EMPLOYER, employer, after)
    with pytest.raises(Refused):
        rules.bring_back(session, liaison, Kind.EMPLOYER, employer.id, reason="Fel.", today=TODAY)


def test_the_manager_brings_back_later_with_a_reason_that_is_logged(
    session, manager, actor, person
):
    archive(session, actor, Kind.PARTICIPANT, person)
    with pytest.raises(Invalid):
        rules.bring_back(session, manager, Kind.PARTICIPANT, person.id, reason=" ", today=TODAY)
    rules.bring_back(
        session, manager, Kind.PARTICIPANT, person.id, reason="Var inte fel.", today=TODAY
    )
    session.commit()

    assert get_visible(session, actor, person.id, today=TODAY).id == person.id
    logged = session.execute(
        select(AuditEvent.action, AuditEvent.reason)
        .where(AuditEvent.object_id == str(person.id), AuditEvent.reason.is_not(None))
        .order_by(AuditEvent.id)
    ).all()
    assert [tuple(row) for row in logged] == [
        ("archive", "Står redan här."),
        ("bring_back", "Var inte fel."),
    ]


def test_an_open_case_is_ended_first(session, make, worker, actor):
    person = make.participant(worker)
    with pytest.raises(RuleViolation) as refused:
        archive(session, actor, Kind.PARTICIPANT, person)
    assert refused.value.code == "case_open"
    assert person.archived_at is None


def test_an_open_placement_is_ended_first(session, make, actor, liaison, person, employer, offer):
    place(make, session, person, offer)
    for who, kind, row in (
        (actor, Kind.PARTICIPANT, person),
        (liaison, Kind.EMPLOYER, employer),
        (liaison, Kind.OFFER, offer),
    ):
        with pytest.raises(RuleViolation) as refused:
            archive(session, who, kind, row)
        assert refused.value.code == "placement_open"


def test_nothing_is_archived_without_a_reason_a_right_or_the_version_that_was_shown(
    session, make, actor, liaison, person, employer
):
    for reason in ("", "  ", f"Fel {identity_number()}"):
        with pytest.raises(Invalid):
            archive(session, liaison, Kind.EMPLOYER, employer, reason=reason)
    with pytest.raises(Conflict):
        archive(session, liaison, Kind.EMPLOYER, employer, version=employer.version - 1)
    with pytest.raises(Refused):
        archive(session, actor, Kind.EMPLOYER, employer)
    with pytest.raises(Refused):
        archive(session, make.actor(Role.CASE_WORKER), Kind.PARTICIPANT, person)
    with pytest.raises(Refused):
        archive(session, liaison, Kind.PARTICIPANT, person)
    stranger = make.actor(Role.EMPLOYER_LIAISON, unit=make.unit(name="Annan enhet"))
    with pytest.raises(NotFound):
        archive(session, stranger, Kind.EMPLOYER, employer)


def test_the_list_shows_the_manager_all_and_others_their_own(
    session, make, manager, actor, liaison, person, employer, offer
):
    archive(session, actor, Kind.PARTICIPANT, person)
    archive(session, liaison, Kind.EMPLOYER, employer)

    def names(who):
        found = rules.list_archived(session, who, today=TODAY, now=NOW)
        return {each.name for each in found}

    assert names(manager) == {person.alias, "Dubbelbageriet"}
    assert names(actor) == {person.alias}
    assert names(liaison) == {"Dubbelbageriet"}
    other = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Annan enhet"))
    assert names(other) == set()
    with pytest.raises(Refused):
        names(make.actor(Role.AUDITOR))


def test_a_protected_person_is_listed_for_nobody_but_her_handlers(session, manager, actor, person):
    person.protected = True
    session.flush()
    archive(session, actor, Kind.PARTICIPANT, person)

    assert rules.list_archived(session, manager, today=TODAY, now=NOW) == []
    assert len(rules.list_archived(session, actor, today=TODAY, now=NOW)) == 1
    with pytest.raises(NotFound):
        rules.bring_back(session, manager, Kind.PARTICIPANT, person.id, reason="Fel.", today=TODAY)


def test_a_new_employer_may_have_the_number_of_an_archived_one(session, liaison, employer):
    content = content_of(employer)
    archive(session, liaison, Kind.EMPLOYER, employer)
    again = create_employer(session, liaison, content, today=TODAY)
    assert again.org_number == employer.org_number


def test_the_pages_ask_why_say_what_to_end_and_take_back(client_as, worker, person, session):
    client = client_as(worker)
    address = f"/archived/participant/{person.id}"
    assert address in client.get(f"/participants/{person.alias}").text
    assert client.post(address, data={"version": person.version}).status_code == 422

    data = {"reason": "Står redan här.", "version": person.version}
    assert client.post(address, data=data).location == "/archived?saved=archived"
    page = client.get("/archived").text
    assert person.alias in page
    assert "Felskriven" not in page
    assert client.get(f"/participants/{person.alias}").status_code == 404
    assert client.get(address).status_code == 404

    assert client.post(f"{address}/undo").status_code == 303
    assert client.get(f"/participants/{person.alias}").status_code == 200
    assert "Inget är arkiverat" in client.get("/archived").text


def test_the_page_of_an_open_case_says_to_end_it_first(client_as, worker, make):
    person = make.participant(worker)
    page = client_as(worker).get(f"/archived/participant/{person.id}").text
    assert "Avsluta ärendet först" in page
    assert 'name="reason"' not in page


def test_a_program_archives_lists_and_takes_back(client_as, make, employer, session):
    client = client_as(Role.EMPLOYER_LIAISON)
    address = f"/api/v1/archived/employer/{employer.id}"
    body = {"reason": "Står redan.", "version": employer.version}
    assert client.put(address, json=body).status_code == 204
    assert [row["name"] for row in client.get("/api/v1/archived").json["archived"]] == [
        "Dubbelbageriet"
    ]
    assert client.put(address, json=body).status_code == 404
    assert client.post(f"{address}/bring-back", json={"reason": "x"}).status_code == 403
    assert client.post(f"{address}/undo").status_code == 204
    assert client.get("/api/v1/archived").json["archived"] == []


def test_waiting_proposals_are_named_once(session, liaison, offer):
    """The states in which a proposal waits are those from which somebody still moves on."""
    ended = {
        ProposalState.UNWANTED,
        ProposalState.DECLINED,
        ProposalState.PLACED,
        ProposalState.WITHDRAWN,
    }
    assert set(ProposalState) - ended == set(rules.WAITING)


def test_nothing_of_the_row_is_lost(session, actor, person):
    before = {
        column.name: getattr(person, column.name)
        for column in Participant.__table__.columns
        if column.name != "version"
    }
    archive(session, actor, Kind.PARTICIPANT, person)
    undo(session, actor, Kind.PARTICIPANT, person)
    session.refresh(person)
    assert {name: getattr(person, name) for name in before} == before
