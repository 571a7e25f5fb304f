"""From everyday Swedish to concepts: the right one first, and nothing rather than noise."""

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchsvc.vocabulary.arrays_on_disk import kept_or_made
from matchsvc.vocabulary.candidates import Candidate
from matchsvc.vocabulary.label_arrays import Links, make_arrays
from matchsvc.vocabulary.labels import LabelIndex
from matchsvc.vocabulary.linking import Wanted, link, merge
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.phrases import PhraseIndex
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


def linked(index, *texts, **wanted):
    return link([(text, text) for text in texts], Wanted(**wanted), everyday=index, official=None)


def test_a_clear_text_is_sure_and_a_vague_or_denied_one_is_not(index):
    sure = [
        one.confident
        for one in linked(
            index,
            "sydde kläder hemma",
            "jag vill jobba med barn",
            "jag har inte truckkort",
            "jag vill sy kläder",
            "kvantfysik",
        )
    ]
    assert sure == [True, False, False, False, False]


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
    empty = LabelIndex(make_arrays([], Links()))
    assert empty.search(["sy kläder"], top=5, groups=True) == [[]]


@pytest.mark.parametrize(
    ("text", "held", "denied"),
    [
        ("jag kan inte köra bil men lagar mat", {"laga-mat"}, {"korkort-b"}),
        ("jag har inte körkort, jag syr kläder", {"sy"}, {"korkort-b"}),
        ("jag saknar truckkort men har städat kontor", {"stada-lokaler"}, {"truckkort"}),
        ("I cook but I can't drive a forklift", {"laga-mat"}, {"kora-truck", "truckkort"}),
        ("städar utan att vara certifierad för heta arbeten", set(), {"heta-arbeten"}),
        ("har inte bara städat kontor utan också lagat mat", {"stada-lokaler", "laga-mat"}, set()),
    ],
)
def test_what_somebody_denies_is_not_proposed(index, text, held, denied):
    found = {one.id for one in index.suggest(text, anything)}
    assert held <= found
    assert denied.isdisjoint(found)


def test_a_denial_that_is_part_of_the_competence_is_none():
    both = PhraseIndex(
        [
            Candidate("a", ConceptType.SKILL, False, "Laga mat", "", "", None),
            Candidate("b", ConceptType.SKILL, False, "Kost", "", "", None, ("mat utan ägg",)),
            Candidate("c", ConceptType.SKILL, False, "Sköta höns", "", "", None, ("höns och ägg",)),
        ]
    )
    found = {one.id for one in both.suggest("lagar mat utan ägg till barn", anything)}
    assert found == {"a", "b"}


def test_several_competences_in_one_sentence_are_all_near_the_top(index):
    found = [one.id for one in index.suggest("jag lagar mat, syr kläder och kör truck", anything)]
    assert {"laga-mat", "sy", "kora-truck"} <= set(found[:5])


def test_how_long_and_how_many_is_kept_as_evidence(index):
    [one] = linked(index, "lagat mat åt 300 gäster i tio år, städat kontor sedan 2015")
    assert one.evidence == ("300 gäster", "tio år", "sedan 2015")
    kept = {each.id: each.evidence for each in one.suggestions}
    assert kept["stada-lokaler"] == ("sedan 2015",)


@pytest.mark.parametrize(
    ("bare", "concept"),
    [
        ("stader hotell", "stada-hotell"),
        ("syr klader hemma", "sy"),
        ("bakade brod", "baka-brod"),
        ("skottar sno", "skotta-sno"),
        ("jag kor truck", "kora-truck"),
    ],
)
def test_words_typed_without_their_dots_are_understood(index, bare, concept):
    assert concept in [one.id for one in index.suggest(bare, anything)[:2]]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("I cooked for 50 people", "laga-mat-storkok"),
        ("I can drive a forklift", "kora-truck"),
        ("sewing clothes", "sy"),
        ("jobbat som cleaner", "yrke-stadare"),
    ],
)
def test_english_and_mixed_language_is_understood(index, text, concept):
    assert concept in [one.id for one in index.suggest(text, anything)[:5]]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "städa " * 2_000,
        "😀" * 500,
        "العربية中文ภาษาไทย",
        "'; DROP TABLE concept; --",
        "<script>alert(1)</script>",
        "\x00\ud800\n\t",
        "å" * 300,
        "inte utan men och",
    ],
)
def test_odd_input_gets_an_answer(index, labels, text):
    [found] = link([(text, text[:500])], Wanted(), everyday=index, official=labels)
    assert found.text == text


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_an_answer_in_order(index, labels, text):
    [found] = link([(text, text)], Wanted(), everyday=index, official=labels)
    scores = [one.score for one in found.suggestions]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 100 for score in scores)


def test_many_texts_at_once_get_the_answers_they_get_alone(index, labels):
    texts = [*SAID, *UNRELATED, "montera hyllor", "Monterare"]
    together = link([(one, one) for one in texts], Wanted(), everyday=index, official=labels)
    alone = [link([(one, one)], Wanted(), everyday=index, official=labels)[0] for one in texts]
    assert together == alone


def official():
    named = {
        "a": ("montera hyllor", "sätta upp hyllor"),
        "b": ("montera hyllor av glas",),
        "c": ("sköta gräsytor",),
        "e": ("laga stora maskiner",),
    }
    skills = [
        Candidate(key, ConceptType.SKILL, False, names[0], "", "", f"x:{key}", names[1:])
        for key, names in named.items()
    ]
    occupations = [
        Candidate(
            "d", ConceptType.OCCUPATION, False, "Hyllmontör", "", "", "x:d", isco_code="1234"
        ),
        Candidate("g", ConceptType.OCCUPATION, True, "Montörer", "", "", "x:g", isco_code="1234"),
    ]
    return [*skills, *occupations], Links(upward=[("d", "g")], needs=[("d", "e", True)])


@pytest.fixture(scope="module")
def labels():
    return LabelIndex(make_arrays(*official()))


def search(index, text, **wanted):
    [found] = index.search([text], **({"top": 5, "groups": False} | wanted))
    return found


def test_an_official_name_said_exactly_comes_first_and_no_other_is_as_sure(labels):
    found = search(labels, "Montera  HYLLOR")
    assert (found[0].candidate.id, found[0].likeness) == ("a", 1)
    assert all(one.likeness < 1 for one in found[1:])


def test_an_official_name_is_found_by_a_synonym_and_by_other_forms(labels):
    first = search(labels, "satte upp hyllorna")[0]
    assert (first.candidate.id, first.candidate.label) == ("a", "montera hyllor")
    assert first.name == "sätta upp hyllor"


def test_a_skill_is_found_by_an_occupation_that_needs_it(labels):
    skills = [one.candidate.id for one in search(labels, "hyllmontör", kind=ConceptType.SKILL)]
    assert "e" in skills


def test_a_group_is_found_by_an_occupation_in_it_where_groups_are_wanted(labels):
    wanted = {"kind": ConceptType.OCCUPATION}
    assert [one.candidate.id for one in search(labels, "hyllmontör", **wanted)] == ["d"]
    found = search(labels, "hyllmontör", groups=True, **wanted)
    assert [one.candidate.id for one in found] == ["d", "g"]


def test_no_more_official_names_are_given_than_asked_for(labels):
    assert [one.candidate.id for one in search(labels, "montera hyllor", top=1)] == ["a"]
    for nothing in ("2 000", "det var så", ""):
        [found] = link([(nothing, nothing)], Wanted(), everyday=None, official=labels)
        assert found.suggestions == ()


def test_an_everyday_word_comes_before_an_official_one_with_the_same_score(index, labels):
    [both] = link(
        [("truckkort, montera hyllor",) * 2], Wanted(top=20), everyday=index, official=labels
    )
    ids = [one.id for one in both.suggestions]
    assert ids.index("truckkort") < ids.index("a")
    assert merge(both.suggestions[:1], both.suggestions[1:]) == list(both.suggestions)


def test_an_index_opened_from_its_folder_answers_as_the_one_that_was_made(labels, tmp_path):
    made = make_arrays(*official())
    kept_or_made(tmp_path, "labels", "1", lambda: made)
    opened = kept_or_made(tmp_path, "labels", "1", lambda: pytest.fail("it was there"))
    assert not any(array.flags.owndata for array in opened.values() if array.size)
    texts = ["satte upp hyllor", "hyllmontör", "gräs", "x"]
    wanted = {"top": 9, "groups": True}
    assert LabelIndex(opened).search(texts, **wanted) == labels.search(texts, **wanted)


def test_two_processes_share_what_the_first_made(tmp_path):
    program = (
        "import sys, pathlib\n"
        "from matchsvc.vocabulary.arrays_on_disk import kept_or_made\n"
        "import numpy as np\n"
        "print(kept_or_made(pathlib.Path(sys.argv[1]), 'x', '1', "
        "lambda: {'a': np.array([int(sys.argv[2])])})['a'][0])\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), mark], capture_output=True, check=True
        )
        .stdout.decode()
        .strip()
        for mark in ("7", "8")
    ]
    assert said == ["7", "7"]


def test_another_version_is_made_anew_and_older_ones_are_cleared_away(tmp_path):
    for version in ("1", "2", "3"):
        made = kept_or_made(tmp_path, "x", version, lambda v=version: {"a": np.array([int(v)])})
        assert made["a"][0] == int(version)
    assert [one.name for one in sorted(tmp_path.iterdir())] == ["x-2", "x-3"]


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    assert kept_or_made(tmp_path / "file", "x", "1", lambda: {"a": np.ones(1)})["a"][0] == 1
