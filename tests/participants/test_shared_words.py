"""A confirmed concept's words may be proposed to everybody; whose they were is nowhere."""

import pytest
from sqlalchemy import select

from matchsvc.employers.models import Contact
from matchsvc.participants.competences import add_competence, link_competence
from matchsvc.participants.models import Capacity, LearnedWhere
from matchsvc.participants.shared_words import names_among
from matchsvc.swedish import sort_key
from matchsvc.vocabulary.models import UnitSynonym
from tests.factories import TODAY

WORDS = "steker plättar i klubbstugan"


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def person(make, worker):
    return make.participant(worker, given_name="Fatima", family_name="Öström")


def add(session, make, worker, person, words=WORDS, concept_id="laga-mat"):
    return add_competence(
        session,
        make.actor(user=worker),
        person.id,
        learned_where=LearnedWhere.ASSOCIATION,
        own_words=words,
        concept_id=concept_id,
        today=TODAY,
    )


def proposed(session):
    return {(held.text, held.concept_id) for held in session.scalars(select(UnitSynonym))}


def test_words_with_a_confirmed_concept_are_proposed(session, make, worker, person):
    add(session, make, worker, person)
    assert proposed(session) == {(WORDS, "laga-mat")}


def test_words_that_wait_are_proposed_when_a_person_gives_them_a_concept(
    session, make, worker, person
):
    waiting = add(session, make, worker, person, concept_id=None)
    assert proposed(session) == set()
    link_competence(session, make.actor(user=worker), waiting.id, "laga-mat", today=TODAY)
    assert proposed(session) == {(WORDS, "laga-mat")}


def test_a_protected_persons_words_are_never_proposed(session, make, worker, person):
    person.protected = True
    make.involve(person, worker, Capacity.PROTECTED_HANDLER)
    add(session, make, worker, person)
    assert proposed(session) == set()


@pytest.mark.parametrize(
    "words",
    [
        "fatima lagar mat",
        "matlagning hos öströms",
        "lagar som ostrom",
        "hos kringlan",
        "mat med yusuf",
        "mat åt berglunda",
        "som chefen lindqvist",
    ],
)
def test_names_of_people_and_employers_keep_words_from_being_proposed(
    session, make, worker, person, words
):
    make.user(name="Maja Lindqvist", sort_key=sort_key("Maja Lindqvist"))
    employer = make.employer(name="Kringlan AB", sort_key=sort_key("Kringlan AB"))
    make.save(Contact(employer_id=employer.id, name="Yusuf Ali", sort_key=sort_key("Yusuf Ali")))
    elsewhere = make.unit(name="Norra enheten")
    make.participant(unit=elsewhere, given_name="Berglunda", family_name="X", protected=True)
    held = add(session, make, worker, person, words)
    assert held.own_words == words
    assert proposed(session) == set()


def test_only_the_texts_own_words_come_back_from_the_search_for_names(session, make):
    make.participant(given_name="Fatima", family_name="Öström")
    assert names_among(session, "syr hos Fatima") == {"fatima"}
    assert names_among(session, "syr gardiner") == frozenset()
    assert names_among(session, "100 % _ '") == frozenset()


def test_the_competence_is_saved_whatever_the_words_are(session, make, worker, person):
    for number, words in enumerate(["x" * 400, "🪡", "ring 070-174 06 15", "لغة"]):
        concept = ["laga-mat", "sy", "odla", "stada-hem"][number]
        assert add(session, make, worker, person, words, concept).own_words == words
    assert proposed(session) == set()
