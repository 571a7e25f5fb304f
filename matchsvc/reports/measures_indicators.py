"""The measures of the page of indicators (REP-02, REP-03, REP-06)."""

from __future__ import annotations

from dataclasses import replace

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_PERIOD = N_("Dagen ligger i perioden, första och sista dagen inräknade. Pågår den: till i dag.")
_YEAR = N_("Ett helt kalenderår. Kvartal visas inte, för då går små tal att räkna ut.")
_HERE = N_("Deltagare som finns i registret. Den som har lagts in av misstag räknas inte.")
_EVERYBODY = N_("Alla som enheten har skrivit in, även de vars ärende är avslutat.")


def _count(name: str, title: str, definition: str, numerator: str, given_as: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=CountedIn.PERSONS,
        numerator=numerator,
        denominator=None,
        population=_HERE,
        time_rule=_PERIOD,
        small_cells=SmallCells.COUNT,
        source="REP-06 (Osby)",
        given_as=(f"indicators:{given_as}",),
    )


def _share(
    name: str, title: str, definition: str, of: tuple[str, str], source: str, given_as: str
) -> Measure:
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=CountedIn.PERCENT,
        numerator=of[0],
        denominator=of[1],
        population=_HERE,
        time_rule=_PERIOD,
        small_cells=SmallCells.RATE,
        source=source,
        given_as=(f"indicators:{given_as}",),
    )


def _days(name: str, title: str, definition: str, numerator: str, given_as: str) -> Measure:
    return replace(
        _count(name, title, definition, numerator, given_as),
        counted_in=CountedIn.DAYS,
        small_cells=SmallCells.QUARTILES,
    )


WORK: tuple[Measure, ...] = (
    replace(
        _count(
            "mapping_talks",
            N_("Kartläggningssamtal"),
            N_("Kartläggningssamtal som har hållits och stängts."),
            N_("Samtal som har hållits."),
            "work.mapping_talks",
        ),
        counted_in=CountedIn.EVENTS,
    ),
    _count(
        "mapping_talk_people",
        N_("Deltagare i kartläggningssamtal"),
        N_("Deltagare som har haft minst ett kartläggningssamtal."),
        N_("Deltagare med minst ett samtal."),
        "work.mapping_talk_people",
    ),
    _days(
        "training_days",
        N_("Tid i arbetsträning"),
        N_(
            "Dagar i en arbetsträning som slutade i perioden: medianen, och spannet för hälften i "
            "mitten. Tiden före en flytt räknas med."
        ),
        N_("Dagar från första till sista dagen, båda inräknade."),
        "work.training_days.*",
    ),
    _days(
        "full_time_days",
        N_("Tid till heltid"),
        N_(
            "Dagar från placeringens start tills den gick på heltid och fungerade: medianen, och "
            "spannet för hälften i mitten."
        ),
        N_("Dagar från start till heltid som nåddes i perioden."),
        "work.full_time_days.*",
    ),
    replace(
        _count(
            "adaptations",
            N_("Anpassningar"),
            N_("Anpassningar som gjordes i perioden, efter hur de fungerar enligt senaste svaret."),
            N_("Anpassningar som gjordes."),
            "work.adaptations.*",
        ),
        counted_in=CountedIn.EVENTS,
    ),
    _share(
        "follow_ups_held",
        N_("Uppföljningar som hölls"),
        N_("Månadens uppföljningar som har hållits, i tid eller senare."),
        (
            N_("Uppföljningar som har hållits."),
            N_("Uppföljningar som har hållits eller är sena. Inställda räknas inte."),
        ),
        "REP-06 (Osby)",
        "work.follow_ups.*",
    ),
    replace(
        _share(
            "plan_signed",
            N_("Inskrivna med underskriven plan"),
            N_("Hur stor del av de inskrivna som har en plan som alla har skrivit under."),
            (
                N_("Inskrivna med minst en underskriven plan."),
                N_("Personer som är inskrivna den sista dagen."),
            ),
            "REP-06 (Osby)",
            "work.signed_plans.*",
        ),
        time_rule=N_("Periodens sista dag. Pågår den: i dag."),
    ),
    replace(
        _count(
            "to_other_workplaces",
            N_("Från egen verksamhet till annan arbetsplats"),
            N_(
                "Personer som först hade en placering i enhetens egen verksamhet och i perioden "
                "började på sin första arbetsplats utanför den. Kommunal arbetsmarknadsanställning "
                "räknas inte."
            ),
            N_("Personer som började på sin första arbetsplats utanför enheten."),
            "work.to_other_workplaces",
        ),
        population=_EVERYBODY,
    ),
    replace(
        _count(
            "employments_by_kind",
            N_("Anställningar efter slag"),
            N_(
                "Personer som har börjat en anställning, efter slag: utan stöd, med stöd eller "
                "kommunal resursanställning. Slagen läggs inte ihop: samma person kan ha två."
            ),
            N_("Personer med minst en anställning av slaget."),
            "work.employments.*",
        ),
        population=_EVERYBODY,
    ),
)

LEAVES: tuple[Measure, ...] = (
    replace(
        _count(
            "leaves_begun",
            N_("Föräldraledigheter som började"),
            N_("Deltagare vars ärende vilar för föräldraledighet sedan en dag i perioden."),
            N_("Deltagare vars paus började."),
            "leaves.begun",
        ),
        source="REP-02 (4.2.1), PRO-17",
    ),
    _share(
        "leaves_back",
        N_("Tillbaka efter föräldraledighet"),
        N_(
            "Deltagare som är tillbaka, av dem som skulle ha kommit tillbaka i perioden. Den vars "
            "ärende avslutades samma dag räknas inte som tillbaka."
        ),
        (
            N_("Deltagare som är tillbaka."),
            N_("Deltagare vars planerade dag för att komma tillbaka ligger i perioden."),
        ),
        "REP-02 (4.2.1), PRO-17",
        "leaves.back.*",
    ),
    _share(
        "leaves_later",
        N_("I rätt insats efter ledigheten"),
        N_(
            "Deltagare som är i den insats som var tänkt, av dem som nåddes 12 eller 36 månader "
            "efter att ledigheten började."
        ),
        (N_("De som är i den insats som var tänkt."), N_("De som nåddes.")),
        "REP-02 (4.2.1), PRO-17",
        "leaves.later.*",
    ),
)

TREATMENT: tuple[Measure, ...] = (
    replace(
        _share(
            "treatment",
            N_("Bemötande, information och rättvisa"),
            N_(
                "Deltagare som håller med på frågan: de två högsta stegen av fem, av dem som "
                "svarade något annat än vet ej."
            ),
            (N_("Svar på de två högsta stegen."), N_("De som svarade något annat än vet ej.")),
            "REP-02 (4.1.1), 6.4",
            "questions.*",
        ),
        population=N_(
            "Deltagare vars placering har avslutats. Skyddade personuppgifter räknas inte."
        ),
        time_rule=N_("Året då enkäten erbjöds. Kvartal går inte att välja: då syns enstaka svar."),
        small_cells=SmallCells.ANSWERS,
    ),
)


def _by_group(
    name: str, title: str, definition: str, of: tuple[str, str], source: str, given_as: str
) -> Measure:
    return replace(
        _share(name, title, definition, of, source, f"by_group.{given_as}"),
        population=_EVERYBODY,
        time_rule=_YEAR,
    )


BY_GROUP: tuple[Measure, ...] = (
    _by_group(
        "national_agreements",
        N_("Utrikes födda kvinnor genom nationella överenskommelser"),
        N_(
            "Utrikes födda kvinnors andel av dem som började en placering eller en anställning "
            "genom en nationell överenskommelse. Placeringar och anställningar läggs inte ihop."
        ),
        (
            N_("Utrikes födda kvinnor som måttet räknar."),
            N_("Alla som började genom en nationell överenskommelse."),
        ),
        "REP-02 (4.2.3), ACC-2",
        "national.*",
    ),
    _by_group(
        "started_foreign_born_women",
        N_("Utrikes födda kvinnor bland de inskrivna"),
        N_("Utrikes födda kvinnors andel av dem som skrevs in under året."),
        (N_("Utrikes födda kvinnor som skrevs in."), N_("Personer som skrevs in.")),
        "REP-02 (4.2.5), ACC-1",
        "started.*",
    ),
    _by_group(
        "left_foreign_born_women",
        N_("Utrikes födda kvinnor till arbete eller studier"),
        N_(
            "Hur stor del av de utrikes födda kvinnor som varit inskrivna under året som då gick "
            "till arbete eller studier. Förändringen från året före är i procentenheter."
        ),
        (
            N_("Utrikes födda kvinnor som började arbeta eller studera."),
            N_("Utrikes födda kvinnor som var inskrivna minst en dag."),
        ),
        "REP-02 (4.2.5), ACC-3",
        "left.*",
    ),
    _by_group(
        "work_near",
        N_("I arbetsnära insats"),
        N_(
            "Hur stor del av dem som varit inskrivna under året som började minst en placering: "
            "praktik, arbetsträning eller prova på."
        ),
        (
            N_("De inskrivna som började minst en placering."),
            N_("Personer som var inskrivna minst en dag."),
        ),
        "REP-03 (Malmö)",
        "work_near.*",
    ),
)
