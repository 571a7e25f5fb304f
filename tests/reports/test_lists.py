"""Lists as workbooks: what the list shows, by alias, to those who may, and never a formula."""

from __future__ import annotations

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.participants import protection
from matchsvc.reports.lists import KINDS
from tests.factories import TODAY


def rows_of(answer):
    assert answer.status_code == 200
    return CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def test_employers_leave_with_their_owner_and_text_is_never_a_formula(session, make, client_as):
    make.employer(name="=HYPERLINK(1)", sort_key="a")
    session.commit()
    rows = rows_of(client_as(Role.EMPLOYER_LIAISON).get("/exports/employers.xlsx"))
    assert rows[0][1] == "Namn"
    assert rows[1][1] == "=HYPERLINK(1)"  # as text: calamine gives formulas without a value


def test_participants_leave_by_alias_with_a_manager_alone(session, make, client_as):
    worker = make.user()
    person, hidden = make.participant(worker), make.participant(worker)
    session.commit()
    protection.protect(session, make.actor(user=worker), hidden.id, today=TODAY)
    session.commit()
    answer = client_as(Role.UNIT_MANAGER).get("/exports/participants.xlsx")
    told = str(rows_of(answer))
    assert person.alias in told
    assert "Samira" not in told
    assert hidden.alias not in told
    for role in (Role.CASE_WORKER, Role.EMPLOYER_LIAISON):
        assert client_as(role).get("/exports/participants.xlsx").status_code == 403


def test_it_is_logged_with_the_ids_that_left(session, make, client_as):
    person = make.participant(make.user())
    session.commit()
    client_as(Role.UNIT_MANAGER).get("/exports/participants.xlsx")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).one()
    assert event.subjects == [str(person.id)]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_list_opens_and_its_page_offers_it(client_as, kind):
    client = client_as(Role.UNIT_MANAGER)
    assert len(rows_of(client.get(f"/exports/{kind}.xlsx"))) >= 1
    assert f"/exports/{kind}.xlsx" in client.get(f"/{kind}").get_data(as_text=True)


def test_proposals_leave_by_alias_with_their_state_page_after_page(
    session, make, client_as, monkeypatch
):
    monkeypatch.setattr("matchsvc.reports.lists.PROPOSALS_AT_ONCE", 2)
    worker, offer = make.user(), make.offer(title="Kock")
    people = [make.participant(worker) for _ in range(3)]
    session.add_all(
        Proposal(
            unit_id=offer.unit_id, participant_id=person.id, offer_id=offer.id,
            state=ProposalState.WANTED, proposed_by_id=worker.id, proposed_on=TODAY,
            reason="Lagar mat.", weights_version="v1", explanation={},
        )
        for person in people
    )  # fmt: skip
    session.commit()
    client = client_as(Role.UNIT_MANAGER)
    rows = rows_of(client.get("/exports/proposals.xlsx"))[1:]
    assert {row[0] for row in rows} == {person.alias for person in people}
    assert {(row[1], row[4]) for row in rows} == {("Kock", "Personen vill")}
    monkeypatch.setattr("matchsvc.reports.lists.MOST_PROPOSALS", 2)
    assert client.get("/exports/proposals.xlsx").status_code == 409


def test_a_list_too_long_for_one_file_is_refused_and_never_cut(make, client_as, monkeypatch):
    monkeypatch.setattr("matchsvc.reports.lists.MOST_PAGES", 1)
    for number in range(55):
        make.employer(name=f"Kök {number}")
    answer = client_as(Role.UNIT_MANAGER).get("/exports/employers.xlsx")
    assert answer.status_code == 409
    assert "för lång" in answer.get_data(as_text=True)


def test_more_than_one_page_leaves_whole(session, make, client_as):
    for number in range(55):
        make.employer(name=f"Kök {number}")
    session.commit()
    rows = rows_of(client_as(Role.UNIT_MANAGER).get("/exports/employers.xlsx"))
    assert len(rows) == 56
