"""The cube's measures (REP-01): what flows through a unit, how long it takes, where it leads."""

from __future__ import annotations

from dataclasses import replace

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_CASES = N_("Personer som enheten har skrivit in.")
_IN_PERIOD = N_("Dagen då det hände ligger i perioden, första och sista dagen inräknade.")
_OF_INFLOW = N_("De som skrevs in i perioden.")
_FOLLOWED = N_(
    "Från inskrivningen till och med sista dagen, eller i så många månader som gruppen följs."
)


def _flow(name: str, title: str, definition: str, numerator: str) -> Measure:
    return Measure(
        name=f"cube_{name}",
        title=title,
        definition=definition,
        counted_in=CountedIn.PERSONS,
        numerator=numerator,
        denominator=None,
        population=_CASES,
        time_rule=_IN_PERIOD,
        small_cells=SmallCells.COUNT,
        source="REP-01",
        given_as=(f"cube:*.counts.{name}.*",),
    )


def _result(name: str, title: str, definition: str, numerator: str) -> Measure:
    return replace(
        _flow(name, title, definition, numerator),
        denominator=_OF_INFLOW,
        population=_OF_INFLOW,
        time_rule=_FOLLOWED,
    )


def _lead(name: str, title: str, definition: str) -> Measure:
    return Measure(
        name=f"cube_{name}",
        title=title,
        definition=definition,
        counted_in=CountedIn.DAYS,
        numerator=N_("Dagar från personens första inskrivning i perioden, median och kvartiler."),
        denominator=None,
        population=_OF_INFLOW,
        time_rule=_FOLLOWED,
        small_cells=SmallCells.QUARTILES,
        source="REP-01",
        given_as=(f"cube:*.lead_times.{name}.*",),
    )


CUBE = (
    _flow(
        "inflow",
        N_("Inflöde"),
        N_("Personer som har skrivits in i perioden."),
        N_("Personer med minst en inskrivning i perioden."),
    ),
    _flow(
        "active",
        N_("Aktiva"),
        N_("Personer som har varit inskrivna minst en dag i perioden."),
        N_("Personer som skrevs in senast periodens sista dag och inte avslutats före den första."),
    ),
    _flow(
        "activities",
        N_("Började en aktivitet"),
        N_("Personer som har kommit till en gruppaktivitet för första gången."),
        N_("Personer vars första närvaro i en grupp ligger i perioden."),
    ),
    _flow(
        "contacts",
        N_("Arbetsgivare kontaktad"),
        N_("Personer som enheten har kontaktat minst en arbetsgivare om, med ett förslag."),
        N_("Personer med minst ett förslag som visades för arbetsgivaren i perioden."),
    ),
    _flow(
        "proposals",
        N_("Föreslagna"),
        N_("Personer som enheten har föreslagit till minst en plats."),
        N_("Personer med minst ett förslag i perioden."),
    ),
    _flow(
        "placements",
        N_("Placeringar"),
        N_("Personer som har börjat minst en placering: praktik, arbetsträning eller prova på."),
        N_("Personer med minst en placering som började."),
    ),
    _flow(
        "hires",
        N_("Anställningar"),
        N_("Personer som har börjat minst en anställning. Kommunala räknas för sig."),
        N_("Personer med minst en anställning som började."),
    ),
    _flow(
        "municipal_employment",
        N_("Kommunal anställning"),
        N_("Personer som har börjat en kommunal arbetsmarknadsanställning."),
        N_("Personer med minst en kommunal arbetsmarknadsanställning som började."),
    ),
    _flow(
        "exits",
        N_("Avslutade"),
        N_("Personer vars ärende har avslutats i perioden, oavsett vart de gick."),
        N_("Personer med minst ett avslut i perioden."),
    ),
    _result(
        "to_work",
        N_("Till arbete"),
        N_("De av periodens inskrivna som har fått en anställning, eller avslutats till arbete."),
        N_("Personer som har fått arbete efter inskrivningen."),
    ),
    _result(
        "studies",
        N_("Till studier"),
        N_("De av periodens inskrivna som har avslutats till studier."),
        N_("Personer som har avslutats till studier."),
    ),
    _result(
        "stayed",
        N_("Kvar efter sex månader"),
        N_("De av periodens inskrivna vars anställning har varat sex månader."),
        N_("Personer vars anställning har varat sex månader utan att avslutas."),
    ),
    _lead(
        "days_to_contact",
        N_("Till arbetsgivarkontakt"),
        N_(
            "Dagar från inskrivningen tills en arbetsgivare först kontaktades för personens skull. "
            "Den som började på en arbetsplats räknas senast då."
        ),
    ),
    _lead(
        "days_to_proposal",
        N_("Till förslag"),
        N_("Dagar från inskrivningen till det första förslaget på en plats."),
    ),
    _lead(
        "days_to_placement",
        N_("Till placering"),
        N_("Dagar från inskrivningen tills den första placeringen började."),
    ),
    _lead(
        "days_to_work",
        N_("Till första arbetet"),
        N_("Dagar från inskrivningen tills den första anställningen började."),
    ),
)
