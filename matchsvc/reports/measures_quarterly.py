"""Measures that the quarterly report counts itself; its other figures are other reports'."""

from __future__ import annotations

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_EVERYBODY = N_("Personer som enheten har skrivit in.")
_IN_QUARTER = N_("Dagen det hände ligger i perioden, första och sista dagen inräknade.")

QUARTERLY: tuple[Measure, ...] = (
    Measure(
        name="ended_to",
        title=N_("Avslutade, efter vart de gick"),
        definition=N_(
            "Personer vars ärende avslutades i perioden, efter den destination som skrevs in. "
            "Okänt betyder att ingen destination är inskriven."
        ),
        counted_in=CountedIn.PERSONS,
        numerator=N_("Personer med ett avslut dit i perioden."),
        denominator=N_("Personer med ett avslut i perioden."),
        population=_EVERYBODY,
        time_rule=_IN_QUARTER,
        small_cells=SmallCells.COUNT,
        source="REP-01, PRO-01",
    ),
    Measure(
        name="days_to_step",
        title=N_("Tid från inskrivning till ett steg"),
        definition=N_(
            "Dagar från inskrivningen till första gången steget nåddes, för dem som nådde det "
            "i perioden. De som väntar än räknas inte, så det sägs inget om dem."
        ),
        counted_in=CountedIn.DAYS,
        numerator=N_("Dagar som en fjärdedel, hälften och tre fjärdedelar behövde som mest."),
        denominator=None,
        population=_EVERYBODY,
        time_rule=N_("Steget nåddes första gången i perioden."),
        small_cells=SmallCells.QUARTILES,
        source="REP-01",
    ),
    Measure(
        name="stands_at_step",
        title=N_("Står vid ett steg"),
        definition=N_(
            "Öppna ärenden, efter det längsta steg som har nåtts. Ett steg som hoppades över "
            "räknas som passerat. Antalet avrundas nedåt till hela femtal, eller till enhetens "
            "egen gräns för små tal."
        ),
        counted_in=CountedIn.PERSONS,
        numerator=N_("Ärenden som är öppna och har steget som sitt längsta."),
        denominator=None,
        population=_EVERYBODY,
        time_rule=N_("Periodens sista dag."),
        small_cells=SmallCells.COUNT,
        source="REP-01, domain.md 4.4",
    ),
    Measure(
        name="went_on",
        title=N_("Gick vidare från ett steg"),
        definition=N_("Ärenden som passerade steget i perioden, även om de avslutades sedan."),
        counted_in=CountedIn.PERSONS,
        numerator=N_("Ärenden vars längsta steg före perioden var detta eller ett tidigare."),
        denominator=None,
        population=_EVERYBODY,
        time_rule=_IN_QUARTER,
        small_cells=SmallCells.COUNT,
        source="REP-01, domain.md 4.4",
    ),
)
