"""The starter vocabulary's files: what a liaison may correct must stay sound."""

import re
from collections import Counter, defaultdict

import pytest

from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.starter import read_conditions, read_starter
from matchsvc.vocabulary.words import stems_of, text_key

CONCEPTS = read_starter().concepts
CHOSEN = [concept for concept in CONCEPTS.values() if not concept.is_group]
CARD = {
    "tar-initiativ",
    "samarbetar",
    "kommer-i-tid",
    "ar-noggrann",
    "tar-ansvar",
    "forstar-instruktioner",
}
#: Words of a competence talk in the design pictures: the vocabulary has to know them.
IN_THE_PICTURES = [
    "Laga mat i större mängd",
    "Planera mängder och inköp",
    "Ordna evenemang i förening",
    "Livsmedelshygien",
    "Sköta kassa och handkassa",
    "Odla grönsaker",
    "Ta hand om små barn",
    "Diska och städa storkök",
    "Ta emot och sortera varor",
    "Packa och märka varor",
    "Följa recept och instruktioner",
]


def of_type(concept_type):
    return [concept for concept in CHOSEN if concept.type is concept_type]


def test_the_vocabulary_is_large_enough_to_work_alone():
    assert len(of_type(ConceptType.SKILL)) >= 350
    assert len(of_type(ConceptType.OCCUPATION)) >= 80
    assert len(of_type(ConceptType.LANGUAGE)) >= 45
    assert len(of_type(ConceptType.LICENCE)) >= 40
    assert {concept.id for concept in of_type(ConceptType.GENERIC)} >= CARD
    assert len(CHOSEN) >= 500


@pytest.mark.parametrize("label", IN_THE_PICTURES)
def test_what_the_design_shows_is_in_the_vocabulary(label):
    assert label in {concept.label_sv for concept in CHOSEN}


def test_ids_can_stand_in_an_import_cell_and_in_an_address():
    assert [key for key in CONCEPTS if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", key)] == []


def test_languages_are_known_by_their_iso_code():
    wrong = [
        one.id for one in of_type(ConceptType.LANGUAGE) if not re.fullmatch("[a-z]{2,3}", one.id)
    ]
    assert wrong == []
    assert {"sv", "en", "ar", "so", "fa", "ti", "uk"} <= CONCEPTS.keys()


def test_no_two_concepts_of_a_type_share_a_name():
    names = Counter(
        (concept.type, text_key(name))
        for concept in CONCEPTS.values()
        for name in {text_key(concept.label_sv), *map(text_key, concept.phrases)}
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_no_two_concepts_of_a_type_are_said_with_the_same_words():
    said = defaultdict(set)
    for concept in CHOSEN:
        for phrase in (concept.label_sv, *concept.phrases):
            said[concept.type, frozenset(stems_of(phrase))].add(concept.id)
    assert {words: ids for words, ids in said.items() if len(ids) > 1} == {}


def test_every_phrase_has_a_word_that_tells_something():
    empty = [
        (concept.id, phrase)
        for concept in CHOSEN
        for phrase in (concept.label_sv, *concept.phrases)
        if not stems_of(phrase)
    ]
    assert empty == []


def test_no_phrase_rests_on_a_word_that_half_the_vocabulary_uses():
    used_by = defaultdict(set)
    for concept in CHOSEN:
        for phrase in (concept.label_sv, *concept.phrases):
            for stem in stems_of(phrase):
                used_by[stem].add(concept.id)
    vague = [
        (concept.id, phrase)
        for concept in CHOSEN
        for phrase in concept.phrases
        if len(set(stems_of(phrase))) == 1 and len(used_by[stems_of(phrase)[0]]) > 10
    ]
    assert vague == []


def test_every_choice_can_be_said_in_eight_ways_at_least_and_thirty_at_most():
    # A language has few names; its speakers' own name for it is among them.
    said = {one.id: len(one.phrases) for one in CHOSEN if one.type is not ConceptType.LANGUAGE}
    assert {key: count for key, count in said.items() if not 8 <= count <= 30} == {}


def test_every_choice_has_a_line_that_explains_it_unless_it_is_a_language():
    unexplained = [
        concept.id
        for concept in CHOSEN
        if concept.type is not ConceptType.LANGUAGE and len(concept.description) < 3
    ]
    assert unexplained == []


def test_every_skill_and_occupation_belongs_under_a_heading():
    orphans = [
        concept.id
        for concept in CONCEPTS.values()
        if concept.parent_id is None
        and concept.type in {ConceptType.SKILL, ConceptType.OCCUPATION}
        and not concept.is_group
    ]
    assert orphans == []


def test_a_line_upward_stays_within_its_type_and_ends_at_a_top():
    for concept in CONCEPTS.values():
        steps, step = 0, concept
        while step.parent_id is not None:
            assert CONCEPTS[step.parent_id].type is concept.type
            step, steps = CONCEPTS[step.parent_id], steps + 1
            assert steps <= 4, concept.id


def test_no_heading_stands_empty():
    parents = {concept.parent_id for concept in CONCEPTS.values()}
    assert [one.id for one in CONCEPTS.values() if one.is_group and one.id not in parents] == []


def test_one_language_or_generic_competence_never_counts_as_a_part_of_another():
    # They have no parent: points flow along the line upward (DESIGN section 4).
    lines = [
        concept.id
        for concept in CHOSEN
        if concept.type in {ConceptType.LANGUAGE, ConceptType.GENERIC} and concept.parent_id
    ]
    assert lines == []


def test_a_higher_driving_licence_is_narrower_than_the_one_it_includes():
    assert CONCEPTS["korkort-ce"].parent_id == "korkort-c"
    assert CONCEPTS["korkort-c"].parent_id == CONCEPTS["korkort-d"].parent_id == "korkort-b"


def test_an_ssyk_code_names_one_occupation():
    codes = Counter(one.ssyk_code for one in CONCEPTS.values() if one.ssyk_code)
    assert [code for code, count in codes.items() if count > 1] == []
    assert all(one.ssyk_code for one in of_type(ConceptType.OCCUPATION))


def test_conditions_are_said_from_both_sides_with_a_way_to_open_each():
    conditions = read_conditions()
    assert 40 <= len(conditions) <= 80
    assert [one["position"] for one in conditions] == list(range(1, len(conditions) + 1))
    needs = {one["id"]: one["need_sv"] for one in conditions}
    assert needs["lyfta-hogst-10"] == "Lyfta högst 10 kg"
    wordings = [
        text for one in conditions for key, text in one.items() if key.endswith(("_sv", "_en"))
    ]
    assert len(set(wordings)) == len(wordings)


def test_no_condition_speaks_of_health():
    medical = re.compile(
        r"sjuk|diagnos|besvär|smärt|ont |handikapp|nedsätt|psyk|rygg|illness|pain|disab",
        re.IGNORECASE,
    )
    assert [
        one["id"] for one in read_conditions() if medical.search(" ".join(map(str, one.values())))
    ] == []
