"""An objection (GDPR 21) is shown where somebody decides about her, to her own workers alone."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.matching.arrays import ready_people
from matchsvc.matching.models import CohortLine
from matchsvc.participants.models import Rung
from matchsvc.rights import requests, restriction
from matchsvc.rights.models import Decision, How, RestrictionGround, RightKind
from matchsvc.rights.restriction import Restricted

SAID = "Har invänt mot hur uppgifterna används"


@pytest.fixture
def offer(make, desk):
    desk.samira.ready_on = desk.samira.informal_asked_on = date(2026, 9, 1)
    make.wish(desk.samira)
    make.competence(desk.samira, "laga-mat-storkok", rung=Rung.CONFIRMED)
    return make.offer(required=["laga-mat-storkok"], title="Kock")


@pytest.fixture
def object_(session, desk, clock):
    asked = requests.Asked(RightKind.OBJECTION, clock["today"], "Jag vill inte matchas mot kök.")
    return lambda: requests.register(
        session, desk.actor, desk.samira.id, asked, today=clock["today"]
    )


@pytest.fixture
def paths(session, desk, offer, client_as):
    """The pages where somebody decides about her: lists, the pair, a proposal, a draft's line."""
    client = client_as(desk.johan)
    made = client.post(
        "/proposals", data={"participant": desk.samira.id, "offer": offer.id, "reason": "Kan."}
    )
    assert client.post("/cohort").status_code == 303
    session.expire_all()
    line = session.scalars(
        select(CohortLine).where(CohortLine.participant_id == desk.samira.id)
    ).first()
    pair = f"participant={desk.samira.id}&offer={offer.id}"
    return [
        f"/matching/offers/{offer.id}",
        f"/matching/participants/{desk.samira.id}",
        f"/matching/pairs?{pair}",
        f"/proposals/new?{pair}",
        made.location,
        f"/cohort/lines/{line.id}",
    ]


def test_it_stands_with_a_link_where_her_worker_decides_and_nowhere_for_others(
    client_as, session, desk, paths, object_
):
    worker = client_as(desk.johan)
    for path in paths:
        assert SAID not in worker.get(path).text, path
    object_()
    session.commit()
    liaison = client_as(Role.EMPLOYER_LIAISON)
    for path in paths:
        answer = worker.get(path)
        assert answer.status_code == 200, path
        page = answer.text
        assert page.count(SAID) == 1, path
        assert f'href="{desk.path}"' in page, path
        assert "inte matchas mot kök" not in page  # the words stay where they were said
        for other in (client_as(desk.other), liaison):
            assert SAID not in other.get(path).text, path


def test_it_goes_when_it_was_refused_and_stays_when_it_was_heard(
    client_as, session, desk, paths, object_, clock
):
    worker = client_as(desk.johan)
    for decision, shown in ((Decision.REFUSED, False), (Decision.PARTLY, True)):
        row = object_()
        given = requests.Answer(decision, "Vi har vägt det.", How.LETTER, "För och emot.")
        requests.answer(session, desk.actor, row.id, given, version=None, **clock)
        session.commit()
        assert (SAID in worker.get(paths[1]).text) is shown


def test_while_it_is_weighed_a_restriction_takes_her_out_of_every_list(
    client_as, session, desk, paths, object_, clock
):
    row = object_()
    why = Restricted(RestrictionGround.OBJECTION, "Vägs.", request_id=row.id)
    restriction.restrict(session, desk.actor, desk.samira.id, why, today=clock["today"])
    assert desk.samira not in session.scalars(
        ready_people(session, desk.actor, today=clock["today"])
    )
    session.commit()
    worker = client_as(desk.johan)
    assert desk.samira.family_name not in worker.get(paths[0]).text
    for path in paths[1:]:
        assert worker.get(path).status_code == 404, path
