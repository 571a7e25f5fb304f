"""The measures of how the unit works with employers (REP-08)."""

from __future__ import annotations

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_PERIOD = N_("Dagen ligger i perioden, första och sista dagen inräknade. Pågår den: till i dag.")
_EMPLOYERS = N_("Enhetens arbetsgivare.")
_OFFERS = N_("Enhetens erbjudanden.")
_PROPOSALS = N_("Förslag som lades i perioden, av personer till platser.")
_PLACEMENTS = N_("Enhetens placeringar.")


def _of_employers(
    name: str,
    title: str,
    definition: str,
    numerator: str,
    *,
    of: str | None = None,
    among: str = _EMPLOYERS,
    when: str = _PERIOD,
    counted_in: CountedIn = CountedIn.EVENTS,
    given_as: str,
) -> Measure:
    return Measure(
        name=name,
        title=title,
        definition=definition,
        counted_in=counted_in,
        numerator=numerator,
        denominator=of,
        population=among,
        time_rule=when,
        small_cells=SmallCells.NOT_OF_PEOPLE,
        source="REP-08",
        given_as=(f"employers:{given_as}",),
    )


def _step(step: str, title: str, definition: str) -> Measure:
    return Measure(
        name=f"proposals_{step}",
        title=title,
        definition=definition,
        counted_in=CountedIn.EVENTS,
        numerator=definition,
        denominator=None,
        population=_PROPOSALS,
        time_rule=N_("Förslaget lades i perioden. Hur långt det har kommit räknas till i dag."),
        small_cells=SmallCells.COUNT,
        source="REP-08",
        given_as=(f"employers:proposals.{step}",),
    )


_WEEK = N_("Sju dagar av perioden. Pågår den: till i dag.")
_COLLEAGUES = N_("Kollegor som har haft någon kontakt, gånger periodens veckor.")
#: In the order of the page.
ENGAGEMENT: tuple[Measure, ...] = (
    _of_employers(
        "employer_visits",
        N_("Besök på arbetsplatser"),
        N_("Besök på plats hos arbetsgivare som har antecknats i kontaktloggen."),
        N_("Kontakter på plats."),
        given_as="contacts.visits",
    ),
    _of_employers(
        "employer_contacts",
        N_("Andra kontakter med arbetsgivare"),
        N_(
            "Samtal, e-post och meddelanden som har antecknats i kontaktloggen, också när "
            "arbetsgivaren hörde av sig. Besök räknas för sig."
        ),
        N_("Kontakter på annat sätt än på plats."),
        given_as="contacts.others",
    ),
    _of_employers(
        "employer_contacts_a_week",
        N_("Per kollega och vecka"),
        N_(
            "Kontakter delat med de kollegor som har haft någon och periodens veckor. Talet är "
            "enhetens, aldrig en namngiven kollegas: det visas när minst två har haft kontakter."
        ),
        N_("Besök, eller andra kontakter."),
        of=_COLLEAGUES,
        when=_WEEK,
        given_as="contacts.*_a_week",
    ),
    _of_employers(
        "employers_active",
        N_("Aktiva arbetsgivare"),
        N_("Arbetsgivare som någon har haft kontakt med under periodens sista 90 dagar."),
        N_("Arbetsgivare med minst en kontakt."),
        when=N_("De 90 dagarna fram till periodens sista dag. Pågår den: fram till i dag."),
        given_as="active",
    ),
    _of_employers(
        "employers_new",
        N_("Nya arbetsgivare"),
        N_("Arbetsgivare vars allra första kontakt ligger i perioden."),
        N_("Arbetsgivare med sin första kontakt."),
        given_as="new",
    ),
    _of_employers(
        "offers_created",
        N_("Nya erbjudanden"),
        N_("Erbjudanden som lades in i perioden."),
        N_("Erbjudanden som lades in."),
        among=_OFFERS,
        given_as="offers_created",
    ),
    _of_employers(
        "offers_filled",
        N_("Tillsatta erbjudanden"),
        N_("Erbjudanden där någon började en placering eller anställning i perioden."),
        N_("Erbjudanden där någon började."),
        among=_OFFERS,
        given_as="offers_filled",
    ),
    _of_employers(
        "offers_expired",
        N_("Erbjudanden som gick ut"),
        N_("Erbjudanden vars sista dag passerade utan att någon hade börjat."),
        N_("Erbjudanden där ingen hade börjat."),
        among=_OFFERS,
        given_as="offers_expired",
    ),
    _step("proposed", N_("Förslag"), N_("Förslag som lades i perioden.")),
    _step(
        "accepted", N_("Förslag som båda sade ja till"), N_("Personen och arbetsgivaren sade ja.")
    ),
    _step("started", N_("Förslag som blev en placering"), N_("Placeringen började.")),
    _step(
        "completed",
        N_("Förslag med slutförd placering"),
        N_("Placeringen gick till sitt slut eller blev ett arbete."),
    ),
    Measure(
        name="offer_to_start_days",
        title=N_("Från erbjudande till start"),
        definition=N_(
            "Dagar från att erbjudandet lades in tills en placering började: medianen, och "
            "spannet för hälften i mitten."
        ),
        counted_in=CountedIn.DAYS,
        numerator=N_("Dagar från inlagt erbjudande till placeringens första dag."),
        denominator=None,
        population=_PLACEMENTS,
        time_rule=N_("Placeringen började i perioden."),
        small_cells=SmallCells.QUARTILES,
        source="REP-08",
        given_as=("employers:start_days.*",),
    ),
    Measure(
        name="follow_ups_on_time",
        title=N_("Uppföljningar i tid"),
        definition=N_(
            "Månadens uppföljningar som hölls senast så många dagar efter sin dag som enheten har "
            "ställt in."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("Uppföljningar som hölls i tid."),
        denominator=N_("Uppföljningar som har hållits eller är sena. Inställda räknas inte."),
        population=_PLACEMENTS,
        time_rule=N_("Uppföljningens dag ligger i perioden. Pågår den: till i dag."),
        small_cells=SmallCells.RATE,
        source="REP-08, PLA-05",
        given_as=("employers:follow_ups.*",),
    ),
    Measure(
        name="placements_became_job",
        title=N_("Placeringar som blev arbete"),
        definition=N_("Placeringar som slutade i perioden för att de blev ett arbete."),
        counted_in=CountedIn.PERCENT,
        numerator=N_("Placeringar som blev ett arbete."),
        denominator=N_(
            "Placeringar som slutade. En flytt till en annan arbetsplats är inget slut."
        ),
        population=_PLACEMENTS,
        time_rule=N_("Placeringens sista dag ligger i perioden."),
        small_cells=SmallCells.RATE,
        source="REP-08",
        given_as=("employers:became_job.*",),
    ),
    _of_employers(
        "hosted_again",
        N_("Tar emot igen"),
        N_("Arbetsgivare som tog emot någon i perioden och som hade gjort det tidigare."),
        N_("Arbetsgivare som hade tagit emot före perioden."),
        of=N_("Arbetsgivare där en placering började i perioden."),
        counted_in=CountedIn.PERCENT,
        given_as="hosted_again.*",
    ),
    _of_employers(
        "employer_surveys",
        N_("Svar på arbetsgivarenkäten"),
        N_("Hur många som svarade, av enkäter som skickades i perioden och kom fram."),
        N_("Enkäter som skickades in."),
        of=N_("Enkäter som skickades och kom fram."),
        counted_in=CountedIn.PERCENT,
        given_as="surveys.*",
    ),
    _of_employers(
        "employers_lost",
        N_("Förlorade arbetsgivare"),
        N_("Arbetsgivare som blev förlorade i perioden och är det än, med skälet som står nu."),
        N_("Arbetsgivare som blev förlorade."),
        given_as="lost.*",
    ),
)
