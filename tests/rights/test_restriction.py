"""Restricted: stored and nothing more. Everywhere, and only her handlers know."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from matchsvc.accounts.actors import job_actor
from matchsvc.errors import Invalid, NotFound, RuleViolation
from matchsvc.matching.arrays import ready_people
from matchsvc.matching.models import MatchingStale
from matchsvc.matching.packing_reads import read_people
from matchsvc.messages.models import OutboxMessage, RecipientKind
from matchsvc.own_page.standing_link import make_link, read_by_link
from matchsvc.participants.access import get_visible, visible_participants
from matchsvc.participants.enrolment import Details, enrol, set_identity
from matchsvc.participants.messaging import may_write_to_participant, text_number_of
from matchsvc.participants.models import BirthRegion, Participant, Sex
from matchsvc.rights import restriction
from matchsvc.rights.models import How, RestrictionGround
from matchsvc.rights.restriction import Restricted
from matchsvc.swedish import parse_identity_number
from tests.factories import COMMAND, identity_number

NUMBER = identity_number()
WHY = Restricted(RestrictionGround.ACCURACY, "Hon säger att planen är fel.")


@pytest.fixture
def restricted(session, desk, clock):
    desk.samira.ready_on = clock["today"]
    desk.samira.phone, desk.samira.text_agreed_on = "+46701740605", clock["today"]
    assert desk.samira in session.scalars(ready_people(session, desk.manager, today=clock["today"]))
    return restriction.restrict(session, desk.actor, desk.samira.id, WHY, today=clock["today"])


def test_she_exists_for_nobody_by_the_one_query(session, desk, clock, restricted):
    for actor in (desk.actor, desk.manager, desk.colleague, COMMAND, job_actor("x")):
        found = session.scalars(visible_participants(session, actor, today=clock["today"]))
        assert desk.samira not in found
        with pytest.raises(NotFound):
            get_visible(session, actor, desk.samira.id, today=clock["today"])
        assert desk.samira not in session.scalars(
            ready_people(session, actor, today=clock["today"])
        )


def test_nothing_is_sent_to_her(session, desk, restricted):
    message = OutboxMessage(recipient_kind=RecipientKind.PARTICIPANT, recipient_id=desk.samira.id)
    assert may_write_to_participant(session, message) == "gone"
    assert text_number_of(desk.samira) is None


def test_only_her_handlers_find_what_is_stored(session, desk, clock, restricted):
    person, row = restriction.get_current(
        session, desk.actor, desk.samira.alias, today=clock["today"]
    )
    assert (person.id, row.id) == (desk.samira.id, restricted.id)
    for actor in (desk.manager, desk.colleague, COMMAND):
        with pytest.raises(NotFound):
            restriction.get_current(session, actor, desk.samira.id, today=clock["today"])


def test_it_is_lifted_only_after_she_was_told(session, desk, clock, restricted):
    today = clock["today"]
    with pytest.raises(RuleViolation):
        restriction.lift(session, desk.actor, desk.samira.id, today=today)
    with pytest.raises(Invalid):
        restriction.tell_before_lifting(
            session, desk.actor, desk.samira.id, How.PHONE,
            told_on=today.replace(year=today.year - 1), today=today,
        )  # fmt: skip
    restriction.tell_before_lifting(
        session, desk.actor, desk.samira.id, How.PHONE, told_on=today, today=today
    )
    restriction.lift(session, desk.actor, desk.samira.id, today=today)
    assert get_visible(session, desk.colleague, desk.samira.id, today=today) is desk.samira
    assert restricted.lifted_by_id == desk.johan.id


def test_every_page_about_her_answers_as_to_somebody_unknown(
    client_as, app, session, desk, make, clock
):
    """Every GET route with a participant in it, as her worker: only her rights remain."""
    restriction.restrict(session, desk.actor, desk.samira.id, WHY, today=clock["today"])
    worker, colleague = client_as(desk.johan), client_as(desk.other)
    tried, opened = 0, set()
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.arguments != {"key"}:
            continue
        if not rule.rule.startswith(("/participants", "/rights", "/progress", "/api/v1/part")):
            continue
        with app.test_request_context():
            path = rule.rule.replace("<key>", desk.samira.alias)
        unknown = rule.rule.replace("<key>", "D-999999")
        tried += 1
        theirs = colleague.get(path)
        assert theirs.status_code == colleague.get(unknown).status_code, path
        assert desk.samira.family_name not in theirs.text
        if worker.get(path).status_code in {200, 303} and "/consents/" not in path:
            opened.add(rule.endpoint)
    assert tried > 20
    assert {name.partition(".")[0] for name in opened} <= {"rights", "participants"}
    assert {name for name in opened if name.startswith("participants")} <= {"participants.show"}
    shown = worker.get(f"/participants/{desk.samira.alias}")
    assert shown.location == f"/rights/people/{desk.samira.alias}"
    assert "begränsade" in worker.get(shown.location).text


def test_lists_and_search_hold_her_no_longer(client_as, session, desk, clock):
    client = client_as(desk.boss)
    before = client.get("/participants?scope=unit").text
    assert desk.samira.alias in before
    restriction.restrict(session, desk.actor, desk.samira.id, WHY, today=clock["today"])
    session.commit()
    for reader in (client, client_as(desk.johan)):
        for path in ("/participants", "/participants?scope=unit", "/tasks", "/my-week"):
            assert desk.samira.alias not in reader.get(path).text, path
        found = reader.get("/search", query_string={"q": desk.samira.alias}).text
        assert f"/participants/{desk.samira.alias}" not in found
        assert str(desk.samira.id) not in found


def test_only_her_own_request_can_be_its_cause(session, desk, make, clock):
    stranger = make.participant(desk.johan)
    why = Restricted(RestrictionGround.ACCURACY, "Fel.", request_id=stranger.id)
    with pytest.raises(Invalid):
        restriction.restrict(session, desk.actor, desk.samira.id, why, today=clock["today"])


def test_her_link_opens_nothing_and_no_new_one_is_made(session, desk, clock):
    token, _link = make_link(session, desk.actor, desk.samira.id, **clock)
    assert read_by_link(session, token, now=clock["now"]) is not None
    restriction.restrict(session, desk.actor, desk.samira.id, WHY, today=clock["today"])
    assert read_by_link(session, token, now=clock["now"]) is None
    with pytest.raises(NotFound):
        make_link(session, desk.actor, desk.samira.id, **clock)


def test_she_is_packed_for_no_matching(session, desk, clock):
    """The row that large units are matched from goes with the same transaction."""
    desk.samira.ready_on = clock["today"]
    session.flush()
    assert desk.samira.id in read_people(session, [desk.samira.id])
    restriction.restrict(session, desk.actor, desk.samira.id, WHY, today=clock["today"])
    assert read_people(session, [desk.samira.id]) == {}
    stale = session.scalars(select(MatchingStale.id)).all()
    assert desk.samira.id in stale


def test_registering_her_again_tells_the_one_who_does_it_nothing(session, desk, clock):
    set_identity(desk.samira, parse_identity_number(NUMBER, today=clock["today"]))
    session.flush()
    restriction.restrict(session, desk.actor, desk.samira.id, WHY, today=clock["today"])
    details = Details(
        enrolled_on=clock["today"], sex=Sex.WOMAN, birth_region=BirthRegion.UNKNOWN,
        given_name="Samira", family_name="Haddad", personal_id=NUMBER,
    )  # fmt: skip
    before = session.scalar(select(func.count()).select_from(Participant))
    answered = enrol(session, desk.colleague, details, today=clock["today"])
    assert answered.id != desk.samira.id  # as to any accepted entry
    assert session.scalar(select(func.count()).select_from(Participant)) == before
