"""Names, lines upward, conditions, and what a text may mean."""

import pytest

from matchsvc import db
from matchsvc.errors import NotFound
from matchsvc.vocabulary import indexes, rules, versions
from matchsvc.vocabulary.conditions import in_groups
from matchsvc.vocabulary.lists import ConceptList, ConceptRow, Sort
from matchsvc.vocabulary.loading import load_list
from matchsvc.vocabulary.models import (
    Concept,
    ConceptTerm,
    ConceptType,
    Scheme,
    VersionCause,
    VocabularyVersion,
)
from matchsvc.vocabulary.rules import AmbiguousName, Source, find_concept_by_label_or_id, suggest
from matchsvc.vocabulary.starter import read_conditions

SKILL, OCCUPATION = ConceptType.SKILL, ConceptType.OCCUPATION


@pytest.fixture
def esco(session):
    """A handful of official concepts beside the starter vocabulary."""
    rows = [
        ConceptRow("esco-1", SKILL, "sköta kassa", "run a till", uri="http://x/1"),
        ConceptRow("esco-2", SKILL, "putsa skedar", "polish spoons", phrases=("blanka skedar",)),
        ConceptRow("esco-3", SKILL, "rulla klot", "roll balls"),
        ConceptRow("esco-4", SKILL, "rulla klot", "roll globes"),
        ConceptRow("isco-9", OCCUPATION, "Skedarbetare", "Spoon workers", is_group=True),
        ConceptRow("esco-5", OCCUPATION, "skedputsare", "spoon polisher", parent_id="isco-9"),
        ConceptRow("esco-6", SKILL, "hum", "hum", has_swedish_label=False),
    ]
    read = ConceptList(
        Scheme.ESCO,
        "test",
        "e" * 64,
        {row.id: row for row in rows},
        covered=frozenset({Sort(SKILL), Sort(OCCUPATION)}),
        decides=frozenset(),
    )
    load_list(session, read, by="test", now=None)


def name_of(session, text, **details):
    found = find_concept_by_label_or_id(session, text, **details)
    return found.id if found else None


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("korkort-b", "korkort-b"),
        ("  b KÖRKORT ", "korkort-b"),
        ("B-körkort", "korkort-b"),
        ("bokföring", "skota-bokforing"),
        ("keep  ACCOUNTS", "skota-bokforing"),
        ("9412", "yrke-koksbitrade"),
        ("sv", "sv"),
        ("svenska", "sv"),
        ("farsi", "fa"),
        ("finns inte", None),
        ("", None),
        ("%", None),
    ],
)
def test_a_cell_names_a_concept_by_id_name_synonym_english_or_code(session, text, concept):
    assert name_of(session, text) == concept


def test_a_name_in_several_lists_means_the_everyday_one(session, esco):
    session.get(Concept, "esco-1").label_key = "sköta kassa och handkassa"
    session.flush()
    assert name_of(session, "Sköta kassa och handkassa") == "skota-kassa"
    assert name_of(session, "putsa skedar") == "esco-2"
    assert name_of(session, "http://x/1") == "esco-1"


def test_a_name_that_fits_several_concepts_asks_which(session, esco):
    with pytest.raises(AmbiguousName) as refusal:
        find_concept_by_label_or_id(session, "Rulla klot")
    assert "esco-3" in str(refusal.value)
    assert "esco-4" in str(refusal.value)
    assert refusal.value.code == "ambiguous_name"


def test_only_the_types_that_are_meant_are_found(session):
    assert name_of(session, "frisör", types=[OCCUPATION]) == "yrke-frisor"
    assert name_of(session, "frisör", types=[SKILL]) == "skota-har"
    assert name_of(session, "sv", types=[SKILL]) is None


def test_a_deprecated_concept_is_found_by_its_id_only(session):
    session.get(Concept, "sy").is_deprecated = True
    session.flush()
    assert name_of(session, "sy") == "sy"
    assert name_of(session, "Sy och laga kläder") is None


def test_a_misspelt_name_is_answered_with_those_that_were_meant(session):
    assert "Sköta bokföring" in rules.nearest_labels(session, "Sköta bokförning")
    assert "B-körkort" in rules.nearest_labels(session, "B-korkort", types=[ConceptType.LICENCE])
    assert rules.nearest_labels(session, "qqqq zzzz") == []


def test_a_text_is_linked_within_the_starter_vocabulary_by_default(session, esco):
    found = suggest(session, "sydde kläder hemma")
    assert found.text == "sydde kläder hemma"
    assert found.suggestions[0].id == "sy"
    assert found.confident


def test_a_text_can_be_linked_to_esco(session, esco):
    found = suggest(session, "Blankade skedar", source=Source.ESCO)
    first = found.suggestions[0]
    assert (first.id, first.label, first.matched_label) == (
        "esco-2",
        "putsa skedar",
        "blanka skedar",
    )


def test_both_lists_can_be_asked_at_once(session, esco):
    ids = [one.id for one in suggest(session, "putsa skedar", source=Source.ALL).suggestions]
    assert ids[0] == "esco-2"
    both = {one.id for one in suggest(session, "sköta kassa", source=Source.ALL).suggestions}
    assert {"skota-kassa", "esco-1"} <= both


def test_groups_are_proposed_only_for_occupations_of_esco(session, esco):
    def groups(**details):
        found = suggest(session, "skedarbetare", top=50, **details).suggestions
        return "isco-9" in {one.id for one in found}

    assert groups(source=Source.ESCO, kind=OCCUPATION)
    assert not groups(source=Source.ESCO)
    assert not groups(source=Source.ALL, kind=OCCUPATION)


def test_a_heading_of_the_starter_vocabulary_is_never_proposed(session):
    found = suggest(session, "Mat och kök", top=50, kind=SKILL).suggestions
    assert "mat" not in {one.id for one in found}


def test_a_name_without_swedish_is_linked_by_its_english_one_and_marked(session, esco):
    [found] = suggest(session, "hum", source=Source.ESCO).suggestions
    assert (found.label, found.label_language) == ("hum", "en")
    others = suggest(session, "putsa skedar", source=Source.ESCO).suggestions
    assert {one.label_language for one in others} == {"sv"}


def test_esco_gives_nothing_before_it_is_imported(session):
    assert suggest(session, "sy kläder", source=Source.ESCO).suggestions == ()


def test_a_deprecated_concept_is_no_longer_proposed_after_the_next_version(session, esco):
    assert suggest(session, "putsa skedar", source=Source.ESCO).suggestions
    left = {"esco-1": ConceptRow("esco-1", SKILL, "sköta kassa", "run a till")}
    newer = ConceptList(
        Scheme.ESCO, "2", "f" * 64, left, covered=frozenset({Sort(SKILL)}), decides=frozenset()
    )
    load_list(session, newer, by="test", now=None)
    found = suggest(session, "putsa skedar", source=Source.ESCO).suggestions
    assert "esco-2" not in {one.id for one in found}


@pytest.mark.parametrize("top", [1, 3])
def test_no_more_is_proposed_than_asked_for(session, top):
    assert len(suggest(session, "städade och lagade mat åt barn", top=top).suggestions) == top


def test_an_endless_text_is_read_to_its_first_signs(session):
    text = "sydde kläder " + "bla " * 100_000
    assert suggest(session, text).text == text


def test_the_line_upward_is_told_nearest_first(session):
    line = rules.list_line_upward(session, "laga-mat-storkok")
    assert [concept.id for concept in line] == ["laga-mat", "mat"]
    with pytest.raises(NotFound):
        rules.list_line_upward(session, "finns-inte")


def test_related_concepts_are_found_from_both_ends(session):
    assert "livsmedelshygien" in {one.id for one in rules.list_related(session, "laga-mat-storkok")}
    assert "baka-mangd" in {one.id for one in rules.list_related(session, "livsmedelshygien")}


def test_a_list_to_choose_from_has_no_headings_and_is_in_swedish_order(session):
    licences = rules.list_concepts(session, types=[ConceptType.LICENCE])
    assert [one.sort_key for one in licences] == sorted(one.sort_key for one in licences)
    skills = {one.id for one in rules.list_concepts(session, types=[SKILL])}
    assert "mat" not in skills
    assert "laga-mat" in skills


def test_a_search_finds_names_and_synonyms_and_begins_with_those_that_begin_so(session, esco):
    found = [one.id for one in rules.search_concepts(session, "Odla")]
    assert found[:2] == ["odla", "odla-frukt"]
    assert "laga-mat-fest" in {one.id for one in rules.search_concepts(session, "catering")}
    assert "mat" not in {one.id for one in rules.search_concepts(session, "mat och kök")}
    assert rules.search_concepts(session, "100%_") == []
    assert rules.search_concepts(session, "  ") == []


def test_a_condition_is_named_by_its_id_or_from_either_side(session):
    for text in (
        "lyfta-hogst-10",
        "lyfta  högst 10 KG",
        "Arbetet går att göra utan lyft över 10 kg",
        "Kräver lyft över 10 kg",
    ):
        assert rules.find_condition(session, text).id == "lyfta-hogst-10"
    assert rules.find_condition(session, "lyfta") is None
    assert rules.nearest_conditions(session, "lyft högst 10 kilo")[0] == "Lyfta högst 10 kg"


def test_conditions_are_listed_in_their_order(session):
    listed = rules.list_conditions(session)
    assert [one.id for one in listed] == [one["id"] for one in read_conditions()]


def test_conditions_stand_under_headings_and_none_is_lost(session):
    listed = rules.list_conditions(session)
    groups = in_groups(listed, lambda one: one.need_sv)
    assert [group.name for group in groups][:2] == ["Kroppen", "Rummet"]
    assert [c.value for group in groups for c in group.choices] == [one.id for one in listed]
    (bus,) = [c for group in groups for c in group.choices if c.value == "resa-med-buss"]
    assert (bus.label, bus.icon) == ("Kunna åka buss till arbetet", "bus")
    assert [group.name for group in in_groups(listed[:1], lambda one: one.id)] == ["Kroppen"]


def test_linking_a_text_takes_one_look_at_the_database(session, queries):
    suggest(session, "sydde kläder")
    with queries() as count:
        suggest(session, "lagade mat åt många")
    assert count.total == 1


def test_a_new_version_of_the_list_is_seen_by_a_process_that_did_not_load_it(session, esco):
    before = indexes.label_index(session)
    assert indexes.label_index(session) is before
    session.add(
        VocabularyVersion(
            scheme=Scheme.ESCO, name="next", checksum="f" * 64, concepts=1,
            imported_by="test", imported_at=None,
        )
    )  # fmt: skip
    session.flush()
    assert indexes.label_index(session) is not before


def test_a_word_of_a_unit_for_an_official_concept_is_there_without_a_new_index(session, esco):
    large = indexes.label_index(session)
    concept = session.get(Concept, "esco-2")
    session.add(
        ConceptTerm(
            concept_id=concept.id, language="sv", key="glansa bestick", text="glansa bestick",
            is_from_unit=True,
        )
    )  # fmt: skip
    versions.add_version(
        session, concept, VersionCause.WORD, "glansa bestick", by="test", now=db.utcnow()
    )
    found = suggest(session, "glansade bestick", source=Source.ALL).suggestions
    assert found[0].id == "esco-2"
    assert indexes.label_index(session) is large
