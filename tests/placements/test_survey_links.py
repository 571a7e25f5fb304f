"""The survey link: opening changes nothing, the button starts, answers stay, nobody is named."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from matchsvc.messages.links import revoke_link
from matchsvc.messages.models import LinkSession, OutboxMessage, SignedLink
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import Outcome, Survey, SurveyAnswer
from matchsvc.placements.questionnaire import QUESTIONS
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, started


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sent(session, make, app):
    """An ended placement; ``sent.path`` is what the e-mail's link leads to."""
    there = started(session, make)
    end_placement(
        session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url=URL, today=TODAY, now=NOW,
    )  # fmt: skip
    session.commit()
    body = session.scalar(select(OutboxMessage.body))
    there.path = re.search(rf"{URL}(/l/\S+)", body)[1]
    return there


@pytest.fixture
def visitor(app):
    app.config["WTF_CSRF_ENABLED"] = False
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True


def text_of(response):
    return response.get_data(as_text=True)


def counts(session):
    return [
        session.scalar(select(func.count()).select_from(table))
        for table in (LinkSession, SurveyAnswer)
    ]


def begin(visitor, sent):
    answer = visitor.post(f"{sent.path}/start")
    assert answer.status_code == 303
    return answer.location


def test_opening_the_link_shows_a_button_and_changes_nothing(session, visitor, sent):
    for _ in range(3):
        page = visitor.get(sent.path)
        assert page.status_code == 200
        assert "Börja svara" in text_of(page)
    assert counts(session) == [0, 0]
    link = session.scalar(select(SignedLink).execution_options(populate_existing=True))
    assert link.answered_at is None


def test_the_button_starts_and_the_token_leaves_the_address(session, visitor, sent):
    assert begin(visitor, sent) == "/l/answers/E1"
    assert counts(session) == [1, 0]
    assert "Hur slutade perioden?" in text_of(visitor.get("/l/answers/E1"))


def test_without_the_button_no_question_is_shown(visitor, sent):
    visitor.get(sent.path)
    page = visitor.get("/l/answers/E1")
    assert page.status_code == 403
    assert "Öppna länken i brevet igen" in text_of(page)


def test_every_question_has_words_on_every_step_and_dont_know_apart(visitor, sent):
    begin(visitor, sent)
    page = text_of(visitor.get("/l/answers/E4"))
    assert "Fråga 4 av 12" in page
    for words in ("Inte alls", "I liten grad", "Delvis", "I hög grad", "Helt och hållet"):
        assert words in page
    assert "option--apart" in page
    assert "Vet ej" in page
    assert 'aria-pressed="true"' not in page


def test_answers_are_saved_at_once_and_seen_again_on_the_way_back(session, visitor, sent):
    begin(visitor, sent)
    answer = visitor.post("/l/answers/E4", data={"answer": "4", "go": "next"})
    assert answer.location == "/l/answers/E5"
    assert counts(session)[1] == 1
    back = visitor.post("/l/answers/E5", data={"go": "back"})
    assert back.location == "/l/answers/E4"
    assert re.search(r'value="4" aria-pressed="true"', text_of(visitor.get("/l/answers/E4")))


def test_a_question_may_be_skipped_but_not_passed_by_without_saying_so(session, visitor, sent):
    begin(visitor, sent)
    refused = visitor.post("/l/answers/E2", data={"go": "next"})
    assert refused.status_code == 409
    assert "hoppa över frågan" in text_of(refused)
    assert visitor.post("/l/answers/E2", data={"go": "skip"}).location == "/l/answers/E3"
    assert counts(session)[1] == 0


def test_the_link_goes_on_where_the_answers_ended(clock, visitor, sent):
    begin(visitor, sent)
    visitor.post("/l/answers/E1", data={"answer": "as_planned", "go": "next"})
    clock.move_to(NOW + timedelta(minutes=31))
    late = visitor.post("/l/answers/E2", data={"answer": "4", "go": "next"})
    assert late.status_code == 403
    assert "Fortsätt svara" in text_of(visitor.get(sent.path))
    assert begin(visitor, sent) == "/l/answers/E2"


def answer_all(visitor):
    last = None
    for question in QUESTIONS:
        data = {"go": "next"}
        if question.options and question.kind != "text":
            data["answer"] = question.options[0].value
        last = visitor.post(f"/l/answers/{question.id}", data=data)
    return last


def test_handing_in_says_thanks_and_uses_the_link_up(session, visitor, sent):
    begin(visitor, sent)
    assert answer_all(visitor).location == "/l/answers/thanks"
    assert "Tack för svaren" in text_of(visitor.get("/l/answers/thanks"))
    survey = session.scalar(select(Survey).execution_options(populate_existing=True))
    assert survey.completed_at == NOW
    closed = visitor.get(sent.path)
    assert closed.status_code == 410
    assert "Ni har redan svarat" in text_of(closed)
    assert visitor.post(f"{sent.path}/start").status_code == 410


def test_handing_in_twice_saves_once(app, visitor, sent):
    begin(visitor, sent)
    other = app.test_client()
    other.post(f"{sent.path}/start")
    answer_all(visitor)
    again = other.post("/l/answers/E12", data={"go": "next", "text": "En gång till"})
    assert again.status_code == 403


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_dead_link_says_what_to_do(session, clock, visitor, sent, language):
    clock.move_to(NOW + timedelta(days=21, seconds=1))
    page = visitor.get(f"{sent.path}?lang={language}")
    assert page.status_code == 410
    expected = {"sv": "Länken gäller inte längre", "en": "no longer works"}[language]
    assert expected in text_of(page)


def test_a_revoked_link_and_an_unknown_one_say_so(session, visitor, sent):
    link = session.scalar(select(SignedLink))
    revoke_link(session, link, NOW)
    session.commit()
    assert "återkallad" in text_of(visitor.get(sent.path))
    unknown = visitor.get("/l/" + "x" * 32)
    assert unknown.status_code == 404
    assert "Länken finns inte" in text_of(unknown)


def test_nobody_is_named_on_any_page(visitor, sent):
    pages = [text_of(visitor.get(sent.path))]
    begin(visitor, sent)
    pages += [text_of(visitor.get(f"/l/answers/{question.id}")) for question in QUESTIONS]
    person = sent.participant
    for page in pages:
        for secret in (person.given_name, person.family_name, person.alias, "Petra Holm"):
            assert secret not in page


def test_a_participant_who_becomes_protected_closes_the_link(session, visitor, sent):
    begin(visitor, sent)
    sent.participant.protected = True
    session.commit()
    assert visitor.get(sent.path).status_code == 404
    assert visitor.get("/l/answers/E1").status_code == 403


def test_the_survey_speaks_english_when_asked_and_the_browser_may_ask(visitor, sent):
    page = visitor.get(sent.path, headers={"Accept-Language": "en"})
    assert "Start answering" in text_of(page)
    begin(visitor, sent)
    question = text_of(visitor.get("/l/answers/E4?lang=en"))
    assert "Before the start we got the information we needed." in question
    assert "know" in question
    assert "Question 4 of 12" in question


def test_a_post_from_elsewhere_is_refused(app, sent):
    assert app.test_client().post(f"{sent.path}/start").status_code == 400


def test_only_three_things_would_make_it_easier(visitor, sent):
    begin(visitor, sent)
    four = ["information", "adaptations", "clearer_goals", "other"]
    refused = visitor.post("/l/answers/E11", data={"answer": four, "go": "next"})
    assert refused.status_code == 409
    assert "Välj högst tre" in text_of(refused)
    kept = visitor.post("/l/answers/E11", data={"answer": four[:3], "go": "next"})
    assert kept.location == "/l/answers/E12"


def test_the_employer_meets_the_unit_by_the_name_and_mark_that_it_shows(
    visitor, sent, make, session
):
    make.setting("display_name", "Jobbcentrum Norr")
    make.setting("mark", "JN")
    session.commit()
    for page in (text_of(visitor.get(sent.path)), text_of(visitor.get(begin(visitor, sent)))):
        assert "Jobbcentrum Norr</title>" in page
        assert ">JN</text>" in page
    assert "Jobbcentrum" not in text_of(visitor.get("/l/unknown"))


def test_what_is_written_is_kept_while_it_is_written(session, visitor, sent):
    begin(visitor, sent)
    kept = visitor.post("/l/answers/E12/draft", data={"text": "Det gick bra."})
    assert kept.status_code == 204
    assert "Det gick bra." in text_of(visitor.get("/l/answers/E12"))


def test_a_name_half_written_is_not_kept_and_interrupts_nobody(session, visitor, sent):
    begin(visitor, sent)
    name = sent.participant.given_name
    assert visitor.post("/l/answers/E12/draft", data={"text": f"{name} är"}).status_code == 204
    assert session.scalar(select(func.count()).select_from(SurveyAnswer)) == 0
