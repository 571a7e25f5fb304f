"""What is taken away is gone at the next request, in every log-in and by every token.

Somebody has read a case in two browsers and with a program's token; then something changes in
another transaction. Nothing of it may be kept by a log-in, a process or an index.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import delete

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts import staff
from matchsvc.accounts.models import Role, UserRole
from matchsvc.accounts.settings_list import REGISTRY
from matchsvc.own_page import visits
from matchsvc.participants.case_models import WorkerReason
from matchsvc.participants.cases import allocate_case_worker
from matchsvc.participants.models import Capacity
from matchsvc.participants.protection import protect
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import Outcome
from matchsvc.rights.models import RestrictionGround
from matchsvc.rights.restriction import Restricted, restrict
from matchsvc.swedish import local_date
from matchsvc.workday.rules import add_task
from matchsvc.workday.substitutes import name_substitute
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, started

FAMILY = "Qvarkholmsdotter"


@pytest.fixture
def today() -> date:
    return local_date(db.utcnow())


@pytest.fixture
def scene(make, session, client_as):
    """A case worker in two browsers and by a token, all of which have just read her person."""

    class Scene:
        user = make.user()
        chief = make.actor(Role.UNIT_MANAGER)
        keeper = make.actor(Role.ADMIN)
        person = make.participant(user, family_name=FAMILY)
        other = make.user()
        page = f"/participants/D-{person.number}"
        program_page = f"/api/v1/participants/D-{person.number}"

        def __init__(self):
            self.clients = [client_as(self.user), client_as(self.user)]
            self.actor = make.actor(user=self.user)
            self.token = accounts.new_api_token(
                session, self.actor, self.user, days=9, now=db.utcnow()
            )
            session.commit()

        def answers(self):
            """Status and text of everything that showed the person, in each place."""
            bearer = {"Authorization": f"Bearer {self.token}"}
            found = [
                client.get(path) for client in self.clients for path in (self.page, "/participants")
            ]
            program = client_as(self.other)
            program.delete_cookie("session")
            found += [
                program.get(path, headers=bearer)
                for path in (self.program_page, "/api/v1/participants")
            ]
            return [(each.status_code, each.get_data(as_text=True)) for each in found]

        def shows(self, words):
            """Where the words stand, but for the address that was asked: an error page has it."""
            asked = (self.page, self.program_page)
            texts = [text for _status, text in self.answers()]
            for address in asked:
                texts = [text.replace(address, "") for text in texts]
            return [words in text for text in texts]

    made = Scene()
    assert all(made.shows(FAMILY)), "everything showed her before"
    return made


def test_a_role_that_is_taken_away(session, scene):
    session.execute(delete(UserRole).where(UserRole.user_id == scene.user.id))
    session.add(UserRole(user_id=scene.user.id, role=Role.AUDITOR))
    session.commit()
    session.expire_all()
    assert {status for status, _text in scene.answers()} == {403}
    assert not any(scene.shows(FAMILY))


def test_a_unit_that_is_changed(session, make, scene):
    scene.user.unit_id = make.unit(name="Annan enhet").id
    session.commit()
    assert not any(scene.shows(FAMILY))
    assert not any(scene.shows(scene.person.alias))


def hand_over(session, scene, today):
    allocate_case_worker(
        session,
        scene.chief,
        scene.person.id,
        scene.other.id,
        reason=WorkerReason.COLLEAGUE_LEAVES,
        today=today,
    )
    session.commit()


def test_a_case_that_is_given_to_somebody_else_leaves_the_alias(session, scene, today):
    hand_over(session, scene, today)
    assert not any(scene.shows(FAMILY))
    assert any(scene.shows(scene.person.alias))


def test_a_person_who_becomes_protected_is_gone_for_whoever_is_no_handler(
    session, make, scene, today
):
    hand_over(session, scene, today)
    protect(session, make.actor(user=scene.other), scene.person.id, today=today)
    session.commit()
    assert not any(scene.shows(scene.person.alias))
    assert not any(scene.shows(FAMILY))


def test_an_account_that_is_ended(session, scene):
    staff.end_account(session, scene.keeper, scene.user.id, now=db.utcnow())
    session.commit()
    assert {status for status, _text in scene.answers()} == {303, 401}


def test_a_token_that_is_revoked_ends_the_token_alone(session, scene):
    (token,) = accounts.list_api_tokens(session, scene.actor)
    accounts.revoke_api_token(session, scene.actor, token.id, now=db.utcnow())
    session.commit()
    assert [status for status, _text in scene.answers()] == [200] * 4 + [401] * 2


@pytest.mark.parametrize("capacity", [Capacity.SUPERVISOR, Capacity.READING_WITH_REASON])
def test_a_tie_whose_last_day_has_passed(make, session, client_as, today, capacity):
    person = make.participant(make.user(), family_name=FAMILY)
    role = Role.SUPERVISOR if capacity is Capacity.SUPERVISOR else Role.UNIT_MANAGER
    user = make.user(role)
    tie = make.involve(person, user, capacity, until=today)
    client = client_as(user)
    page = f"/participants/D-{person.number}"
    assert FAMILY in client.get(page).text
    tie.until = today - timedelta(days=1)
    session.commit()
    assert FAMILY not in client.get(page).text
    assert FAMILY not in client.get("/participants").text


def test_a_person_whose_data_are_restricted_is_gone_also_for_her_own_worker(session, scene, today):
    why = Restricted(RestrictionGround.ACCURACY, "Personen säger att uppgifterna är fel.")
    restrict(session, scene.actor, scene.person.id, why, today=today)
    session.commit()
    assert not any(scene.shows(FAMILY))
    shows = scene.shows(scene.person.alias)
    # Her page sends her own worker on to where the restriction is lifted.
    assert shows == [True, False, True, False, False, False]
    assert [status for status, _text in scene.answers()] == [303, 200, 303, 200, 404, 200]


def test_a_person_who_is_archived_is_gone(session, scene):
    scene.person.archived_at, scene.person.archived_by_id = db.utcnow(), scene.user.id
    scene.person.archived_reason = "Inläst två gånger."
    session.commit()
    assert not any(scene.shows(scene.person.alias))
    assert not any(scene.shows(FAMILY))


def test_an_assisted_page_closes_when_the_case_is_handed_over(session, client_as, scene, today):
    visit = visits.start_visit(
        session, scene.actor, scene.person.id,
        language="sv", interpreter=None, today=today, now=db.utcnow(),
    )  # fmt: skip
    session.commit()
    pages = [f"{scene.page}/own-page/{visit.id}{more}" for more in ("", "/log", "/copy")]
    client = scene.clients[0]
    assert client.get(pages[0]).status_code == 200
    hand_over(session, scene, today)
    for who in (client, client_as(scene.other)):  # who has the case now begins a visit of her own
        answers = [who.get(each) for each in pages]
        assert 200 not in {each.status_code for each in answers}
        assert not any(FAMILY in each.text for each in answers)


def test_a_substitute_sees_a_colleagues_tasks_while_she_stands_in(
    session, make, client_as, scene, today
):
    add_task(
        session, scene.actor, owner_id=scene.user.id, unit_id=scene.user.unit_id,
        kind="planned_return", about_type="participant", about_id=scene.person.id, due_on=today,
        words={"alias": scene.person.alias},
    )  # fmt: skip
    session.commit()
    stand_in = client_as(scene.other)
    token = accounts.new_api_token(
        session, make.actor(user=scene.other), scene.other, days=9, now=db.utcnow()
    )
    session.commit()

    def sees():
        bearer = {"Authorization": f"Bearer {token}"}
        page = stand_in.get("/tasks").text
        stand_in.delete_cookie("session")
        return scene.person.alias in page, scene.person.alias in program.get(
            "/api/v1/tasks", headers=bearer
        ).text

    program = scene.clients[0].application.test_client()
    assert sees() == (False, False)
    row = name_substitute(
        session, scene.chief, user_id=scene.user.id, substitute_id=scene.other.id,
        first_day=today, last_day=today, reason="Kurs", today=today,
    )  # fmt: skip
    session.commit()
    assert sees() == (True, True)
    row.first_day, row.last_day = today - timedelta(days=3), today - timedelta(days=1)
    session.commit()
    assert sees() == (False, False)


def test_a_supervisor_loses_the_person_some_days_after_the_placement(session, make, client_as):
    with time_machine.travel(NOW, tick=True) as clock:
        there = started(session, make)
        there.participant.family_name = FAMILY
        other = make.user(Role.SUPERVISOR)
        client, colleague = client_as(there.supervisor), client_as(other)
        token = accounts.new_api_token(
            session, make.actor(user=there.supervisor), there.supervisor, days=99, now=NOW
        )
        session.commit()
        bearer = {"Authorization": f"Bearer {token}"}
        program = client.application.test_client()
        places = [
            (client, f"/participants/{there.participant.alias}", {}),
            (client, f"/placements/{there.placement.id}", {}),
            (client, "/placements", {}),
            (program, f"/api/v1/participants/{there.participant.alias}", bearer),
        ]

        def shows():
            return [FAMILY in who.get(path, headers=headers).text for who, path, headers in places]

        assert shows() == [True, True, True, True]
        assert FAMILY not in colleague.get(places[1][1]).text
        end_placement(
            session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
            base_url=URL, today=TODAY, now=NOW,
        )  # fmt: skip
        session.commit()
        kept = int(REGISTRY["supervisor_keeps_days"].default)
        for days, seen in ((kept, True), (1, False)):  # long enough to log the last follow-up
            clock.shift(timedelta(days=days))
            client = client_as(there.supervisor)
            places[:3] = [(client, path, headers) for _who, path, headers in places[:3]]
            assert shows() == [seen, seen, False, seen]
