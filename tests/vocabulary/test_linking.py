"""From everyday Swedish to concepts: the right one first, and nothing rather than noise."""

import time

import pytest

from matchsvc.vocabulary.linking import Candidate, LabelIndex, PhraseIndex, is_confident, merge
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.starter import read_starter

SAID = {
    "sydde kläder hemma": "sy",
    "lagat mat för 40 personer i föreningen": "laga-mat-storkok",
    "truckkort": "truckkort",
    "tar hand om min sjuka mamma": "omsorg-sjuka",
    "sköter bokföring åt bror": "skota-bokforing",
    "jag brukar baka bröd till grannarna": "baka-brod",
    "har tagit hand om mina fyra syskon": "ta-hand-om-barn",
    "Jag har jobbat som städerska på ett hotell i tre år": "stada-hotell",
    "vi hade får och getter på gården": "skota-kor-far",
    "jag klipper håret på mina systrar": "skota-har",
    "flätar hår på fester": "flata-har",
    "körde taxi i Damaskus": "kora-taxi",
    "jag har B-körkort": "korkort-b",
    "körkort för lastbil": "korkort-c",
    "kan köra gaffeltruck": "kora-truck",
    "har packat varor på ett lager": "packa-varor",
    "diskade på en restaurang": "diska-storkok",
    "sålde grönsaker på marknaden": "salja-torg",
    "lagt upp byxor åt vänner": "andra-klader",
    "lagar cyklar åt barnen i området": "laga-cyklar",
    "hjälper barnen med läxorna": "hjalpa-med-laxor",
    "satt i styrelsen för en kvinnoförening": "leda-forening",
    "sköter om gamla människor": "omsorg-aldre",
    "ger min pappa hans mediciner": "ge-medicin",
    "odlade tomater och gurka": "odla-gronsaker",
    "stickar tröjor": "sticka-virka",
    "drev en liten restaurang med min man": "driva-restaurang",
    "jag kan excel": "kalkylblad",
    "översätter brev från Skatteverket åt släktingar": "oversatta",
    "jag talar arabiska": "ar",
    "jag är punktlig": "kommer-i-tid",
    "jobbar bra tillsammans med andra": "samarbetar",
    "jag var barnmorska i Eritrea": "hjalpa-vid-forlossning",
    "certifikat heta arbeten": "heta-arbeten",
    "min bror sitter i rullstol och jag hjälper honom": "stotta-funktionsnedsattning",
    "barnpassning": "ta-hand-om-barn",
    "matlagning": "laga-mat",
    "lokalvård": "stada-lokaler",
    "jag laga mat mycket folk": "laga-mat-storkok",
    "jag jobba städa skola": "stada-lokaler",
    "plockade bär i Norrland": "plocka-bar",
}
UNRELATED = [
    "asdfgh qwerty",
    "123456",
    "det regnar idag",
    "jag bor i en lägenhet på tredje våningen",
    "min dotter heter Amina",
    "kvantfysik",
    "jag vill ha ett jobb",
    "jag vet inte",
    "har bott i Sverige i fem år",
    "jag tycker om att titta på teve",
    "ont i ryggen",
    "lorem ipsum dolor sit amet",
    "'; drop table concept; --",
    "😀 🙃",
    "",
    "   ",
]


def candidates():
    return [
        Candidate(
            one.id,
            one.type,
            one.is_group,
            one.label_sv,
            one.label_en,
            one.description,
            one.uri,
            one.phrases,
        )
        for one in read_starter().concepts.values()
        if not one.is_group
    ]


@pytest.fixture(scope="module")
def index():
    return PhraseIndex(candidates())


def anything(_):
    return True


@pytest.mark.parametrize(("text", "concept"), SAID.items())
def test_what_people_say_is_linked_to_the_right_concept_first(index, text, concept):
    found = index.suggest(text, anything)
    assert [one.id for one in found[:1]] == [concept]


@pytest.mark.parametrize("text", UNRELATED)
def test_nothing_is_proposed_for_what_is_no_competence(index, text):
    assert index.suggest(text, anything) == []


def test_a_misspelt_word_is_understood(index):
    assert index.suggest("jag skotade snö åt kommunen", anything)[0].id == "skotta-sno"
    assert index.suggest("bokförning", anything)[0].id == "skota-bokforing"


def test_a_word_that_only_looks_alike_is_not(index):
    assert "odla" not in {one.id for one in index.suggest("planerar möten", anything)}


def test_the_words_it_went_by_are_shown_as_they_were_written(index):
    found = index.suggest("lagat mat för 40 personer i föreningen", anything)
    assert found[0].matched_words == ("lagat mat", "40 personer")
    assert found[0].matched_label == "laga mat för 50 personer"


def test_scores_are_whole_numbers_from_0_to_100_and_fall(index):
    for text in SAID:
        scores = [one.score for one in index.suggest(text, anything)]
        assert scores == sorted(scores, reverse=True)
        assert all(isinstance(score, int) and 0 < score <= 100 for score in scores)


def test_only_what_is_wanted_is_proposed(index):
    found = index.suggest("städare", lambda one: one.type is ConceptType.OCCUPATION)
    assert found[0].id == "yrke-stadare"
    assert {one.kind for one in found} == {ConceptType.OCCUPATION}


def test_the_same_text_gives_the_same_answer_in_any_order_of_the_vocabulary(index):
    backwards = PhraseIndex(candidates()[::-1])
    for text in SAID:
        assert index.suggest(text, anything) == backwards.suggest(text, anything)


def test_a_clear_text_is_sure_and_a_vague_or_denied_one_is_not(index):
    def sure(text):
        return is_confident(text, index.suggest(text, anything), official=False)

    assert sure("sydde kläder hemma")
    assert not sure("jag vill jobba med barn")
    assert not sure("jag har inte truckkort")
    assert not sure("kvantfysik")


def test_a_hundred_texts_are_linked_in_well_under_a_second(index):
    texts = list(SAID) * 3
    for text in texts:
        index.suggest(text, anything)  # the dictionary and the neighbours are remembered
    begun = time.perf_counter()
    for text in texts[:100]:
        index.suggest(text, anything)
    assert time.perf_counter() - begun < 1


def test_an_empty_vocabulary_proposes_nothing():
    assert PhraseIndex([]).suggest("sy kläder", anything) == []
    assert LabelIndex([]).suggest("sy kläder", anything, top=5) == []


@pytest.fixture(scope="module")
def labels():
    named = {
        "a": ("montera hyllor", "sätta upp hyllor"),
        "b": ("montera hyllor av glas",),
        "c": ("sköta gräsytor",),
        "d": ("Monterare",),
    }
    return LabelIndex(
        [
            Candidate(key, ConceptType.SKILL, key == "d", names[0], "", "", f"x:{key}", names[1:])
            for key, names in named.items()
        ]
    )


def test_an_official_label_said_exactly_scores_100_and_no_other_does(labels):
    found = labels.suggest("Montera  HYLLOR", anything, top=3)
    assert [(one.id, one.score == 100) for one in found] == [
        ("a", True),
        ("b", False),
        ("d", False),
    ]


def test_an_official_label_is_found_by_a_synonym_and_by_other_forms(labels):
    first = labels.suggest("satte upp hyllorna", anything, top=3)[0]
    assert (first.id, first.label, first.matched_label) == (
        "a",
        "montera hyllor",
        "sätta upp hyllor",
    )
    assert first.matched_words == ("satte upp hyllorna",)


def test_no_more_official_labels_are_given_than_asked_for(labels):
    assert [one.id for one in labels.suggest("montera hyllor", anything, top=1)] == ["a"]
    assert labels.suggest("2 000", anything, top=3) == []
    assert labels.suggest("det var så", anything, top=3) == []


def test_an_everyday_word_comes_before_an_official_one_with_the_same_score(index, labels):
    everyday = index.suggest("truckkort", anything)[:1]
    official = labels.suggest("montera hyllor", anything, top=1)
    assert everyday[0].score == official[0].score == 100
    assert merge(everyday, official) == [*everyday, *official]
