"""The measures of the page of results: counts, shares, the national measure, plans, packages."""

from __future__ import annotations

from dataclasses import replace

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_EVERYBODY = N_("Alla som enheten har skrivit in, även de vars ärende är avslutat.")
_BEGAN = N_("Dagen då det började ligger i perioden, första och sista dagen inräknade.")
_FROM_ENROLMENT = N_("Inskriven i perioden. Det som hänt till och med periodens sista dag räknas.")
_DURING = N_("Allt som hänt i perioden, första och sista dagen inräknade.")
_ENDED = N_("Dagen då ärendet avslutades ligger i perioden.")


def _count(name: str, title: str, definition: str, who: str, when: str, source: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=CountedIn.PERSONS,
        numerator=who,
        denominator=None,
        population=_EVERYBODY,
        time_rule=when,
        small_cells=SmallCells.COUNT,
        source=source,
    )


_FLOWS = (
    _count(
        "placements",
        N_("Placeringar"),
        N_(
            "Personer som har börjat minst en placering under perioden: praktik, arbetsträning "
            "eller prova på."
        ),
        N_("Personer med minst en placering som började."),
        _BEGAN,
        "REP-01, ACC-2",
    ),
    _count(
        "hires",
        N_("Anställningar"),
        N_(
            "Personer som har börjat minst en anställning under perioden, med eller utan stöd. "
            "Kommunala arbetsmarknadsanställningar räknas inte."
        ),
        N_("Personer med minst en anställning som började."),
        _BEGAN,
        "REP-01, ACC-2",
    ),
    _count(
        "municipal_employment",
        N_("Kommunal anställning"),
        N_(
            "Personer som har börjat en kommunal arbetsmarknadsanställning (resursanställning). "
            "Den visas bredvid anställningarna och ingår aldrig i dem."
        ),
        N_("Personer med minst en kommunal arbetsmarknadsanställning som började."),
        _BEGAN,
        "REP-07, EMPL-01",
    ),
)
_WAYS = (
    _count(
        "started",
        N_("Inskrivna"),
        N_("Personer som har skrivits in under perioden."),
        N_("Personer som skrevs in."),
        _BEGAN,
        "REP-01, ACC-1",
    ),
    _count(
        "to_work",
        N_("Till arbete"),
        N_(
            "De av periodens inskrivna som till och med periodens sista dag har fått sin första "
            "anställning efter inskrivningen, eller avslutats till arbete. De som skrevs in sent "
            "har haft kort tid på sig."
        ),
        N_("De av periodens inskrivna som fick arbete."),
        _FROM_ENROLMENT,
        "REP-01, ACC-1",
    ),
    _count(
        "studies",
        N_("Till studier"),
        N_(
            "De av periodens inskrivna som till och med periodens sista dag har avslutats till "
            "studier."
        ),
        N_("De av periodens inskrivna som avslutades till studier."),
        _FROM_ENROLMENT,
        "REP-01",
    ),
    _count(
        "enrolled",
        N_("Inskrivna någon gång"),
        N_("Personer som har varit inskrivna minst en dag under perioden."),
        N_("Personer som var inskrivna minst en dag."),
        _DURING,
        "ACC-3",
    ),
    _count(
        "to_work_or_studies",
        N_("Till arbete eller studier"),
        N_(
            "De av dem som varit inskrivna under perioden som då började en anställning eller "
            "avslutades till arbete eller studier."
        ),
        N_("De inskrivna som började arbeta eller studera i perioden."),
        _DURING,
        "ACC-3",
    ),
)
#: Names are those of the API; the last two are there as the parts of a rate only.
COUNTS: tuple[Measure, ...] = (
    *(
        replace(
            each,
            given_as=(f"outcomes:rows.{each.name}.persons", f"outcomes:totals.{each.name}.persons"),
        )
        for each in _FLOWS
    ),
    *(
        replace(
            each,
            given_as=(
                *(f"outcomes:rows.{each.name}", f"outcomes:totals.{each.name}"),
                *(["gaps:people.*"] if each.name == "started" else []),
            ),
        )
        for each in _WAYS[:3]
    ),
    *_WAYS[3:],
)

_TIMES = {
    "placements": (N_("Placeringar, antal"), N_("Placeringar som började."), N_(
        "Hur många placeringar som har börjat. Den som börjat två räknas två gånger."
    )),
    "hires": (N_("Anställningar, antal"), N_("Anställningar som började."), N_(
        "Hur många anställningar som har börjat. Den som börjat två räknas två gånger."
    )),
    "municipal_employment": (
        N_("Kommunala anställningar, antal"),
        N_("Kommunala arbetsmarknadsanställningar som började."),
        N_(
            "Hur många kommunala arbetsmarknadsanställningar som har börjat. Den som börjat två "
            "räknas två gånger."
        ),
    ),
}  # fmt: skip
#: The same as events, in files and in the API beside the persons.
EVENTS: tuple[Measure, ...] = tuple(
    replace(
        each,
        name=f"{each.name}_events",
        title=_TIMES[each.name][0],
        definition=_TIMES[each.name][2],
        counted_in=CountedIn.EVENTS,
        numerator=_TIMES[each.name][1],
        given_as=(f"outcomes:rows.{each.name}.events", f"outcomes:totals.{each.name}.events"),
    )
    for each in _FLOWS
)


def _share(
    name: str, title: str, definition: str, of: tuple[str, str], source: str, *given_as: str
) -> Measure:
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=CountedIn.PERCENT,
        numerator=of[0],
        denominator=of[1],
        population=_EVERYBODY,
        time_rule=N_("Som för måttet andelen gäller."),
        small_cells=SmallCells.RATE,
        source=source,
        given_as=given_as,
    )


SHARES: tuple[Measure, ...] = (
    _share(
        "share_foreign_born_women",
        N_("Utrikes födda kvinnors andel av alla"),
        N_(
            "Hur stor del av alla inskrivna, placerade eller anställda som är utrikes födda "
            "kvinnor."
        ),
        (
            N_("Utrikes födda kvinnor som måttet räknar."),
            N_(
                "Alla personer som måttet räknar, också de med okänt kön eller okänd födelseregion."
            ),
        ),
        "ACC-2, REP-02 (4.2.3)",
        "outcomes:shares.foreign_born_women.*",
    ),
    _share(
        "share_women_outside_europe",
        N_("Kvinnor födda utanför Europa, andel av alla"),
        N_(
            "Hur stor del av alla inskrivna, placerade eller anställda som är kvinnor födda "
            "utanför Europa."
        ),
        (
            N_("Kvinnor födda utanför Europa som måttet räknar."),
            N_(
                "Alla personer som måttet räknar, också de med okänt kön eller okänd födelseregion."
            ),
        ),
        "ACC-1",
        "outcomes:shares.women_outside_europe.*",
    ),
    _share(
        "share_outside_europe_among_women",
        N_("Födda utanför Europa, andel av kvinnorna"),
        N_("Hur stor del av kvinnorna som är födda utanför Europa."),
        (
            N_("Kvinnor födda utanför Europa som måttet räknar."),
            N_("Alla kvinnor som måttet räknar, också de med okänd födelseregion."),
        ),
        "ACC-1",
        "outcomes:shares.outside_europe_among_women.*",
    ),
    replace(
        _share(
            "rate_to_work",
            N_("Till arbete, andel av inskrivna"),
            N_(
                "Hur stor del av periodens inskrivna som har fått arbete till och med periodens "
                "sista dag. Det är ett annat mått än gruppens del av dem som fått arbete."
            ),
            (N_("De av periodens inskrivna som fick arbete."), N_("Personer som skrevs in.")),
            "ACC-1",
            "outcomes:rates.to_work.*",
        ),
        time_rule=_FROM_ENROLMENT,
    ),
    replace(
        _share(
            "rate_to_work_or_studies",
            N_("Till arbete eller studier, andel av inskrivna någon gång"),
            N_(
                "Hur stor del av dem som varit inskrivna i perioden som då gick till arbete eller "
                "studier. En förändring mellan två perioder är i procentenheter."
            ),
            (
                N_("De inskrivna som började arbeta eller studera i perioden."),
                N_("Personer som var inskrivna minst en dag."),
            ),
            "ACC-3, REP-02 (4.2.5)",
            "outcomes:rates.to_work_or_studies.*",
        ),
        time_rule=_DURING,
    ),
)


def _national(name: str, title: str, definition: str, who: str, given_as: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=CountedIn.PERSONS,
        numerator=who,
        denominator=None,
        population=N_("Personer vars ärende avslutades i perioden, var och en gång."),
        time_rule=_ENDED,
        small_cells=SmallCells.COUNT,
        source="REP-07 (Kolada)",
        given_as=(f"national:{given_as}",),
    )


NATIONAL: tuple[Measure, ...] = (
    _national(
        "national_ended",
        N_("Avslutade"),
        N_("Personer vars ärende avslutades i perioden."),
        N_("Personer med minst ett avslutat ärende."),
        "ended",
    ),
    replace(
        _national(
            "national_share",
            N_("Avslutade till arbete eller studier"),
            N_(
                "Hur stor del av de avslutade som gick till arbete eller studier. Arbete är en "
                "anställning på den vanliga arbetsmarknaden, med eller utan stöd, som har hållit "
                "minst en sammanhängande månad. Kommunal arbetsmarknadsanställning räknas aldrig."
            ),
            N_("Avslutade med arbete som har hållit en månad, eller till studier."),
            "to_work_or_studies",
        ),
        counted_in=CountedIn.PERCENT,
        denominator=N_("Personer med minst ett avslutat ärende."),
        small_cells=SmallCells.RATE,
        given_as=("national:to_work_or_studies", "national:percent"),
    ),
    _national(
        "national_work",
        N_("Arbete som har hållit en månad"),
        N_("De avslutade till arbete vars anställning har hållit minst en sammanhängande månad."),
        N_("Avslutade till arbete med en anställning som har hållit."),
        "work",
    ),
    _national(
        "national_studies",
        N_("Studier"),
        N_("De avslutade till studier. Den som också har arbete räknas under arbete."),
        N_("Avslutade till studier, utan arbete som har hållit."),
        "studies",
    ),
    _national(
        "national_unproven",
        N_("Sagt till arbete, inte visat att det höll"),
        N_(
            "De som avslutades till arbete utan att det syns att anställningen hållit en månad. De "
            "räknas varken som arbete eller studier."
        ),
        N_("Avslutade till arbete, utan anställning som har hållit."),
        "work_not_known_to_have_lasted",
    ),
)

_PLANS = N_("Första planen i ett ärende, när alla har skrivit under den.")
_SIGNED = N_("Dagen då den sista skrev under ligger i perioden.")
PLANS: tuple[Measure, ...] = (
    Measure(
        name="plans_agreed",
        title=N_("Planer"),
        definition=N_("Första planer som alla hade skrivit under i perioden."),
        counted_in=CountedIn.EVENTS,
        numerator=N_("Första planer som blev klara."),
        denominator=None,
        population=_PLANS,
        time_rule=_SIGNED,
        small_cells=SmallCells.COUNT,
        source="PRO-10, REP-03",
        given_as=("plan-times:plans",),
    ),
    Measure(
        name="plan_days",
        title=N_("Tid till en gemensam plan"),
        definition=N_(
            "Dagar från inskrivning tills alla har skrivit under den första planen: medianen, och "
            "spannet för hälften i mitten."
        ),
        counted_in=CountedIn.DAYS,
        numerator=N_("Dagar från inskrivning till sista underskrift."),
        denominator=None,
        population=_PLANS,
        time_rule=_SIGNED,
        small_cells=SmallCells.QUARTILES,
        source="PRO-10, REP-03",
        given_as=("plan-times:days_*",),
    ),
    Measure(
        name="plan_within_limit",
        title=N_("Planer inom enhetens gräns"),
        definition=N_("Hur stor del av planerna som blev klara inom enhetens gräns i dagar."),
        counted_in=CountedIn.PERCENT,
        numerator=N_("Planer som blev klara inom gränsen."),
        denominator=N_("Första planer som blev klara."),
        population=_PLANS,
        time_rule=_SIGNED,
        small_cells=SmallCells.RATE,
        source="PRO-10, REP-03",
        given_as=("plan-times:within_limit",),
    ),
)

_PACKAGES = N_("Placeringar som slutade och som har ett stödpaket.")
_PACKAGE_TIME = N_(
    "Placeringens sista dag ligger i perioden. Slut och delar räknas som de var registrerade den "
    "dag som frågan gäller, annars som de står nu."
)


def _package(name: str, title: str, definition: str, which: str, given_as: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=CountedIn.PERCENT,
        numerator=which,
        denominator=N_("Placeringar som slutade."),
        population=_PACKAGES,
        time_rule=_PACKAGE_TIME,
        small_cells=SmallCells.RATE,
        source="EMP-05, REP-08",
        given_as=(f"packages:{given_as}", f"employers:packages.{given_as}"),
    )


PACKAGES: tuple[Measure, ...] = (
    replace(
        _package(
            "packages_ended",
            N_("Placeringar som slutade"),
            N_("Placeringar med stödpaket som slutade i perioden."),
            N_("Placeringar som slutade."),
            "ended",
        ),
        counted_in=CountedIn.EVENTS,
        denominator=None,
        small_cells=SmallCells.COUNT,
    ),
    _package(
        "packages_full",
        N_("Alla sex delar klara"),
        N_("Placeringar där arbetsgivaren fick alla sex delar av stödpaketet."),
        N_("Placeringar med alla sex delar klara."),
        "full_package",
    ),
    _package(
        "packages_settled",
        N_("Klara eller avböjda"),
        N_("Placeringar där varje del av stödpaketet är klar eller har avböjts av arbetsgivaren."),
        N_("Placeringar där varje del är klar eller avböjd."),
        "done_or_declined",
    ),
)
