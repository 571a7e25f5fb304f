"""The measures of the funnel: its steps, the share that reaches them, and the ratio."""

from __future__ import annotations

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_POPULATION = N_("Personer som enheten skrev in i perioden, var och en gång.")
_UNTIL = N_(
    "Inskriven i perioden. Ett steg räknas från den dagen och till och med dagen som följs till."
)


def _step(step: str, title: str, definition: str) -> Measure:
    return Measure(
        name=f"funnel_{step}",
        title=title,
        definition=definition,
        counted_in=CountedIn.PERSONS,
        numerator=N_("Inskrivna som har nått steget eller ett senare."),
        denominator=None,
        population=_POPULATION,
        time_rule=_UNTIL,
        small_cells=SmallCells.COUNT,
        source="REP-01",
        given_as=(f"funnel:steps.{step}.persons.*",),
    )


#: The steps in order; each is called ``funnel_`` and the step's name.
STEPS: tuple[Measure, ...] = (
    _step("enrolled", N_("Inskriven"), N_("Skrevs in under perioden.")),
    _step("mapped", N_("Kartlagd"), N_("Kartläggningens sammanfattning är underskriven.")),
    _step(
        "ready",
        N_("Klar för matchning"),
        N_("Handläggaren har noterat att matchningen kan börja."),
    ),
    _step("proposed", N_("Föreslagen"), N_("Enheten har föreslagit personen till en plats.")),
    _step("accepted", N_("Båda har sagt ja"), N_("Personen och arbetsgivaren har sagt ja.")),
    _step(
        "started", N_("Började en placering"), N_("Praktik, arbetsträning eller prova på började.")
    ),
    _step(
        "completed",
        N_("Slutförde placeringen"),
        N_("Placeringen gick till sitt slut eller blev ett arbete. Den som avbröt räknas inte."),
    ),
    _step(
        "hired",
        N_("Fick arbete"),
        N_("En anställning har börjat. Kommunala arbetsmarknadsanställningar räknas inte."),
    ),
    _step(
        "stayed",
        N_("Kvar efter sex månader"),
        N_("Anställningen har varat sex månader utan att avslutas."),
    ),
)
FUNNEL: tuple[Measure, ...] = (
    *STEPS,
    Measure(
        name="funnel_share",
        title=N_("Andel av de inskrivna"),
        definition=N_("Andel av de inskrivna som har kommit till steget eller längre."),
        counted_in=CountedIn.PERCENT,
        numerator=N_("Inskrivna som har nått steget eller ett senare."),
        denominator=N_("Personer som skrevs in."),
        population=_POPULATION,
        time_rule=_UNTIL,
        small_cells=SmallCells.RATE,
        source="REP-01",
    ),
    Measure(
        name="funnel_ratio",
        title=N_("Från förra steget, gånger så stor andel"),
        definition=N_(
            "Gruppens andel som gick vidare från förra steget, delad med alla andras. 1,00 är lika "
            "stor andel. Spannet är 95 procents intervall enligt Katz. Varför andelarna skiljer "
            "säger talet inte."
        ),
        counted_in=CountedIn.RATIO,
        numerator=N_("Gruppens andel av dem på förra steget som har nått det här."),
        denominator=N_(
            "Samma andel bland alla andra. Okänt kön och okänd födelseregion räknas inte."
        ),
        population=_POPULATION,
        time_rule=_UNTIL,
        small_cells=SmallCells.RATIO,
        source="REP-01",
        given_as=("funnel:steps.*.ratios.*",),
    ),
)
