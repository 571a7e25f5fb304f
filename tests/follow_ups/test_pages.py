"""Pages of follow-ups: the phone form, what was logged, what is late, two versions as one."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select

from matchsvc.accounts.models import Role
from matchsvc.follow_ups.models import DevelopmentRow, FollowUpVersion, Standing
from matchsvc.placements.models import ActionState, FollowUp, Mood
from tests.factories import TODAY
from tests.follow_ups.factories import log
from tests.placements.factories import NOW, started

BEFORE = TODAY - timedelta(days=70)
SENT = {"held_on": "2026-11-23", "present": ["participant"], "mood": "good"}


def text_of(answer):
    return answer.get_data(as_text=True)


def chosen(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)" checked', page)


@pytest.fixture
def there(session, make):
    """A placement whose first follow-up is logged and whose second is to be."""
    found = started(session, make, start_date=BEFORE, decision_from=BEFORE)
    log(session, make, found, today=TODAY, held_on=TODAY - timedelta(days=40))
    found.first, found.second = found.placement.follow_ups[:2]
    found.path = f"/follow-ups/{found.second.id}"
    return found


@time_machine.travel(NOW, tick=False)
def test_the_form_presets_who_is_there_and_the_next_day_and_nothing_else(there, client_as):
    page = text_of(client_as(there.supervisor).get(there.path))
    assert chosen(page, "present") == ["participant", "logger"]
    assert re.findall(r'type="radio"[^>]* checked', page) == []
    following = there.placement.follow_ups[2].due_on
    assert f'name="next_on" type="text" value="{following}"' in page
    assert page.count(" data-step>") == 4


def test_a_form_is_sent_twice_saved_once_and_read_by_those_who_work_with_her(
    session, there, client_as
):
    promise, other = there.first.actions
    client = client_as(there.supervisor)
    form = re.search(r'name="submission_id" value="([^"]*)"', text_of(client.get(there.path)))[1]
    sent = SENT | {
        "submission_id": form,
        "own_words": "Jag vill prova kassan.",
        "attendance": "less",
        "hours_next": "20",
        "hours_other": "17",
        "is_well_functioning": "true",
        "agreed": ["Kassan på torsdag", "", ""],
        f"kept-{promise.id}": "done",
        f"kept-{other.id}": "not_yet",
        "area": "Prata med kunder",
        "goal": "Ta emot beställningar",
        "own_part": "Öva hemma",
        "participant_agrees": "true",
    }
    for _ in range(2):
        assert client.post(there.path, data=sent).status_code == 303
    session.expire_all()
    row = session.get(FollowUp, there.second.id)
    assert (row.hours_next, row.is_well_functioning) == (17, True)
    assert session.get(type(promise), promise.id).state is ActionState.DONE
    assert session.scalar(select(func.count()).select_from(DevelopmentRow)) == 1
    page = text_of(client_as(there.worker).get(there.path))
    for words in ("Jag vill prova kassan.", "Kassan på torsdag", "mindre", "Prata med kunder"):
        assert words in page


def test_the_pages_own_script_is_told_where_to_go(there, client_as):
    answer = client_as(there.supervisor).post(
        there.path,
        data=SENT | {"submission_id": str(uuid4())},
        headers={"Accept": "application/json"},
    )
    assert answer.get_json() == {"saved": f"{there.path}?saved=1"}


def test_words_about_health_are_asked_about_and_nothing_is_lost(there, client_as):
    client = client_as(there.supervisor)
    sent = SENT | {
        "submission_id": str(uuid4()),
        "mood": "hard",
        "own_words": "Jag har ont i ryggen",
    }
    answer = client.post(there.path, data=sent)
    assert answer.status_code == 409
    assert "Jag har ont i ryggen" in text_of(answer)
    assert chosen(text_of(answer), "mood") == ["hard"]
    assert client.post(there.path, data=sent | {"keeps_health_words": "1"}).status_code == 303


def test_half_a_row_of_the_development_plan_says_what_is_missing_on_its_field(there, client_as):
    sent = SENT | {"submission_id": str(uuid4()), "area": "Prata med kunder"}
    answer = client_as(there.supervisor).post(there.path, data=sent)
    assert answer.status_code == 422
    assert 'href="#goal"' in text_of(answer)


def test_only_the_logger_gets_the_form(there, client_as):
    assert "inte loggad än" in text_of(client_as(there.worker).get(there.path))
    assert client_as(there.liaison).get(there.path).status_code == 403
    sent = SENT | {"submission_id": str(uuid4())}
    assert client_as(there.worker).post(there.path, data=sent).status_code == 403


def test_my_follow_ups_shows_the_late_ones_first(there, client_as):
    page = text_of(client_as(there.supervisor).get("/follow-ups"))
    assert "Försenat" in page
    assert "dagar försenat" in page
    assert there.participant.full_name in page


@time_machine.travel(NOW, tick=False)
def test_late_ones_are_the_case_workers_and_by_alias_the_managers(session, there, client_as):
    there.second.due_on = TODAY - timedelta(days=8)
    session.commit()
    mine = text_of(client_as(there.worker).get("/follow-ups/late"))
    assert "8 dagar försenat" in mine
    assert "Loggade, att gå igenom" in mine
    managers = text_of(client_as(Role.UNIT_MANAGER).get("/follow-ups/late"))
    assert there.participant.alias in managers
    assert there.participant.full_name not in managers
    assert client_as(there.supervisor).get("/follow-ups/late").status_code == 403
    there.second.due_on = TODAY - timedelta(days=7)
    session.commit()
    assert "8 dagar" not in text_of(client_as(there.worker).get("/follow-ups/late"))


def test_the_case_worker_goes_through_what_was_logged(session, there, client_as):
    client = client_as(there.worker)
    path = f"/follow-ups/{there.first.id}"
    assert "handläggaren har inte gått igenom den" in text_of(client.get(path))
    sent = {"words": "Vi ser över tiderna i december."}
    assert client.post(f"{path}/complete", data=sent).status_code == 303
    assert "Vi ser över tiderna i december." in text_of(client.get(path))
    assert client_as(there.supervisor).post(f"{path}/complete", data=sent).status_code == 403


def test_a_second_form_is_shown_beside_the_first_and_becomes_one_by_choices(
    session, there, client_as
):
    client = client_as(there.supervisor)
    client.post(there.path, data=SENT | {"submission_id": str(uuid4()), "own_words": "Bra dag."})
    second = SENT | {
        "submission_id": str(uuid4()),
        "mood": "hard",
        "own_words": "Det var tungt.",
        "next_goal": "Söka sommarjobb",
    }
    answer = client_as(there.worker).post(there.path, data=second)
    assert "/versions/" in answer.location
    assert client_as(there.worker).post(there.path, data=second).location == answer.location
    page = text_of(client.get(answer.location))
    for words in ("Bra dag.", "Det var tungt.", "Svårt", "Söka sommarjobb"):
        assert words in page
    # Nothing is preselected, and what is not chosen is asked for.
    assert client.post(answer.location, data={"take.mood": "beside"}).status_code == 409
    choices = {"take.mood": "beside", "take.own_words": "both"}
    assert client.post(answer.location, data=choices).status_code == 303
    session.expire_all()
    row = session.get(FollowUp, there.second.id)
    assert (row.mood, row.own_words) == (Mood.HARD, "Bra dag.\nDet var tungt.")
    assert row.next_goal == "Söka sommarjobb"
    kept = session.scalars(
        select(FollowUpVersion.standing).where(FollowUpVersion.follow_up_id == row.id)
    ).all()
    assert sorted(kept) == [Standing.COMPARED, Standing.COMPARED, Standing.STANDING]


def test_the_development_plan_is_hers(there, client_as):
    client = client_as(there.worker)
    path = f"/placements/{there.placement.id}/development"
    sent = {"area": "Prata svenska på rasten", "goal": "Fem minuter varje dag"}
    refused = client.post(path, data=sent)
    assert refused.status_code == 422
    assert "Deltagaren föreslår raden" in text_of(refused)
    assert client.post(path, data=sent | {"she_proposed": "1"}).status_code == 303
    page = text_of(client.get(path))
    state = re.search(r'action="([^"]*development/[^"]*)"', page)[1]
    assert client.post(state, data={"state": "reached"}).status_code == 303
    assert "Nått dit" in text_of(client.get(path))
    assert client_as(there.liaison).get(path).status_code == 403
