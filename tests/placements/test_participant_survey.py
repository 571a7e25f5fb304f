"""The participant's survey: voluntary, by her link or with somebody independent, never shown."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.own_page.standing_link import make_link
from matchsvc.participants.models import Capacity
from matchsvc.placements.models import Outcome, ParticipantSurvey, ParticipantSurveyAnswer
from matchsvc.placements.participant_surveys import (
    OPEN_FOR,
    answer_assisted,
    decline_assisted,
    find_offered,
    find_open_of,
    open_assisted,
)
from matchsvc.workday.models import Task
from tests.factories import TODAY
from tests.placements.factories import NOW, world
from tests.placements.survey_factories import ended


def given(contact=False, text=None, **scales):
    told = {f"P{n}": ((scales.get(f"P{n}", "4"),), None) for n in range(1, 9)}
    told["P9"] = (("little",), None)
    told["P10"] = (("contact_me",) if contact else (), text)
    return told


def take(session, actor, there, answers=None, **more):
    defaults = {"language": "sv", "today": TODAY, "now": NOW}
    return answer_assisted(
        session, actor, there.placement.id, answers or given(), **defaults | more
    )


def tasks(session, kind):
    return list(session.scalars(select(Task).where(Task.kind == kind)))


@pytest.fixture
def liaison(make):
    """Somebody of the unit who never worked with her."""
    return make.actor(Role.EMPLOYER_LIAISON)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.MOVED])
def test_it_is_offered_however_the_placement_ended_and_the_case_worker_asks(session, make, outcome):
    there = ended(session, make, outcome=outcome)
    assert find_offered(session, there.placement.id).offered_on == TODAY
    (task,) = tasks(session, "offer_participant_survey")
    assert task.owner_id == there.worker.id
    assert there.participant.given_name not in str(task.words)


def test_somebody_independent_takes_the_answers(session, make, liaison):
    there = ended(session, make)
    survey = take(session, liaison, there, given(text="Bra stöd."))
    assert (survey.completed_at, survey.channel, survey.helper_id) == (
        NOW, "assisted", liaison.user_id,
    )  # fmt: skip
    assert len(session.scalars(select(ParticipantSurveyAnswer)).all()) == 10


def test_who_supervises_or_did_is_refused(session, make):
    there = ended(session, make)
    before = make.user(Role.CASE_WORKER)
    make.involve(there.participant, before, Capacity.SUPERVISOR, until=TODAY - timedelta(days=300))
    for user in (there.supervisor, before):
        with pytest.raises(Refused) as refusal:
            open_assisted(session, make.actor(user=user), there.placement.id, today=TODAY)
        assert refusal.value.code == "not_independent"
        with pytest.raises(Refused):
            take(session, make.actor(user=user), there)


def test_every_question_may_be_skipped_and_an_answer_not_offered_is_refused(session, make, liaison):
    there = ended(session, make)
    with pytest.raises(RuleViolation):
        take(session, liaison, there, {"P1": (("6",), None)})
    take(session, liaison, there, {"P1": ((), None), "P7": (("5",), None)})
    assert session.scalars(select(ParticipantSurveyAnswer.question)).all() == ["P7"]


def test_it_is_answered_once_and_not_after_six_weeks(session, make, liaison):
    there = ended(session, make)
    late = TODAY + OPEN_FOR + timedelta(days=1)
    with pytest.raises(RuleViolation):
        take(session, liaison, there, today=late)
    take(session, liaison, there)
    with pytest.raises(RuleViolation):
        take(session, liaison, there)


def test_a_no_is_kept_and_ends_it(session, make, liaison):
    there = ended(session, make)
    decline_assisted(session, liaison, there.placement.id, today=TODAY)
    with pytest.raises(RuleViolation):
        take(session, liaison, there)
    assert find_open_of(session, there.participant.id, today=TODAY) is None


@pytest.mark.parametrize(
    ("contact", "safe", "kind"),
    [
        (True, "2", "participant_unsafe"),
        (True, "1", "participant_unsafe"),
        (True, "3", "participant_contact"),
        (False, "1", None),
        (False, "5", None),
    ],
)
def test_only_who_ticks_contact_is_told_of_and_soonest_when_unsafe(
    session, make, liaison, contact, safe, kind
):
    there = ended(session, make)
    take(session, liaison, there, given(contact=contact, P7=safe))
    made = tasks(session, "participant_unsafe") + tasks(session, "participant_contact")
    assert [each.kind for each in made] == ([kind] if kind else [])
    for task in made:
        assert task.owner_id == there.worker.id
        days = (task.due_on - TODAY).days
        assert days == 1 if kind == "participant_unsafe" else 1 < days <= 7


def test_her_own_words_are_for_her_case_worker_and_only_when_she_asked(session, make, liaison):
    there = ended(session, make)
    take(session, liaison, there, given(contact=True, text="Ring mig."))
    assert open_assisted(session, there.actor, there.placement.id, today=TODAY).own_words.text
    for actor in (liaison, make.actor(Role.UNIT_MANAGER), make.actor(Role.CASE_WORKER)):
        assert open_assisted(session, actor, there.placement.id, today=TODAY).own_words is None


def test_without_the_tick_nobody_reads_her_words_one_by_one(session, make, liaison):
    there = ended(session, make)
    take(session, liaison, there, given(text="Det var bra."))
    assert open_assisted(session, there.actor, there.placement.id, today=TODAY).own_words is None


def test_a_text_that_names_somebody_warns_and_may_be_kept(session, make, liaison):
    there = ended(session, make)
    words = given(text=f"{there.participant.given_name} tycker det var bra.")
    with pytest.raises(RuleViolation) as refusal:
        take(session, liaison, there, words)
    assert refusal.value.code == "text_careful"
    take(session, liaison, there, words, keeps_warned=True)


def test_of_whoever_is_protected_only_her_handler_may_take_answers(session, make, liaison):
    there = world(make, protected=True)
    from tests.placements.factories import started

    started(session, make, there=there, supervisor_id=None, risk_decision="Prövat.")
    from matchsvc.placements.ending import end_placement

    end_placement(
        session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url="https://x.example", today=TODAY, now=NOW,
    )  # fmt: skip
    with pytest.raises(NotFound):
        take(session, liaison, there)
    assert find_open_of(session, there.participant.id, today=TODAY) is None  # no link opens it
    assert take(session, there.actor, there).completed_at == NOW


def test_imported_history_is_offered_to_nobody(session, make):
    from tests.placements.factories import started

    there = started(session, make)
    there.placement.is_history = True
    from matchsvc.placements.ending import end_placement

    end_placement(
        session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url="https://x.example", today=TODAY, now=NOW,
    )  # fmt: skip
    assert session.scalars(select(ParticipantSurvey)).all() == []


# Pages.


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def text_of(response):
    return response.get_data(as_text=True)


def test_the_page_takes_the_answers_keeps_what_was_typed_and_shows_none_afterwards(
    session, make, client_as, clock
):
    there = ended(session, make)
    client = client_as(Role.EMPLOYER_LIAISON)
    path = f"/placements/{there.placement.id}/own-survey"
    page = text_of(client.get(path))
    for words in ("Jag kände mig trygg på arbetsplatsen.", "●●●○○", "Det är frivilligt", "العربية"):
        assert words in page
    assert "utkast" in text_of(client.get(f"{path}?language=sv-easy"))
    assert 'dir="rtl"' in text_of(client.get(f"{path}?language=ar"))
    form = {f"P{n}": "5" for n in range(1, 9)} | {"P9": "much", "language": "sv"}
    typed = form | {"P10": "Ring 070-174 06 15"}
    asked = client.post(path, data=typed)
    assert asked.status_code == 409
    assert "Ring 070-174 06 15" in text_of(asked)
    assert "Spara ändå" in text_of(asked)
    assert client.post(path, data=typed | {"keep": "1"}).status_code == 303
    after = text_of(client.get(path))
    assert "Svaren räknas ihop med andras" in after
    assert "070-174" not in after


def test_her_supervisor_gets_no_link_and_no_page(session, make, client_as, clock):
    there = ended(session, make)
    client = client_as(there.supervisor)
    page = text_of(client.get(f"/placements/{there.placement.id}"))
    assert "/own-survey" not in page
    assert client.get(f"/placements/{there.placement.id}/own-survey").status_code == 403


def test_she_answers_by_the_link_of_her_own_page_in_her_language(session, make, app, clock):
    there = ended(session, make)
    token, _ = make_link(session, there.actor, there.participant.id, today=TODAY, now=NOW)
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    visitor = app.test_client()
    first = text_of(visitor.get(f"/l/m/{token}?language=ar"))
    assert "ابدأ الإجابة" in first
    assert find_offered(session, there.placement.id).started_at is None  # opening changes nothing
    begun = visitor.post(f"/l/m/{token}/survey", data={"language": "en"})
    assert begun.location == "/l/survey/P1"
    page = text_of(visitor.get(begun.location))
    assert "Staff listened to me and treated me with respect." in page
    for secret in (there.participant.given_name, there.site.name, there.worker.name, token):
        assert secret not in page
    for number in range(1, 10):
        answer = "much" if number == 9 else "4"
        went_on = visitor.post(f"/l/survey/P{number}", data={"answer": answer})
        assert went_on.location == f"/l/survey/P{number + 1}"
    done = visitor.post("/l/survey/P10", data={"text": "Good", "go": "next"})
    assert "Thank you for your answers" in text_of(done)
    session.expire_all()
    survey = find_offered(session, there.placement.id)
    assert (survey.channel, survey.language, survey.completed_at) == ("link", "en", NOW)
    assert "ابدأ الإجابة" not in text_of(visitor.get(f"/l/m/{token}?language=ar"))
    assert visitor.post(f"/l/m/{token}/survey").status_code == 404
    app.config["WTF_CSRF_ENABLED"] = True


def test_a_new_session_goes_on_without_showing_what_was_answered_before(session, make, app, clock):
    there = ended(session, make)
    token, _ = make_link(session, there.actor, there.participant.id, today=TODAY, now=NOW)
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    visitor = app.test_client()
    visitor.post(f"/l/m/{token}/survey", data={"language": "sv"})
    visitor.post("/l/survey/P1", data={"answer": "1"})
    assert 'aria-pressed="true"' in text_of(visitor.get("/l/survey/P1"))
    clock.move_to(NOW + timedelta(minutes=31))
    assert visitor.post("/l/survey/P2", data={"answer": "4"}).status_code == 403
    again = visitor.post(f"/l/m/{token}/survey", data={"language": "sv"})
    assert again.status_code == 303
    assert 'aria-pressed="true"' not in text_of(visitor.get("/l/survey/P1"))
    there.participant.protected = True
    session.commit()
    assert visitor.get("/l/survey/P2").status_code == 403
    app.config["WTF_CSRF_ENABLED"] = True


def test_she_may_say_no_on_the_first_question(session, make, app, clock):
    there = ended(session, make)
    token, _ = make_link(session, there.actor, there.participant.id, today=TODAY, now=NOW)
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    visitor = app.test_client()
    visitor.post(f"/l/m/{token}/survey", data={"language": "sv"})
    assert "Tack" in text_of(visitor.post("/l/survey/P1", data={"go": "decline"}))
    session.expire_all()
    assert find_offered(session, there.placement.id).declined_on == TODAY
    app.config["WTF_CSRF_ENABLED"] = True


def test_programs_see_how_far_it_is_and_hand_in_answers(session, make, client_as, clock):
    there = ended(session, make)
    client = client_as(Role.EMPLOYER_LIAISON)
    path = f"/api/v1/placements/{there.placement.id}/surveys"
    told = client.get(path).get_json()
    assert (told["state"], told["participant"]) == ("sent", "offered")
    again = client.post(f"{path}/send", json={"version": told["version"]}).get_json()
    assert again["sent_on"] == TODAY.isoformat()
    done = client.post(f"{path}/participant", json={"P1": "5", "P7": "4"}).get_json()
    assert done["participant"] == "answered"
    assert client.post(f"{path}/participant/decline").status_code == 409
