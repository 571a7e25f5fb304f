"""The access matrix: every role against own, other, protected, hidden and unknown."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from matchsvc.accounts.models import Role
from matchsvc.participants.frame import READERS
from matchsvc.participants.models import Capacity

PAGES = ("", "/person", "/profile", "/languages", "/wish", "/competences/new", "/end", "/steps")
PAGES += ("/talk", "/portfolio")
OWN_CAPACITY = {
    Role.CASE_WORKER: Capacity.CASE_WORKER,
    Role.SUPERVISOR: Capacity.SUPERVISOR,
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_and_somebody_who_is_not_her_own(make, client_as, role):
    other = make.participant(case_worker=make.user())
    client = client_as(role)

    seen = client.get(f"/participants/{other.id}").status_code
    listed = client.get("/participants").status_code

    if role not in READERS:
        assert (seen, listed) == (403, 403)
    elif role is Role.SUPERVISOR:
        assert (seen, listed) == (404, 200)
    else:
        assert (seen, listed) == (200, 200)


@pytest.mark.parametrize("role", list(OWN_CAPACITY))
def test_her_own_workers_see_her_name(make, client_as, role):
    user = make.user(role)
    person = make.participant(family_name="Haddad")
    make.involve(person, user, OWN_CAPACITY[role])

    page = client_as(user).get(f"/participants/{person.id}")

    assert "Samira Haddad" in page.get_data(as_text=True)


def test_her_supervisor_does_not_read_her_wish_or_how_to_reach_her(make, client_as):
    user = make.user(Role.SUPERVISOR)
    person = make.participant(phone="+46701740615")
    make.wish(person, "Jag vill odla.")
    make.involve(person, user, Capacity.SUPERVISOR)

    html = client_as(user).get(f"/participants/{person.id}").get_data(as_text=True)

    assert "Jag vill odla." not in html
    assert "070-174" not in html


@pytest.mark.parametrize("role", READERS)
def test_protected_hidden_and_unknown_answer_alike(make, client_as, role):
    protected = make.participant(case_worker=make.user(), protected=True)
    elsewhere = make.participant(unit=make.unit(name="Lindvalla norra"))
    client = client_as(role)

    answers = set()
    for key in (protected.id, protected.alias, protected.external_id, elsewhere.id, uuid4()):
        answer = client.get(f"/participants/{key}")
        body = re.sub(r'name="csrf_token" value="[^"]*"', "", answer.get_data(as_text=True))
        body = body.replace(f"/participants/{key}", "/participants/KEY")
        answers.add((answer.status_code, body))
        assert client.get(f"/api/v1/participants/{key}").status_code == 404

    assert len(answers) == 1
    assert answers.pop()[0] == 404


@pytest.mark.parametrize("page", PAGES[1:])
def test_forms_about_somebody_else_are_refused_and_those_about_the_protected_not_found(
    make, client_as, page
):
    other = make.participant(case_worker=make.user())
    protected = make.participant(case_worker=make.user(), protected=True)
    client = client_as(Role.CASE_WORKER)

    assert client.get(f"/participants/{other.alias}{page}").status_code == 403
    assert client.get(f"/participants/{protected.alias}{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_her_case_worker_opens_every_page(make, client_as, page):
    user = make.user()
    person = make.participant(case_worker=user)
    assert client_as(user).get(f"/participants/{person.alias}{page}").status_code == 200


def test_posts_about_somebody_else_change_nothing(make, client_as):
    other = make.participant(case_worker=make.user())
    held = make.competence(other, "laga-mat")
    client, here = client_as(Role.CASE_WORKER), f"/participants/{other.alias}"
    forms = {
        "/competences": {"own_words": "sy", "learned_where": "hobby"},
        f"/competences/{held.id}/archive": {"reason": "x"},
        f"/competences/{held.id}/share": {"is_shared": "1"},
        "/languages": {"concept_id": "sv", "speak": "1"},
        "/languages/remove": {"concept_id": "sv"},
        "/wish": {"own_words": "Jag"},
        "/profile": {"hours_per_week": "10"},
        "/informal-asked": {},
        "/ready": {},
        "/map": {"body.fact": "x"},
        "/map/summary": {"body": "x"},
        "/map/orientation": {"orientation": "guidance"},
        "/steps": {"step": "work", "start_date": "2026-11-02"},
        "/end": {"ended_on": "2026-11-02", "reason": "moved", "destination": "other"},
        "/protect": {},
        "/case-worker": {"case_worker_id": str(client.user.id)},
    }

    answers = {
        path: client.post(here + path, data=form).status_code for path, form in forms.items()
    }

    assert set(answers.values()) == {403}, answers


def test_another_persons_competence_is_not_reached_through_ones_own(make, client_as):
    user = make.user()
    mine = make.participant(case_worker=user)
    theirs = make.competence(make.participant(case_worker=make.user()), "laga-mat")
    client = client_as(user)

    assert client.get(f"/participants/{mine.alias}/competences/{theirs.id}").status_code == 404
    share = client.post(f"/participants/{mine.alias}/competences/{theirs.id}/share", data={})
    assert share.status_code == 403
