"""The measures of the published tables: each person once a year, frozen as recorded in time."""

from __future__ import annotations

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_PEOPLE = N_("Personer som enheten har skrivit in.")
_TIME = N_(
    "Var och en räknas en gång om året, i det första kvartalet som räknar personen. Året är summan "
    "av sina kvartal. Det som registreras mer än 30 dagar efter kvartalet räknas i årets nästa."
)
_COHORT = N_(
    "Inskrivna under ett kalenderår, och hur långt de hade kommit ett år efter årets slut, som det "
    "var registrerat 30 dagar senare."
)
_SOURCE = "LAW-12, REP-01"


def _persons(name: str, title: str, definition: str, numerator: str) -> Measure:
    return Measure(
        name=f"published_{name}",
        title=title,
        definition=definition,
        counted_in=CountedIn.PERSONS,
        numerator=numerator,
        denominator=None,
        population=_PEOPLE,
        time_rule=_TIME,
        small_cells=SmallCells.COUNT,
        source=_SOURCE,
        given_as=tuple(
            f"published:tables.{table}.{name}"
            for table in ("groups", "age_band", "programme", "form")
        ),
    )


def _reached(name: str, title: str, definition: str, numerator: str) -> Measure:
    return Measure(
        name=f"published_{name}",
        title=title,
        definition=definition,
        counted_in=CountedIn.PERSONS,
        numerator=numerator,
        denominator=N_("Alla som skrevs in under året."),
        population=_PEOPLE,
        time_rule=_COHORT,
        small_cells=SmallCells.RATE,
        source=_SOURCE,
        given_as=(f"published:tables.results.{name}*",),
    )


PUBLISHED: tuple[Measure, ...] = (
    Measure(
        name="published_share",
        title=N_("Publicerad andel"),
        definition=N_(
            "Hur stor del en grupp är av dem som har skrivits in, placerats eller anställts."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("Personer i gruppen."),
        denominator=N_("Alla, eller alla kvinnor. Okänt kön och okänd födelseregion ingår."),
        population=_PEOPLE,
        time_rule=_TIME,
        small_cells=SmallCells.RATE,
        source="REP-01, ACC-1, ACC-2",
        given_as=("published:tables.shares.*",),
    ),
    _persons(
        "started",
        N_("Inskrivna, publicerat"),
        N_("Personer som har skrivits in."),
        N_("Personer med minst en inskrivning."),
    ),
    _persons(
        "placements",
        N_("Placeringar, publicerat"),
        N_("Personer som har börjat en placering: praktik, arbetsträning eller prova på."),
        N_("Personer med minst en placering som har börjat."),
    ),
    _persons(
        "hires",
        N_("Anställningar, publicerat"),
        N_(
            "Personer som har börjat en anställning, med eller utan stöd. Kommunala "
            "arbetsmarknadsanställningar räknas inte."
        ),
        N_("Personer med minst en anställning som har börjat."),
    ),
    _persons(
        "municipal_employment",
        N_("Kommunal anställning, publicerat"),
        N_("Personer som har börjat en kommunal arbetsmarknadsanställning (resursanställning)."),
        N_("Personer med minst en sådan anställning som har börjat."),
    ),
    Measure(
        name="published_cohort",
        title=N_("Årets inskrivna"),
        definition=N_("Personer som skrevs in under året och följs till året därpå är slut."),
        counted_in=CountedIn.PERSONS,
        numerator=N_("Personer med minst en inskrivning under året."),
        denominator=None,
        population=_PEOPLE,
        time_rule=_COHORT,
        small_cells=SmallCells.COUNT,
        source=_SOURCE,
        given_as=("published:tables.results.started",),
    ),
    _reached(
        "to_work",
        N_("Till arbete, publicerat"),
        N_("De av årets inskrivna som har börjat en anställning eller avslutats till arbete."),
        N_("Inskrivna som har kommit till arbete."),
    ),
    _reached(
        "studies",
        N_("Till studier, publicerat"),
        N_("De av årets inskrivna som har avslutats till studier och inte kommit till arbete."),
        N_("Inskrivna som har kommit till studier."),
    ),
    Measure(
        name="published_funnel",
        title=N_("Vägen steg för steg, publicerat"),
        definition=N_(
            "De av årets inskrivna som har nått ett steg eller ett senare, från kartläggning till "
            "kvar i arbete efter sex månader."
        ),
        counted_in=CountedIn.PERSONS,
        numerator=N_("Inskrivna som har nått steget eller ett senare."),
        denominator=N_("Alla som skrevs in under året."),
        population=_PEOPLE,
        time_rule=_COHORT,
        small_cells=SmallCells.RATE,
        source="REP-01",
        given_as=("published:tables.funnel.*",),
    ),
)
