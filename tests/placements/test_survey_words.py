"""Free text: a warning that can be passed, kept for the reader; who reads it; versions as shown."""

import pytest
import time_machine
from sqlalchemy import select, text

from matchsvc.accounts.actors import link_actor
from matchsvc.accounts.models import Role
from matchsvc.errors import RuleViolation
from matchsvc.messages.links import find_link
from matchsvc.placements.careful import Careful, People, look_at, people_of
from matchsvc.placements.models import QuestionnaireVersion, Survey, SurveyAnswer
from matchsvc.placements.participant_questions import AROUND, LANGUAGES, PARTICIPANT
from matchsvc.placements.questionnaire import EMPLOYER, Questionnaire
from matchsvc.placements.questionnaire_versions import (
    CURRENT,
    hash_of,
    load_questionnaires,
    version_of,
)
from matchsvc.placements.surveys import (
    complete_survey,
    get_open_survey,
    read_free_text,
    save_answer,
)
from tests.factories import TODAY, identity_number
from tests.placements.factories import NOW
from tests.placements.survey_factories import answered, ended, newest_letter, token_of


def survey_of(session):
    link = find_link(session, token_of(newest_letter(session)))
    return link, get_open_survey(session, link).survey


def write(session, words, **more):
    _link, survey = survey_of(session)
    return save_answer(session, survey, "E12", text=words, today=TODAY, **more)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Samira var snabb på att lära sig.", [Careful.NAME]),
        ("Det gick bra för haddad.", [Careful.NAME]),
        ("Karins stöd var bra.", [Careful.NAME]),
        (f"Ring {identity_number()}", [Careful.IDENTITY]),
        ("Ring mig på 070-174 06 15", [Careful.NUMBER]),
        ("Ring +46 8 465 004 00", [Careful.NUMBER]),
        ("Skriv till petra@example.org", [Careful.NUMBER]),
        ("Personen var sjukskriven en del", [Careful.HEALTH]),
        ("There was some anxiety at first", [Careful.HEALTH]),
        ("Allt fungerade bra med schemat och 12 timmar i veckan.", []),
        ("Vi tog emot någon 2025 och 2026 på sjukhuset.", []),
    ],
)
def test_a_text_is_looked_at_for_names_numbers_and_health(session, make, words, found):
    there = ended(session, make)
    there.participant.given_name, there.participant.family_name = "Samira", "Haddad"
    session.flush()
    people = people_of(session, there.placement.id)
    assert look_at(words, people, today=TODAY) == found


def test_a_beteckning_and_a_bare_number_of_these_people_are_found():
    people = People(phones=("+46701740615",), keys=("D-2041",))
    assert look_at("d-2041 kom alltid", people, today=TODAY) == [Careful.NAME]
    assert look_at("nummer 701740615", people, today=TODAY) == [Careful.NUMBER]


def test_the_writer_is_asked_once_and_may_keep_the_text_with_its_warning(session, make):
    ended(session, make)
    words = f"Ring om {identity_number()} och depression"
    with pytest.raises(RuleViolation) as refusal:
        write(session, words)
    assert refusal.value.code == "text_careful"
    assert session.scalars(select(SurveyAnswer)).all() == []
    kept = write(session, words, keeps_warned=True)
    assert kept.warnings == ["identity_number", "health"]
    assert write(session, "Bra stöd.").warnings == []


def test_free_text_does_not_stand_in_the_clear(session, make):
    ended(session, make)
    write(session, "Vi vill gärna ta emot fler.")
    stored = session.execute(text("select text from survey_answer")).scalar()
    assert "gärna" not in stored


@pytest.fixture
def visitor(app):
    app.config["WTF_CSRF_ENABLED"] = False
    with time_machine.travel(NOW, tick=False):
        yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True


def test_the_page_warns_says_of_what_and_lets_it_pass(session, make, visitor):
    there = ended(session, make)
    session.commit()
    visitor.post(f"{there.path}/start")
    asked = visitor.post("/l/answers/E12", data={"text": "Ring 070-174 06 15", "go": "next"})
    page = asked.get_data(as_text=True)
    assert asked.status_code == 409
    assert "telefonnummer" in page
    assert "Ring 070-174 06 15" in page  # what was typed stays
    assert "Spara ändå" in page
    done = visitor.post("/l/answers/E12", data={"text": "Ring 070-174 06 15", "go": "keep"})
    assert done.location == "/l/answers/thanks"
    session.expire_all()
    assert session.scalar(select(SurveyAnswer.warnings)) == ["number"]


def hand_in(session, words, *, contact=False):
    link, survey = survey_of(session)
    values = ("contact_me",) if contact else ()
    save_answer(session, survey, "E12", values=values, text=words, today=TODAY, keeps_warned=True)
    complete_survey(session, link_actor(link.id, link.unit_id), link, survey, now=NOW)


def reads(session, there, actor):
    return read_free_text(session, actor, there.placement.id, today=TODAY)[1]


def test_the_liaison_who_was_addressed_reads_at_once_and_sees_the_warning(session, make):
    there = ended(session, make)
    hand_in(session, "Ring 070-174 06 15", contact=True)
    read = reads(session, there, make.actor(user=there.liaison))
    assert read.text == "Ring 070-174 06 15"
    assert read.warnings == (Careful.NUMBER,)
    for role in (Role.UNIT_MANAGER, Role.CASE_WORKER, Role.EMPLOYER_LIAISON):
        assert reads(session, there, make.actor(role)) is None


def test_otherwise_liaison_and_manager_read_from_five_answers_and_nobody_else(session, make):
    there = ended(session, make)
    hand_in(session, "Bra stöd.")
    liaison, manager = make.actor(user=there.liaison), make.actor(Role.UNIT_MANAGER)
    for number in range(4):
        assert reads(session, there, liaison) is None
        assert reads(session, there, manager) is None
        answered(session, there, {"E2": "4"}, days_ago=number + 1)
    assert reads(session, there, liaison).text == "Bra stöd."
    assert reads(session, there, manager).text == "Bra stöd."
    for actor in (
        there.actor,
        make.actor(Role.EMPLOYER_LIAISON),
        make.actor(user=there.supervisor),
    ):
        assert reads(session, there, actor) is None


def test_a_version_is_kept_as_it_was_shown_and_never_changes(session, monkeypatch):
    for each in CURRENT:
        row = session.get(QuestionnaireVersion, each.code)
        assert row.content_hash == hash_of(each) == hash_of(version_of(session, each.code))
    load_questionnaires(session)  # again changes nothing
    other = Questionnaire("employer-1", EMPLOYER.questions[:-1])
    monkeypatch.setattr("matchsvc.placements.questionnaire_versions.CURRENT", (other,))
    with pytest.raises(ValueError, match="give it a new code"):
        load_questionnaires(session)


def test_the_words_that_were_sent_are_the_words_that_are_asked(session, make, visitor):
    there = ended(session, make)
    old = EMPLOYER.as_shown()
    old["questions"][3]["words"]["sv"] = "Visste ni nog innan?"
    session.add(QuestionnaireVersion(code="employer-0", content=old, content_hash="old"))
    session.get(Survey, there.survey.id).questionnaire = "employer-0"
    session.commit()
    visitor.post(f"{there.path}/start")
    assert "Visste ni nog innan?" in visitor.get("/l/answers/E4").get_data(as_text=True)


def test_the_ids_and_words_of_what_is_asked_now_are_frozen():
    """A change of wording fails here: give the questionnaire a new code instead."""
    assert {each.code: hash_of(each)[:12] for each in CURRENT} == {
        "employer-1": "4c919867371f",
        "participant-1": "e55a7b384cc3",
        "yearly-1": "cb85d2dcca79",
    }


def test_the_participants_questions_are_said_in_every_language_of_the_own_page():
    assert [each.id for each in PARTICIPANT.questions] == [f"P{n}" for n in range(1, 11)]
    for question in PARTICIPANT.questions:
        assert set(question.words) == set(LANGUAGES)
        assert all(question.words.values())
        assert all(set(option.words) == set(LANGUAGES) for option in question.options)
    for key, words in AROUND.items():
        assert set(words) == set(LANGUAGES), key
        assert all(words.values()) or key == "draft"
