"""The measures of learning: gaps between groups, staff, risks and costs."""

from __future__ import annotations

from matchsvc.errors import N_
from matchsvc.reports.measure import CountedIn, Measure, SmallCells

_ENROLLED = N_("Personer som har varit inskrivna minst en dag under perioden.")
_BY_END = N_("Det som är noterat till och med periodens sista dag.")
_IN_PERIOD = N_("Det som hände under perioden, första och sista dagen inräknade.")

SHARES: tuple[Measure, ...] = (
    Measure(
        name="mapping_signed",
        title=N_("Kartläggningen är underskriven"),
        definition=N_(
            "Inskrivna vars kartläggning har en underskriven sammanfattning. Vad som står i den "
            "räknas inte och läses inte."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("De av dem som har en underskriven sammanfattning."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATE,
        source="MAP-03",
        given_as=("gaps:gaps.mapping_signed.shares.*",),
    ),
    Measure(
        name="asked_about_life",
        title=N_("Tillfrågad om kompetens från livet"),
        definition=N_(
            "Inskrivna som har fått frågan vad de kan från hem, föreningar, eget företag och "
            "tidigare arbete, också när svaret var inget."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("De av dem som har fått frågan."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATE,
        source="REP-05",
        given_as=("gaps:gaps.asked_about_life.shares.*",),
    ),
    Measure(
        name="asked_about_school",
        title=N_("Tillfrågad om skola och kurser"),
        definition=N_(
            "Inskrivna som har fått frågorna om skola och kurser i kompetenssamtalet, eller har "
            "något därifrån noterat. Ett hoppat avsnitt räknas inte."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("De av dem som har fått frågorna eller har något noterat."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATE,
        source="REP-05",
        given_as=("gaps:gaps.asked_about_school.shares.*",),
    ),
    Measure(
        name="proposed_outside_typical",
        title=N_("Föreslagen i ett yrke med få av det egna könet"),
        definition=N_(
            "Av dem som har föreslagits till en plats i något av de vanligaste yrkena enligt SCB "
            "(2020): de som minst en gång föreslagits i ett yrke där under 40 procent av de "
            "anställda i landet har samma kön. Andra yrken räknas inte, för dem finns inget tal."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("De av dem som har föreslagits i ett yrke med få av det egna könet."),
        denominator=N_("Inskrivna som har föreslagits i ett yrke som SCB:s lista har tal för."),
        population=_ENROLLED,
        time_rule=_IN_PERIOD,
        small_cells=SmallCells.RATE,
        source="REP-05",
        given_as=("gaps:gaps.proposed_outside_typical.shares.*",),
    ),
)
MEANS: tuple[Measure, ...] = (
    Measure(
        name="competences_mapped",
        title=N_("Noterade kompetenser per person"),
        definition=N_("Hur många kompetenser som är noterade för varje inskriven, i medeltal."),
        counted_in=CountedIn.EVENTS,
        numerator=N_("Noterade kompetenser som inte är arkiverade."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATE,
        source="MAP-07",
        given_as=("gaps:gaps.competences_mapped.means.*",),
    ),
    Measure(
        name="informal_captured",
        title=N_("Informella kompetenser per person"),
        definition=N_(
            "Som noterade kompetenser, men bara de som varken är lärda i utbildning eller "
            "bekräftade med intyg."
        ),
        counted_in=CountedIn.EVENTS,
        numerator=N_("Noterade informella kompetenser som inte är arkiverade."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATE,
        source="MAP-07",
        given_as=("gaps:gaps.informal_captured.means.*",),
    ),
    Measure(
        name="talk_minutes",
        title=N_("Minuter i enskilda samtal per person"),
        definition=N_(
            "Loggad tid i möten med en deltagare i taget, och i anteckningar. Har en dag båda "
            "räknas den längre. Gruppmöten räknas inte. Visas aldrig för en namngiven medarbetare."
        ),
        counted_in=CountedIn.MINUTES,
        numerator=N_("Loggade minuter med deltagaren."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_IN_PERIOD,
        small_cells=SmallCells.RATE,
        source="REP-05",
        given_as=("gaps:gaps.talk_minutes.means.*",),
    ),
    Measure(
        name="referrals_per_100",
        title=N_("Vidare till andra, per 100 personer"),
        definition=N_(
            "Åtgärder i en underskriven plan som någon utanför enheten svarar för, och platser i "
            "aktiviteter som någon annan håller. Per 100 inskrivna."
        ),
        counted_in=CountedIn.EVENTS,
        numerator=N_("Åtgärder och platser hos andra."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_IN_PERIOD,
        small_cells=SmallCells.RATE,
        source="REP-05",
        given_as=("gaps:gaps.referrals_per_100.means.*",),
    ),
    Measure(
        name="gap_ratio",
        title=N_("Gånger så stor"),
        definition=N_(
            "Gruppens tal delat med alla andras. 1,00 är lika. Spannet är osäkerheten (95 "
            "procent), för andelar enligt Katz och för medeltal på samma sätt. Okänt räknas inte "
            "bland andra."
        ),
        counted_in=CountedIn.RATIO,
        numerator=N_("Gruppens andel eller medeltal."),
        denominator=N_("Alla andras andel eller medeltal."),
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATIO,
        source="REP-05, LAW-12",
        given_as=("gaps:gaps.*.ratios.*", "gaps:needs.*.ratios.*"),
    ),
)
NEEDS: tuple[Measure, ...] = (
    Measure(
        name="need_assessed",
        title=N_("Bedömt behov av stöd"),
        definition=N_(
            "Vilket stöd som en handläggare senast har bedömt kommer först. Ingen bedömning görs "
            "av programmet."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("De av dem som senast har bedömts så."),
        denominator=_ENROLLED,
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATE,
        source="MAP-10",
        given_as=("gaps:needs.*.assessed.*",),
    ),
    Measure(
        name="need_given",
        title=N_("Har fått något för behovet"),
        definition=N_(
            "De bedömda som sedan dess har haft en plats i en aktivitet som är tänkt för just det "
            "behovet, eller en sådan åtgärd i planen som är gjord. Det som är för alla räknas inte."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("De av dem som har fått något för behovet."),
        denominator=N_("Inskrivna som senast har bedömts så."),
        population=_ENROLLED,
        time_rule=_BY_END,
        small_cells=SmallCells.RATE,
        source="MAP-10",
        given_as=("gaps:needs.*.given.*",),
    ),
)
_JOBS_OF_THE_YEAR = N_("Anställningar på den vanliga arbetsmarknaden, enligt händelserna.")
_YEAR = N_("Ett kalenderår.")
COSTS: tuple[Measure, ...] = (
    Measure(
        name="cost_per_job_lasted",
        title=N_("Kostnad per jobb som varade"),
        definition=N_(
            "Anställningar på den vanliga arbetsmarknaden som under året hade varat en månad utan "
            "avbrott. Årets kostnader delade med dem."
        ),
        counted_in=CountedIn.KRONOR,
        numerator=N_("Kostnader som enhetschefen har skrivit in för året."),
        denominator=N_("Anställningar som nådde en månad under året."),
        population=_JOBS_OF_THE_YEAR,
        time_rule=_YEAR,
        small_cells=SmallCells.COUNT,
        source="EMPL-06, REP-07",
        given_as=("costs:kronor_per_job_lasted",),
    ),
    Measure(
        name="cost_per_job_started",
        title=N_("Kostnad per anställning som började"),
        definition=N_(
            "Anställningar som började under året, med eller utan stöd. Kommunala "
            "arbetsmarknadsanställningar räknas inte. Årets kostnader delade med dem."
        ),
        counted_in=CountedIn.KRONOR,
        numerator=N_("Kostnader som enhetschefen har skrivit in för året."),
        denominator=N_("Anställningar som började under året."),
        population=_JOBS_OF_THE_YEAR,
        time_rule=_YEAR,
        small_cells=SmallCells.COUNT,
        source="EMPL-06",
        given_as=("costs:kronor_per_job_started",),
    ),
)
_COLLEAGUES = N_("De som arbetar i enheten i dag.")
STAFF: tuple[Measure, ...] = (
    Measure(
        name="trained_share",
        title=N_("Har gått utbildningen"),
        definition=N_(
            "De som arbetar i enheten och har noterat att utbildningen är klar. Bara enhetschefen "
            "och den det gäller ser vem."
        ),
        counted_in=CountedIn.PERCENT,
        numerator=N_("De av dem som har gått den."),
        denominator=_COLLEAGUES,
        population=_COLLEAGUES,
        time_rule=N_("Som det står i dag."),
        small_cells=SmallCells.NOT_OF_PEOPLE,
        source="REP-09, REP-05",
        given_as=("trainings:trainings.*.completed", "trainings:all_expected"),
    ),
    Measure(
        name="self_assessment_mean",
        title=N_("Självskattningens medel"),
        definition=N_(
            "Medel av svaren på ett påstående, från 1 till 4. Vet ej räknas inte. Visas först när "
            "året är stängt och minst fem har svarat."
        ),
        counted_in=CountedIn.POINTS,
        numerator=N_("Svarens poäng tillsammans."),
        denominator=N_("Svar som inte är vet ej."),
        population=_COLLEAGUES,
        time_rule=_YEAR,
        small_cells=SmallCells.ANSWERS,
        source="REP-05",
        given_as=("self-assessment:results.*.mean",),
    ),
)
#: Everything of this list, in the order that it is told.
LEARNING: tuple[Measure, ...] = (*SHARES, *MEANS, *NEEDS, *COSTS, *STAFF)
