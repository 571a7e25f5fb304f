"""What the reports call things, in Swedish; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from matchsvc.errors import N_

#: A group, and everybody else whose sex and region of birth are known.
COMPARED: Mapping[str, tuple[str, str]] = {
    "foreign_born_women": (N_("Utrikes födda kvinnor"), N_("Alla andra")),
    "women_outside_europe": (N_("Kvinnor födda utanför Europa"), N_("Alla andra")),
    "women": (N_("Kvinnor"), N_("Män")),
}

DIMENSION_WORDS: Mapping[str, str] = {
    "sex": N_("Kön"),
    "birth_region": N_("Födelseregion"),
    "employer": N_("Arbetsgivare"),
    "agreement": N_("Överenskommelse"),
    "unit": N_("Enhet"),
}

SEXES: Mapping[str, str] = {
    "woman": N_("Kvinnor"),
    "man": N_("Män"),
    "unknown": N_("Okänt kön"),
}

REGIONS: Mapping[str, str] = {
    "outside_europe": N_("utanför Europa"),
    "europe": N_("övriga Europa"),
    "sweden": N_("Sverige"),
    "unknown": N_("okänd region"),
}

POPULATIONS: Mapping[str, str] = {
    "all": N_("Alla"),
    "women": N_("Kvinnor"),
    "men": N_("Män"),
    "foreign_born_women": N_("Utrikes födda kvinnor"),
    "women_outside_europe": N_("Kvinnor födda utanför Europa"),
}

NONE_GIVEN = N_("inte angivet")
HIDDEN = N_("Dolt")
EVERYBODY = N_("Alla")
PERSONS = N_("personer")
EVENTS = N_("händelser")

SHARE_HEADINGS = (
    N_("Mått"),
    N_("Grupp"),
    N_("Antal"),
    N_("Av"),
    N_("Procent"),
    N_("Procent, en decimal"),
    N_("Osäkerhet från"),
    N_("Osäkerhet till"),
    N_("Förändring, procentenheter"),
)

DEFINITION_HEADINGS = (
    N_("Begrepp"),
    N_("Betydelse"),
    N_("Vad som räknas"),
    N_("Av"),
    N_("Bland vilka"),
    N_("Vilka dagar"),
    N_("Små tal"),
    N_("Källa"),
)
