"""The measures of the report on surveys."""

from __future__ import annotations

from dataclasses import replace

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_SENT = N_("Enkäter till arbetsgivare och deltagare. Skyddade personuppgifter räknas inte.")
_YEAR = N_("Året då enkäten skickades. Andra perioder går inte att välja: då syns enstaka svar.")


def _asked(name: str, title: str, definition: str, given_as: str) -> Measure:
    return Measure(
        name=f"survey_{name}",
        title=title,
        definition=definition,
        counted_in=CountedIn.EVENTS,
        numerator=definition,
        denominator=None,
        population=_SENT,
        time_rule=_YEAR,
        small_cells=SmallCells.NOT_OF_PEOPLE,
        source="6.4",
        given_as=(f"surveys:*.response.{given_as}",),
    )


def _answered(
    name: str, title: str, definition: str, of: tuple[str, str], *given_as: str
) -> Measure:
    return Measure(
        name=f"survey_{name}",
        title=title,
        definition=definition,
        counted_in=CountedIn.PERCENT,
        numerator=of[0],
        denominator=of[1],
        population=_SENT,
        time_rule=_YEAR,
        small_cells=SmallCells.ANSWERS,
        source="6.4",
        given_as=given_as,
    )


_WHO_SAID = N_("De som svarade något annat än vet ej.")
SURVEYS: tuple[Measure, ...] = (
    _asked("sent", N_("Skickade"), N_("Enkäter som skickades eller erbjöds."), "sent"),
    _asked(
        "undeliverable", N_("Kom inte fram"), N_("Enkäter som inte nådde fram."), "undeliverable"
    ),
    _asked(
        "started",
        N_("Påbörjade, inte inskickade"),
        N_("Enkäter som någon började på men inte skickade in."),
        "started",
    ),
    _asked("completed", N_("Inskickade"), N_("Enkäter som skickades in."), "completed"),
    _answered(
        "response_rate",
        N_("Svarsfrekvens"),
        N_("Inskickade svar delat med skickade enkäter, utom dem som inte kom fram."),
        (N_("Enkäter som skickades in."), N_("Enkäter som skickades och kom fram.")),
        "surveys:*.response.percent",
        "surveys:by_*.response*",
    ),
    _answered(
        "positive",
        N_("Andel som håller med"),
        N_("De två högsta stegen av fem, av dem som svarade något annat än vet ej."),
        (N_("Svar på de två högsta stegen, eller ja."), _WHO_SAID),
        "surveys:*.questions.positive*",
    ),
    replace(
        _answered(
            "mean",
            N_("Medelvärde"),
            N_("Medelvärdet av stegen 1 till 5, av dem som svarade något annat än vet ej."),
            (N_("Summan av stegen."), _WHO_SAID),
            "surveys:*.questions.mean",
        ),
        counted_in=CountedIn.POINTS,
    ),
    replace(
        _answered(
            "options",
            N_("Svar att välja mellan"),
            N_("Hur många som valde varje svar."),
            (N_("De som valde svaret."), _WHO_SAID),
            "surveys:*.questions.options.*",
        ),
        counted_in=CountedIn.EVENTS,
        denominator=None,
    ),
    replace(
        _answered(
            "success",
            N_("Framgång, 1 till 5 (E2, E3)"),
            N_("Medelvärdet av frågorna E2 och E3. Varje fråga står för sig bredvid."),
            (N_("Frågornas medelvärden tillsammans."), N_("Antalet frågor.")),
            "surveys:employers.success_index",
        ),
        counted_in=CountedIn.POINTS,
    ),
    replace(
        _answered(
            "experience",
            N_("Upplevelse, 1 till 5 (E4–E8)"),
            N_("Medelvärdet av frågorna E4 till E8. Varje fråga står för sig bredvid."),
            (N_("Frågornas medelvärden tillsammans."), N_("Antalet frågor.")),
            "surveys:employers.experience_index",
        ),
        counted_in=CountedIn.POINTS,
    ),
    _answered(
        "satisfied",
        N_("Nöjda med samarbetet"),
        N_("De två högsta stegen på frågan om samarbetet."),
        (N_("Svar på de två högsta stegen, eller ja."), _WHO_SAID),
        "surveys:by_*.satisfied*",
    ),
    _answered(
        "host_again",
        N_("Vill ta emot igen"),
        N_("Ja absolut och troligen, av dem som svarade. Vad de gjorde sedan står bredvid."),
        (N_("Ja absolut och troligen."), _WHO_SAID),
        "surveys:by_*.host_again*",
    ),
    replace(
        _answered(
            "rehosted",
            N_("Tog emot igen inom tolv månader"),
            N_(
                "Arbetsgivare som svarade och började en ny placering inom tolv månader, av dem "
                "vars tolv månader har gått."
            ),
            (
                N_("Svar vars arbetsgivare tog emot igen inom tolv månader."),
                N_("Svar där tolv månader har gått sedan placeringen slutade."),
            ),
            "surveys:rehosted*",
        ),
        source="6.4, REP-08",
    ),
    replace(
        _answered(
            "minutes",
            N_("Hälften svarade på högst"),
            N_("Mediantiden från första till sista svaret."),
            (N_("Minuter från början till inskickat."), N_("Enkäter som skickades in.")),
            "surveys:median_minutes",
        ),
        counted_in=CountedIn.MINUTES,
        denominator=None,
    ),
    replace(
        _answered(
            "channels",
            N_("Hur deltagarna svarade"),
            N_("Deltagare som svarade med länk, eller med hjälp av någon."),
            (N_("Enkäter som skickades in."), N_("Enkäter som skickades in.")),
            "surveys:participant_channels.*",
        ),
        counted_in=CountedIn.EVENTS,
        denominator=None,
    ),
)
