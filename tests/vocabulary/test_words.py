"""Reading Swedish words."""

import pytest

from matchsvc.vocabulary.words import content_words, stems_of, text_key


@pytest.mark.parametrize(
    "forms",
    [
        "sy syr sydde sytt",
        "laga lagar lagade lagat",
        "städa städar städade städat städning",
        "sälja säljer sålde sålt",
        "lära lärde lärt",
        "sköta sköter skötte skött",
        "trappa trappan trappor",
        "barn barnen barnets",
        "odla odlade odling",
        "bokföra bokförde bokföring",
        "häst hästar hästarna",
    ],
)
def test_the_forms_of_a_word_are_one_word(forms):
    assert len(set(stems_of(forms))) == 1


def test_words_that_say_nothing_about_a_competence_are_passed_over():
    assert stems_of("Jag har jobbat med det i många år och är på") == ["många"]


def test_words_that_mean_different_things_stay_apart():
    assert stems_of("händer") != stems_of("hända")
    assert stems_of("räkning") != stems_of("räkna")
    assert stems_of("förening") != stems_of("förena")


def test_a_number_is_any_number():
    assert stems_of("40 personer") == stems_of("sju personer") == ["#", "person"]


def test_a_word_keeps_its_place_and_how_it_was_written():
    first, second = content_words("Jag SYDDE många kläder")[::2]
    assert (first.place, first.surface, first.stem) == (1, "SYDDE", "sy")
    assert (second.place, second.surface) == (3, "kläder")


def test_case_spaces_and_dashes_do_not_count_in_a_name():
    assert text_key("  B-körkort ") == text_key("b  KÖRKORT") == text_key("B\u2013körkort")
    assert text_key("körkort") != text_key("korkort")


def test_composed_and_decomposed_letters_are_the_same():
    assert text_key("ko\u0308ra") == text_key("köra")
    assert stems_of("ko\u0308rde") == stems_of("körde")
