"""Finding a wish to exclude on a protected ground in free text (EMP-09, LAW-05; DL 1:5, 2:1).

An offer may not ask for a sex, an age, an origin and so on, and the unit may not carry such a
wish out (DL 1:4 p. 6). The check reads words, so it can miss and it can be wrong: the sentences
say what to write instead, and the manager who is told decides. Ordinary tasks must not be refused
(helping boende i rullstol, unga kunder, sex timmar, svensk husmanskost), so a word counts only
beside a limiting one ("bara", "inga", "ska vara"), as a description of the wanted person ("en ung
tjej"), or when it is all that was written.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matchsvc.errors import N_


class Ground(enum.StrEnum):
    """The seven grounds of the discrimination act (DL 1:5)."""

    AGE = "age"
    SEX = "sex"
    GENDER_IDENTITY = "gender_identity"
    ETHNICITY = "ethnicity"
    RELIGION = "religion"
    DISABILITY = "disability"
    ORIENTATION = "orientation"


#: What is said where the text was written.
SENTENCES: Mapping[Ground, str] = {
    Ground.AGE: N_("Ålder får inte vara ett krav. Ta bort det."),
    Ground.SEX: N_("Kön får inte vara ett krav. Ta bort det."),
    Ground.GENDER_IDENTITY: N_("Könsidentitet får inte vara ett krav. Ta bort det."),
    Ground.ETHNICITY: N_(
        "Ursprung får inte vara ett krav. Ta bort det. "
        "Behövs svenska i arbetet: lägg ett språkkrav."
    ),
    Ground.RELIGION: N_("Religion får inte vara ett krav. Ta bort det."),
    Ground.DISABILITY: N_(
        "Hälsa och funktionsnedsättning får inte vara ett krav. "
        "Beskriv arbetet i stället, till exempel under Förutsättningar."
    ),
    Ground.ORIENTATION: N_("Sexuell läggning får inte vara ett krav. Ta bort det."),
}


@dataclass(frozen=True, slots=True)
class _Signs:
    """How a ground shows itself.

    Attributes:
        always: refused wherever it stands.
        people: words for people or traits: refused beside a limiting word or on their own.
    """

    always: str
    people: str


_AGED = r"(?:1[6-9]|[2-7]\d)"
_PERSON = (
    r"(?:person|personer|personal|medarbetare|sökande|kandidat(?:er)?|deltagare|praktikant(?:er)?|"
    r"arbetskraft|tjej(?:er)?|kille|killar|förmåga|förmågor|någon)"
)
_SIGNS: Mapping[Ground, _Signs] = {
    Ground.AGE: _Signs(
        rf"(?:under|över|högst|max|minst|fyllda?|yngre än|äldre än|från|mellan) {_AGED}"
        rf"(?: ?(?:och|till|-|–) ?{_AGED})? år(?!s)"
        r"(?! (?:gammal|gamla)? ?(?:erfarenhet|hus|byggnad))"
        rf"|{_AGED} ?(?:-|–|till) ?{_AGED} år(?!s)"
        rf"|{_AGED}[- ]?årsåldern|{_AGED} ?\+(?! ?\w)|rätt ålder|åldersgräns|ålder {_AGED}"
        rf"|(?:ung|unga|yngre|äldre|ungdomlig\w*) {_PERSON}"
        rf"|(?:under|over|above|below) {_AGED} years",
        r"(?:ung|unga|yngre|ungdomlig\w*|pensionär(?:er)?|ålder)",
    ),
    Ground.SEX: _Signs(
        rf"(?:kvinnlig|manlig|kvinnliga|manliga) {_PERSON}|(?:gravid|mammaledig|pappaledig)\w*"
        r"|föräldraledig\w*|småbarnsförälder\w*|(?:male|female) (?:only|applicants?)",
        r"(?:män|kvinn(?:a|or|lig\w*)|manlig\w*|tjej(?:er)?|kille|killar|karl(?:ar)?|grabb(?:ar)?"
        r"|dam(?:er)?|kön)",
    ),
    Ground.GENDER_IDENTITY: _Signs(
        r"könsöverskridande\w*|transsexuell\w*",
        r"(?:trans(?:person\w*|kvinn\w*|män)|könsidentitet)",
    ),
    Ground.ETHNICITY: _Signs(
        r"svenskfödd\w*|infödd svensk\w*|etnisk svensk\w*"
        r"|svenskt? (?:bakgrund|ursprung|härkomst|namn)"
        rf"|svenska? {_PERSON}|hudfärg\w*|mörkhyad\w*|ljushyad\w*|svenskt medborgarskap"
        r"|svenska som modersmål|(?:utan|ingen) (?:brytning|accent)"
        r"|född(?:a)? i (?:sverige|norden|europa)|utländsk bakgrund|svenskt utseende",
        r"(?:svensk|svenskar|etnisk\w*|utlänning\w*|invandr(?:are|arna|ad\w*)|utlandsfödda?"
        r"|utrikes ?födda?|nationalitet|medborgarskap|ursprung|härkomst|födelseland|rom(?:er)?"
        r"|arab(?:er)?|somalier|afrikan(?:er)?|syrier|ukrainare|finländare|swedes?|foreigners?)",
    ),
    Ground.RELIGION: _Signs(
        r"(?:kristen|muslimsk|judisk) tro\b",
        r"(?:slöja|slöjor|huvudduk(?:ar)?|hijab|niqab|burka|turban|kippa|muslim(?:er)?|krist(?:en|na)"
        r"|jud(?:e|ar)|troende|religi(?:on|ös\w*)|tro|headscar\w*)",
    ),
    Ground.DISABILITY: _Signs(
        r"(?:fullt|helt) frisk\w*|fullt arbetsför\w*|frisk person\w*",
        r"(?:funktionsneds\w*|funktionshind\w*|handikapp\w*|rullstol(?:ar|sburen|sburna)?"
        r"|diagnos(?:er)?|adhd|autis\w*|sjukdom\w*|psykisk\w* (?:ohälsa|sjuk\w*)|sjukskriv\w*"
        r"|frisk\w*|arbetsför\w*|rörelsehind\w*|kroniskt sjuk\w*)",
    ),
    Ground.ORIENTATION: _Signs(
        r"sexuell läggning|heterosexuell\w*",
        r"(?:homosexuell\w*|bisexuell\w*|hbtq\w*|gay|lesbisk\w*|bög(?:ar)?)",
    ),
}
#: Words that narrow who is wanted; up to three words may stand between them and the trait.
_LIMITING = (
    r"(?:bara|endast|enbart|helst|inga|ingen|inget|inte|ej|utan|slippa|undvik\w*|ska vara"
    r"|skall vara|måste vara|bör vara|vill ha|önskar|söker|söks|kräv\w*|krav på|only|no)"
)
_WHOLE_WORDS = 3  # "Under 30 år", "Kvinna", "Svensk": so short that the word is the requirement
_SENTENCE = re.compile(r"[.!?\n;]+\s*")
#: "Alla är välkomna oavsett kön och ålder" is the opposite of a wish to exclude.
_WELCOMING = re.compile(r"\b(?:oavsett|oberoende av|regardless of|spelar ingen roll)\b")
#: Whom the work is for, not who does it.
_OTHERS = (
    r"(?:barn\w*|elev\w*|ungdom\w*|kund\w*|gäst\w*|boende\w*|patient\w*|brukare\w*|klient\w*"
    r"|besökare\w*|vuxna|hyresgäst\w*|medlemmar\w*|spelare\w*)"
)
_FOR_OTHERS = re.compile(rf"\b{_OTHERS}\b(?: \w+){{0,3}} ?$")


def _compiled(ground: Ground) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    signs = _SIGNS[ground]
    return (
        re.compile(rf"\b(?:{signs.always})"),
        re.compile(rf"\b{_LIMITING}\b(?: [\w-]+){{0,3}}? (?P<trait>{signs.people})\b"),
        re.compile(
            rf"(?:en |ett )?(?:{signs.people}|man)" if ground is Ground.SEX else signs.people
        ),
    )


_PATTERNS = {ground: _compiled(ground) for ground in Ground}


def protected_ground_in(text: str) -> Ground | None:
    """The first protected ground on which a text seems to limit who may come, or None.

    Args:
        text: a title, tasks, a requirement or its purpose, in Swedish or simple English.
    """
    for sentence in _SENTENCE.split(text.casefold()):
        plain = " ".join(sentence.replace(",", " ").split())
        if not plain or _WELCOMING.search(plain):
            continue
        for ground in Ground:
            if _limits(plain, ground):
                return ground
    return None


def _limits(sentence: str, ground: Ground) -> bool:
    always, limited, whole = _PATTERNS[ground]
    if len(sentence.split()) <= _WHOLE_WORDS and whole.fullmatch(sentence):
        return True
    return any(
        not _is_about_others(sentence, found)
        for pattern in (always, limited)
        for found in pattern.finditer(sentence)
    )


def _is_about_others(sentence: str, found: re.Match[str]) -> bool:
    before, after = sentence[: found.start()], sentence[found.end() :]
    inside = found.group()
    return bool(
        _FOR_OTHERS.search(before)
        or re.match(rf" (?:\w+ )?{_OTHERS}\b", after)
        or re.search(rf"\b{_OTHERS}\b", inside)
    )


def ground_sentence(ground: Ground) -> str:
    """What to tell whoever wrote it; Swedish, to be translated."""
    return SENTENCES[ground]


def grounds_in(texts: Iterable[str]) -> list[Ground]:
    """Every ground found in some texts, each once, in the law's order here."""
    found = {ground for text in texts if (ground := protected_ground_in(text))}
    return [ground for ground in Ground if ground in found]
