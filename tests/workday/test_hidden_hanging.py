"""What hangs on a contact or an employer is counted without people whom the reader may not know."""

from __future__ import annotations

import pytest

from matchsvc.accounts.models import Role
from matchsvc.workday.merging import count_hanging
from tests.placements.factories import NOW, started


@pytest.mark.parametrize("hidden", ["protected", "restricted", "archived"])
def test_a_contact_page_does_not_count_a_hidden_persons_placement(session, make, client_as, hidden):
    there = started(session, make)
    session.commit()
    client = client_as(there.liaison)
    page = f"/employers/{there.employer.id}/contacts/{there.contact.id}/edit"
    assert "Placeringar: 1" in client.get(page).text
    if hidden == "protected":
        there.participant.protected = True
    elif hidden == "restricted":
        there.participant.restricted_since = NOW
    else:
        there.participant.archived_at, there.participant.archived_reason = NOW, "Dubbel."
    session.commit()
    assert "Placeringar: " not in client.get(page).text
    everything = count_hanging(session, "contact", there.contact.id)
    assert everything["placement"] == 1, "what is moved is counted whole"


def test_a_manager_counts_the_cases_that_she_may_know_of(session, make, client_as):
    worker = make.user()
    people = [make.participant(worker) for _ in range(2)]
    manager = client_as(make.user(Role.UNIT_MANAGER))

    def cases():
        found = manager.get("/api/v1/referrals/workloads").json
        return {each["user_id"]: each["cases"] for each in found}[str(worker.id)]

    assert cases() == 2
    people[0].protected = True
    session.commit()
    assert cases() == 1
