"""Each cell: what is read, and the sentence when it can't be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchsvc.imports import values, words
from matchsvc.imports.columns import match_headings
from matchsvc.imports.offer_columns import language as spoken_with_purpose
from matchsvc.imports.offer_columns import requirement
from matchsvc.imports.participant_columns import COLUMNS, country, held
from matchsvc.imports.runner import KINDS
from matchsvc.imports.values import CellError
from matchsvc.participants.countries import countries
from matchsvc.participants.models import BirthRegion, LearnedWhere, Rung, Sex


def said(parse, cell):
    with pytest.raises(CellError) as caught:
        parse(cell)
    error = caught.value
    return error.message % error.words if error.words else error.message


@pytest.mark.parametrize(
    ("parse", "cell", "sentence"),
    [
        (values.day, "31.02.2027", "Datumet finns inte. Skriv till exempel 2027-02-26."),
        (values.day, "2027-02-29", "Datumet finns inte. Skriv till exempel 2027-02-26."),
        (values.day, "20270226", "Datumet finns inte. Skriv till exempel 2027-02-26."),
        (values.number(1, 40), "45", "Högst 40. Skriv 40 eller mindre."),
        (values.number(1, 40), "0", "Minst 1. Skriv 1 eller mer."),
        (values.number(1, 40), "37,5", "Skriv ett helt tal, till exempel 37."),
        (values.number(1, 40), "halvtid", "Skriv ett tal. Halvtid är oftast 20."),
        (values.number(1, 40), "många", "Skriv ett tal med siffror, till exempel 20."),
        (values.yes_no, "kanske", "Skriv ja eller nej."),
        (values.choice(words.SEX), "k", "Skriv ett av: kvinna, man, okänt."),
        (values.weekdays, "xx", "Skriv dagarna så här: må|ti|on|to|fr|lö|sö."),
        (values.email, "a@b", "Skriv en e-postadress, till exempel maja@kommunen.se."),
        (values.phone, "hej", "Skriv ett telefonnummer, till exempel 070-174 06 15."),
        (values.language_code, "arabiska", "Skriv språkets kod. Menade du ar?"),
        (
            values.season,
            "sommar",
            "Skriv säsongen som månad-dag/månad-dag, till exempel 04-01/10-15.",
        ),
        (
            values.season,
            "02-30/04-01",
            "Skriv säsongen som månad-dag/månad-dag, till exempel 04-01/10-15.",
        ),
        (
            values.with_purpose,
            "Raksöm =",
            "Varför behövs kravet? Skriv syftet, eller ta bort kravet.",
        ),
        (requirement, "Under 30 år", "Ålder får inte vara ett krav. Ta bort det."),
        (country, "Somaliland", "Landet finns inte. Menade du Somalia?"),
        (values.text(3), "abcd", "Texten är för lång. Skriv högst 3 tecken."),
        (values.text(30), "a\x07b", "Cellen har tecken som inte går att läsa. Skriv om texten."),
        (
            values.text(30),
            values.BadCell.ERROR,
            "Cellen har en formel eller ett fel i stället för ett värde. Skriv värdet.",
        ),
    ],
)
def test_a_cell_that_cannot_be_read_says_how_to_mend_it(parse, cell, sentence):
    assert said(parse, cell) == sentence


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (values.day, "2026-03-02", date(2026, 3, 2)),
        (values.day, date(2026, 3, 2), date(2026, 3, 2)),
        (values.number(1, 40), "20,0", 20),
        (values.number(1, 40), "20.0", 20),
        (values.number(1, 40), 20.0, 20),
        (values.yes_no, "JA", True),
        (values.yes_no, False, False),
        (values.choice(words.SEX), " Kvinna ", Sex.WOMAN),
        (values.choice(words.SEX), "woman", Sex.WOMAN),
        (values.choice(words.BIRTH_REGION), "europa  utom sverige", BirthRegion.EUROPE),
        (values.choice(words.BIRTH_REGION), "outside_europe", BirthRegion.OUTSIDE_EUROPE),
        (values.weekdays, "må|on|sö", 0b1000101),
        (values.phone, "070-174 06 15", "+46701740615"),
        (values.phone, 701740615, "+46701740615"),
        (values.season, "4-1/10-15", ("04-01", "10-15")),
        (values.parts(str), "a| |b", ["a", "b"]),
    ],
)
def test_a_cell_is_read_as_its_column_says(parse, cell, value):
    assert parse(cell) == value


def test_a_competence_may_say_how_we_know_and_where_it_was_learned():
    both = held("Laga mat: exemplified @ unpaid_home")
    assert (both.concept, both.rung, both.learned_where) == (
        "Laga mat",
        Rung.EXEMPLIFIED,
        LearnedWhere.UNPAID_HOME,
    )
    assert held("Laga mat").rung is None
    assert held("Laga mat @ förening").learned_where is LearnedWhere.ASSOCIATION


def test_a_language_minimum_needs_a_purpose():
    found = spoken_with_purpose("sv:tala B1 = Kunderna frågar")
    assert (found.language, found.part, found.level, found.purpose) == (
        "sv", "speak", 3, "Kunderna frågar",
    )  # fmt: skip
    assert said(spoken_with_purpose, "sv:tala B1").startswith("Varför behövs kravet?")


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_written_day_is_read_back(day):
    assert values.day(day.isoformat()) == day


@given(st.integers(0, 127))
def test_weekdays_are_read_back(mask):
    assert values.weekdays(values.weekday_words(mask)) == mask


@pytest.mark.parametrize("heading", ["DELTAGAR-ID", "external_id", "Deltagar-id*", " deltagar id"])
def test_a_heading_may_be_swedish_or_the_key_in_any_case(heading):
    found = match_headings([heading], COLUMNS)
    assert found.places[0].key == "external_id"


def test_unknown_doubled_and_missing_headings_are_all_told():
    found = match_headings(["Deltagarid", "Köön", "Kön", "kön", "Inskriven"], COLUMNS)
    told = {(problem.column, problem.code): problem.said() for problem in found.problems}
    assert told == {
        ("Köön", "heading_unknown"): "Rubriken finns inte. Menade du Kön?",
        ("sex", "heading_twice"): "Rubriken står två gånger. Ta bort den ena kolumnen.",
        ("birth_region", "heading_missing"): ("Rubriken Födelseregion saknas. Lägg till kolumnen."),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_headings_of_a_kind_can_be_mistaken_for_each_other(kind):
    columns = KINDS[kind].columns
    names = [n for c in columns for n in {values.fold(c.key), values.fold(c.heading)}]
    assert len(names) == len({*names})


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("Sverige", BirthRegion.SWEDEN),
        ("SU", BirthRegion.EUROPE),
        ("Jugoslavien", BirthRegion.EUROPE),
        ("ryssland", BirthRegion.EUROPE),
        ("Turkiet", BirthRegion.OUTSIDE_EUROPE),
        ("cy", BirthRegion.EUROPE),
        ("Syrien", BirthRegion.OUTSIDE_EUROPE),
        ("Kosovo", BirthRegion.EUROPE),
        ("Grönland", BirthRegion.OUTSIDE_EUROPE),
    ],
)
def test_countries_of_birth_have_a_region(written, region):
    assert country(written).region is region


def test_every_iso_country_is_in_the_table():
    assert len({found.code for found in countries().values()}) >= 249
