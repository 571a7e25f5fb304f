"""What the quarterly report calls its sections and figures, in Swedish; translated where shown."""

from __future__ import annotations

from collections.abc import Mapping

from matchsvc.errors import N_
from matchsvc.participants.wording import EXIT_DESTINATION
from matchsvc.reports.measures import step_title, title_of
from matchsvc.reports.quarterly_sources import COUNTS, DESTINATIONS, STRETCHES
from matchsvc.reports.shapes import Words
from matchsvc.reports.words import POPULATIONS as POPULATION_WORDS

#: The sections in order: the question each answers (domain.md 4.4).
SECTIONS: Mapping[str, str] = {
    "flow": N_("Hur många kom, hur många slutade, och till vad?"),
    "waiting": N_("Hur lång tid tar det, och var väntar man?"),
    "equity": N_("Får kvinnor och män, och de tre födelseregionerna, samma väg och resultat?"),
    "national": N_("Det nationella måttet"),
    "support": N_("Blev stödet av?"),
    "employers": N_("Vad sa arbetsgivarna?"),
    "cost": N_("Vad kostade ett arbete?"),
    "act": N_("Vad måste vi göra något åt?"),
}
#: The figures of each section, in order.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "flow": (*COUNTS, "ended", *(f"ended_to:{name}" for name in DESTINATIONS)),
    "waiting": ("days_to_plan", "plan_in_time", *(f"days_to:{name}" for name in STRETCHES)),
    "equity": (
        *(
            f"share_of_{measure}:{who}"
            for who in ("foreign_born_women", "women_outside_europe")
            for measure in ("started", "placements", "hires")
        ),
        "to_work_or_studies:all",
    ),
    "national": ("national",),
    "support": ("follow_ups_in_time", "full_package"),
    "employers": ("employers_answered", "satisfied", "host_again", "rehosted"),
    "cost": ("cost_per_job_lasted", "cost_per_job_started"),
    "act": (),
}
#: Figures of a whole calendar year: they have no quarter before.
YEARLY = frozenset(FIGURES["employers"] + FIGURES["cost"])

_OWN: Mapping[str, str] = {
    "ended": N_("Avslutade"),
    "ended_to": N_("Avslutade till"),
    "days_to_plan": N_("Tid till gemensam plan"),
    "plan_in_time": N_("Plan i tid"),
    "days_to": N_("Tid till"),
    "share_of_started": N_("Andel av de inskrivna"),
    "share_of_placements": N_("Andel av placeringarna"),
    "share_of_hires": N_("Andel av anställningarna"),
    "national": N_("Till arbete eller studier, av de avslutade"),
    "follow_ups_in_time": N_("Uppföljningar i tid"),
    "full_package": N_("Hela stödpaketet"),
    "employers_answered": N_("Arbetsgivare som svarade"),
    "satisfied": N_("Nöjda"),
    "host_again": N_("Vill ta emot igen"),
    "rehosted": N_("Tog emot igen inom ett år"),
}


def figure_title(key: str, words: Words) -> str:
    """What a figure is called: ``Avslutade till: studier``."""
    measure, _colon, group = key.partition(":")
    title = words(_OWN.get(measure) or title_of(measure))
    if not group:
        return title
    if measure == "ended_to":
        named = next(str(text) for each, text in EXIT_DESTINATION.items() if each.value == group)
    elif measure == "days_to":
        named = words(step_title(group))
    else:
        named = words(POPULATION_WORDS[group])
        return f"{named}: {title[:1].lower()}{title[1:]}"
    return f"{title}: {named[:1].lower()}{named[1:]}"


#: The entry of reports/measures.py that says what each figure means.
DEFINED_AS: Mapping[str, str] = {
    "ended": "national_ended",
    "days_to_plan": "plan_days",
    "plan_in_time": "plan_within_limit",
    "days_to": "days_to_step",
    "to_work_or_studies": "rate_to_work_or_studies",
    "national": "national_share",
    "follow_ups_in_time": "follow_ups_on_time",
    "full_package": "packages_full",
    "employers_answered": "survey_response_rate",
    "satisfied": "survey_satisfied",
    "host_again": "survey_host_again",
    "rehosted": "survey_rehosted",
}


def defined_as(key: str) -> str:
    """The name of the measure that a figure is of."""
    measure = key.partition(":")[0]
    if measure.startswith("share_of_"):
        return "published_share"
    return DEFINED_AS.get(measure, measure)


#: What is asked to be mended before a report is frozen: the sentence, and how.
QUALITY: Mapping[str, tuple[str, str]] = {
    "no_destination": (
        N_("Avslut utan destination"),
        N_("Skriv vart personen gick, på personens sida."),
    ),
    "unknown_group": (
        N_("Inskrivna i kvartalet med okänt kön eller okänd födelseregion"),
        N_("Fråga vid nästa samtal. Ingen lista visas: den skulle peka ut grupper."),
    ),
    "late_follow_ups": (N_("Uppföljningar som är försenade"), N_("Håll dem, eller skriv in dem.")),
    "beyond_decision": (
        N_("Placeringar som har gått längre än sitt beslut"),
        N_("Avsluta placeringen, eller skriv in det nya beslutet."),
    ),
    "past_end": (
        N_("Anställningar vars slutdag har varit, utan avslut"),
        N_("Avsluta anställningen, eller ändra slutdagen."),
    ),
}
