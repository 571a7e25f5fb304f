"""A wish to exclude is caught; ordinary work is not."""

import pytest

from matchsvc.employers.grounds import SENTENCES, Ground, grounds_in, protected_ground_in

REFUSED = [
    ("Under 30 år", Ground.AGE),
    ("Högst 45 år", Ground.AGE),
    ("Mellan 20 och 35 år", Ground.AGE),
    ("25-40 år", Ground.AGE),
    ("30+", Ground.AGE),
    ("Gärna i 30-årsåldern", Ground.AGE),
    ("Vi söker en ung person till kassan", Ground.AGE),
    ("Ung", Ground.AGE),
    ("Man", Ground.SEX),
    ("Kvinna", Ground.SEX),
    ("Bara killar", Ground.SEX),
    ("Vi vill helst ha en tjej i receptionen.", Ground.SEX),
    ("Kvinnlig medarbetare", Ground.SEX),
    ("Laga lunch. Får inte vara gravid.", Ground.SEX),
    ("Inga transpersoner", Ground.GENDER_IDENTITY),
    ("Svensk", Ground.ETHNICITY),
    ("Ska vara svensk", Ground.ETHNICITY),
    ("Inga utlänningar", Ground.ETHNICITY),
    ("Svenskfödd", Ground.ETHNICITY),
    ("Har svenska som modersmål", Ground.ETHNICITY),
    ("Talar svenska utan brytning", Ground.ETHNICITY),
    ("Svensk medarbetare till lagret", Ground.ETHNICITY),
    ("Ingen slöja", Ground.RELIGION),
    ("Inte muslim", Ground.RELIGION),
    ("Utan huvudduk i butiken", Ground.RELIGION),
    ("Fullt frisk", Ground.DISABILITY),
    ("Ingen med funktionsnedsättning", Ground.DISABILITY),
    ("Måste vara frisk", Ground.DISABILITY),
    ("Heterosexuell", Ground.ORIENTATION),
    ("Inga homosexuella", Ground.ORIENTATION),
]
ALLOWED = [
    "",
    "Köksbiträde",
    "Laga lunch till åttio personer.",
    "Sex timmar om dagen, fem dagar i veckan.",
    "Man lagar mat och diskar.",
    "Minst 2 års erfarenhet av storkök",
    "Minst 20 års erfarenhet i laget",
    "Laga svensk husmanskost",
    "Tala och förstå svenska",
    "Hjälpa boende i rullstol till matsalen",
    "Städa åt pensionärer i deras hem",
    "Arbeta med barn under 16 år",
    "Leda ungdomar mellan 16 och 25 år",
    "Ta emot unga kunder i butiken",
    "Sälja herrkläder och damkläder på en damavdelning",
    "Sy huvuddukar och dukar",
    "Hjälpa nyanlända och invandrare med blanketter",
    "Alla är välkomna oavsett kön, ålder och etnisk bakgrund.",
    "Packa utländska varor",
    "Lyfta 20 kg, 30 lådor om dagen",
    "Behövs för att följa recept. Allergikost lagas varje dag.",
    "Lunch till 80 personer, 60 av dem äldre",
    "Romersk mosaik läggs om",
    "Planera religiösa högtider i församlingen",
    "Frisk luft hela dagen",
]


@pytest.mark.parametrize(("text", "ground"), REFUSED)
def test_a_wish_to_exclude_is_found(text, ground):
    assert protected_ground_in(text) is ground


@pytest.mark.parametrize("text", ALLOWED)
def test_ordinary_work_is_not_mistaken_for_exclusion(text):
    assert protected_ground_in(text) is None


def test_every_ground_says_what_to_do():
    assert set(SENTENCES) == set(Ground)
    assert SENTENCES[protected_ground_in("Under 30 år")].startswith("Ålder får inte vara ett krav")


def test_each_ground_is_named_once():
    assert grounds_in(["Bara män", "Under 30 år", "Ung kille"]) == [Ground.AGE, Ground.SEX]
