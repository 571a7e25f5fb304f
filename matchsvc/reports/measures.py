"""Every measure, defined once: pages, exports, the API and docs are made from this list.

A figure that stands anywhere has its entry here, and opens it. The words are Swedish and translated
where they are shown. Sources are rows of the domain description (REP-01 …) or a law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, Section, SmallCells, Term
from matchsvc.reports.measures_cube import CUBE
from matchsvc.reports.measures_engagement import ENGAGEMENT
from matchsvc.reports.measures_exposure import EXPOSURE
from matchsvc.reports.measures_funnel import FUNNEL
from matchsvc.reports.measures_indicators import BY_GROUP, LEAVES, TREATMENT, WORK
from matchsvc.reports.measures_learning import LEARNING
from matchsvc.reports.measures_outcomes import COUNTS, EVENTS, NATIONAL, PACKAGES, PLANS, SHARES
from matchsvc.reports.measures_published import PUBLISHED
from matchsvc.reports.measures_quarterly import QUARTERLY
from matchsvc.reports.measures_surveys import SURVEYS

__all__ = ["CountedIn", "Measure", "Section", "SmallCells", "Term"]

#: Rises when a definition means something else than before; every answer of the API names it.
DEFINITIONS_VERSION = "v1"

#: In the order they are told.
SECTIONS: tuple[Section, ...] = (
    Section(N_("Resultat"), (*COUNTS, *EVENTS)),
    Section(N_("Andelar och vägen till arbete"), SHARES),
    Section(N_("Det nationella måttet"), NATIONAL),
    Section(N_("Vägen steg för steg"), FUNNEL),
    Section(N_("Flöden och ledtider"), CUBE),
    Section(N_("Planen"), PLANS),
    Section(N_("Arbetsgivarens stödpaket"), PACKAGES),
    Section(N_("Vilka syns i listorna"), EXPOSURE),
    Section(N_("Enkäter"), SURVEYS),
    Section(N_("Arbetsgivarna"), ENGAGEMENT),
    Section(N_("Enhetens arbete"), WORK),
    Section(N_("Föräldraledighet"), LEAVES),
    Section(N_("Deltagarnas röst"), TREATMENT),
    Section(N_("Grupper, ett år i taget"), BY_GROUP),
    Section(N_("Skillnader på vägen"), LEARNING),
    Section(N_("Kvartalsrapporten"), QUARTERLY),
    Section(N_("Publicerade tabeller"), PUBLISHED),
)

#: Words that many measures need.
TERMS: tuple[Term, ...] = (
    Term(
        "foreign_born", N_("Utrikes född"), N_("Född i Europa utom Sverige, eller utanför Europa.")
    ),
    Term(
        "outside_europe",
        N_("Född utanför Europa"),
        N_("Född utanför Europa. Det är ett annat mått än utrikes född, och talen jämförs inte."),
    ),
    Term(
        "unknown",
        N_("Okänt"),
        N_(
            "Okänt kön och okänd födelseregion är egna grupper. De ingår när andelar av alla "
            "räknas, men aldrig bland dem som andelen gäller."
        ),
    ),
    Term(
        "percent",
        N_("Procent"),
        N_(
            "Hela procent, där en halv avrundas uppåt. Förändringar räknas mellan oavrundade "
            "andelar och visas i procentenheter."
        ),
    ),
    Term(
        "interval",
        N_("Osäkerhet (95 procent)"),
        N_(
            "Strecket och spannet visar osäkerheten: 95 procents intervall enligt Wilson. "
            "Överlappar två spann kan skillnaden vara slump."
        ),
    ),
    Term(
        "hidden",
        N_("Dolt"),
        N_(
            "Dolt betyder färre än 5 personer, eller ett tal som annars går att räkna ut. Andelar "
            "av färre än 10 visas inte. Enheten kan ha valt högre gränser i sina inställningar."
        ),
    ),
    Term(
        "protected",
        N_("Skyddade personuppgifter"),
        N_(
            "Personer med skyddade personuppgifter räknas med, men bara i tal som är stora nog "
            "att visas. Ingen rapport visar en enskild person."
        ),
    ),
    Term(
        "never_added",
        N_("Två skilda mått"),
        N_("Lägg inte ihop talen. Samma person kan ha både en placering och en anställning."),
    ),
)

#: What each kind of figure is a number of.
COUNTED_WORDS: Mapping[CountedIn, str] = {
    CountedIn.PERSONS: N_("personer"),
    CountedIn.EVENTS: N_("händelser"),
    CountedIn.DAYS: N_("dagar"),
    CountedIn.MINUTES: N_("minuter"),
    CountedIn.PERCENT: N_("procent"),
    CountedIn.RATIO: N_("gånger så stor"),
    CountedIn.POINTS: N_("poäng"),
    CountedIn.KRONOR: N_("kronor"),
}
#: How small figures are kept from pointing somebody out.
SMALL_CELL_WORDS: Mapping[SmallCells, str] = {
    SmallCells.COUNT: N_("1 till 4 är dolt, och det som annars skulle avslöja det."),
    SmallCells.RATE: N_("Dolt när något av talen är 1 till 4. Ingen andel av färre än tio."),
    SmallCells.QUARTILES: N_("Visas bara när minst fem ligger bakom."),
    SmallCells.ANSWERS: N_("Visas bara när minst fem har svarat."),
    SmallCells.RATIO: N_("Visas bara när alla fyra talen bakom är minst fem."),
    SmallCells.NOT_OF_PEOPLE: N_("Talet gäller inte personer, så inget behöver döljas."),
}


def _listed(measures: Iterable[Measure]) -> Mapping[str, Measure]:
    found: dict[str, Measure] = {}
    for each in measures:
        if each.name in found:
            raise ValueError(each.name)
        found[each.name] = each
    return found


#: name -> measure, in the order they are told.
REGISTRY: Mapping[str, Measure] = _listed(
    measure for section in SECTIONS for measure in section.measures
)


def title_of(name: str) -> str:
    """What a measure is called, in Swedish."""
    return REGISTRY[name].title


def text_of(name: str) -> str:
    """What a measure means, in Swedish."""
    return REGISTRY[name].definition


def step_title(step: str) -> str:
    """What a step of the way is called, in Swedish."""
    return title_of(f"funnel_{step}")
