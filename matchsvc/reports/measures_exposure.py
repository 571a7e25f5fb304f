"""The measures of who is seen in the lists."""

from __future__ import annotations

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_WAITING = N_("De som är klara för matchning och väntar på en plats i enheten.")
_TODAY = N_("Som det är i dag.")


def _share(name: str, title: str, definition: str, who: str, when: str) -> Measure:
    key = name.removeprefix("exposure_")
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=CountedIn.PERCENT,
        numerator=who,
        denominator=N_("De i gruppen som väntar."),
        population=_WAITING,
        time_rule=when,
        small_cells=SmallCells.RATE,
        source="REP-01, LAW-12",
        given_as=(f"exposure:*.shares.{key}.*",),
    )


EXPOSURE: tuple[Measure, ...] = (
    Measure(
        name="exposure_waiting",
        title=N_("Väntar"),
        definition=_WAITING,
        counted_in=CountedIn.PERSONS,
        numerator=N_("De i gruppen som väntar."),
        denominator=None,
        population=_WAITING,
        time_rule=_TODAY,
        small_cells=SmallCells.COUNT,
        source="REP-01, LAW-12",
        given_as=("exposure:*.waiting",),
    ),
    _share(
        "exposure_seen",
        N_("Bland de tio första"),
        N_(
            "Andel av dem som väntar som står bland de tio första för minst ett öppet erbjudande, "
            "med enhetens tabell."
        ),
        N_("De som står bland de tio första för minst ett öppet erbjudande."),
        _TODAY,
    ),
    _share(
        "exposure_seen_before",
        N_("Bland de tio första, före"),
        N_("Samma andel, räknad med tabellen som gällde före."),
        N_("De som stod bland de tio första med tabellen som gällde före."),
        _TODAY,
    ),
    _share(
        "exposure_proposed",
        N_("Föreslagna, tolv månader"),
        N_("Andel av dem som väntar som har föreslagits till minst en plats på tolv månader."),
        N_("De som har föreslagits, utan att förslaget drogs tillbaka."),
        N_("Föreslagen under de senaste tolv månaderna."),
    ),
    Measure(
        name="exposure_ratio",
        title=N_("Kvot mot alla andra"),
        definition=N_(
            "Gruppens andel delad med alla andras, med osäkerhet (95 procent). 1,00 är lika. "
            "Innehåller spannet 1,00 kan skillnaden vara slump."
        ),
        counted_in=CountedIn.RATIO,
        numerator=N_("Gruppens andel."),
        denominator=N_("Alla andras andel."),
        population=_WAITING,
        time_rule=_TODAY,
        small_cells=SmallCells.RATIO,
        source="REP-01, LAW-12",
        given_as=("exposure:*.ratios.*",),
    ),
)
