"""Each state of the table of authority, tried by the doors that it names."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.authority_states import PLACE_WORDS, STATES, Place, State
from matchsvc.messages.models import OutboxMessage
from matchsvc.own_page import standing_link, visits
from matchsvc.participants import protection
from matchsvc.participants.access import visible_participants
from matchsvc.participants.cases import latest_case
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    Party,
    RevokedHow,
)
from matchsvc.participants.consents import Answer, answer_consent, revoke_consent
from matchsvc.participants.models import Participant
from matchsvc.rights.models import RestrictionGround
from matchsvc.rights.restriction import Restricted, restrict
from tests.factories import TODAY
from tests.placements.factories import NOW
from tests.support.conftest import CLOCK


@pytest.fixture
def doors(session, make, app, there, token, visitor, client_as):
    """Everything open at once: ``doors()`` tells where she is met now."""
    person = there.participant
    person.ready_on = person.informal_asked_on = TODAY
    make.competence(person, "laga-mat")
    offer = make.offer(required=["laga-mat"])
    answer = Answer(
        ConsentAnswer.GIVEN,
        frozenset({(Party.EMPLOYER, Category.CONTACT)}),
        valid_until=TODAY + timedelta(days=60),
    )
    answer_consent(session, there.actor, person.id, answer, **CLOCK)
    own, _row = standing_link.make_link(session, there.actor, person.id, **CLOCK)
    visit = visits.start_visit(
        session, there.actor, person.id, language="sv", interpreter=None, **CLOCK
    )
    program_token = accounts.new_api_token(session, there.actor, there.worker, days=9, now=NOW)
    session.commit()
    visitor.post(f"/l/{token}/code/send")
    session.expire_all()
    letter = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "link_code")).one()
    visitor.post(f"/l/{token}/code", data={"code": re.search(r"\d{6}", letter.body)[0]})
    worker, colleague = client_as(there.worker), client_as(make.user())
    matcher, program = client_as(there.liaison), app.test_client()
    page = f"/participants/{person.alias}"
    own_link = standing_link_path(app, own)

    def met():
        bearer = {"Authorization": f"Bearer {program_token}"}
        link, named = visitor.get(f"/l/{token}"), visitor.get(f"/l/{token}/personal")
        seen = {
            Place.OWN_WORKER: worker.get(page).status_code == 200,
            Place.COLLEAGUE: colleague.get(page).status_code == 200,
            Place.PROGRAM: program.get(f"/api/v1{page}", headers=bearer).status_code == 200,
            Place.ASSISTED: worker.get(f"{page}/own-page/{visit.id}").status_code == 200,
            Place.MATCHING: person.alias in matcher.get(f"/matching/offers/{offer.id}").text,
            Place.OWN_LINK: app.test_client().get(own_link).status_code == 200,
            Place.EMPLOYER_LINK: link.status_code == 200,
            Place.EMPLOYER_NAME: named.status_code == 200 and person.given_name in named.text,
            Place.JOB: session.scalar(
                visible_participants(session, job_actor("prov"), today=TODAY)
                .where(Participant.id == person.id)
                .with_only_columns(Participant.id)
            )
            is not None,
        }
        return {place for place, is_met in seen.items() if is_met}

    return met


def standing_link_path(app, token):
    from matchsvc.own_page.views import address_of

    with app.test_request_context():
        return re.sub(r"^https?://[^/]+", "", address_of(token))


def become(state, session, there):
    person = there.participant
    if state is State.CONSENT_REVOKED:
        consent = session.scalars(select(Consent)).one()
        how = RevokedHow.BY_PHONE
        revoke_consent(session, there.actor, person.id, consent.id, how=how, **CLOCK)
    elif state is State.ENDED:
        there.placement.end_date = latest_case(session, person).ended_on = TODAY
    elif state is State.PROTECTED:
        protection.protect(session, there.actor, person.id, today=TODAY)
    elif state is State.RESTRICTED:
        why = Restricted(RestrictionGround.ACCURACY, "Personen säger att uppgifterna är fel.")
        restrict(session, there.actor, person.id, why, today=TODAY)
    elif state is State.ARCHIVED:
        person.archived_at, person.archived_by_id = NOW, there.worker.id
        person.archived_reason = "Inläst två gånger."
    session.commit()


def test_the_table_has_each_state_and_each_place_once():
    assert [line.state for line in STATES] == list(State)
    assert set(PLACE_WORDS) == set(Place)


@pytest.mark.parametrize("line", STATES, ids=lambda line: line.state)
def test_in_each_state_she_is_met_where_the_table_says_and_nowhere_else(
    session, there, doors, line
):
    become(line.state, session, there)
    assert doors() == line.met
