"""What the reports call things, in Swedish; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from matchsvc.errors import N_

DEFINITIONS_VERSION = "v1"

MEASURES: Mapping[str, str] = {
    "placements": N_("Placeringar"),
    "hires": N_("Anställningar"),
    "municipal_employment": N_("Kommunal anställning"),
    "started": N_("Inskrivna"),
    "to_work": N_("Till arbete"),
    "studies": N_("Till studier"),
    "enrolled": N_("Inskrivna någon gång"),
    "to_work_or_studies": N_("Till arbete eller studier"),
}

DEFINITIONS: Mapping[str, str] = {
    "placements": N_(
        "Personer som har börjat minst en placering under perioden: praktik, arbetsträning eller "
        "prova på."
    ),
    "hires": N_(
        "Personer som har börjat minst en anställning under perioden, med eller utan stöd. "
        "Kommunala arbetsmarknadsanställningar räknas inte."
    ),
    "municipal_employment": N_(
        "Personer som har börjat en kommunal arbetsmarknadsanställning (resursanställning). Den "
        "visas bredvid anställningarna och ingår aldrig i dem."
    ),
    "started": N_("Personer som har skrivits in under perioden."),
    "to_work": N_(
        "De av periodens inskrivna som till och med periodens sista dag har fått sin första "
        "anställning efter inskrivningen, eller avslutats till arbete. De som skrevs in sent har "
        "haft kort tid på sig."
    ),
    "studies": N_(
        "De av periodens inskrivna som till och med periodens sista dag har avslutats till studier."
    ),
    "enrolled": N_("Personer som har varit inskrivna minst en dag under perioden."),
    "to_work_or_studies": N_(
        "De av dem som varit inskrivna under perioden som då började en anställning eller "
        "avslutades till arbete eller studier."
    ),
    "foreign_born": N_("Född i Europa utom Sverige, eller utanför Europa."),
    "outside_europe": N_(
        "Född utanför Europa. Det är ett annat mått än utrikes född, och talen jämförs inte."
    ),
    "unknown": N_(
        "Okänt kön och okänd födelseregion är egna grupper. De ingår när andelar av alla räknas, "
        "men aldrig bland dem som andelen gäller."
    ),
    "percent": N_(
        "Hela procent, där en halv avrundas uppåt. Förändringar räknas mellan oavrundade andelar "
        "och visas i procentenheter."
    ),
    "interval": N_(
        "Strecket och spannet visar osäkerheten: 95 procents intervall enligt Wilson. Överlappar "
        "två spann kan skillnaden vara slump."
    ),
    "hidden": N_(
        "Dolt betyder färre än 5 personer, eller ett tal som annars går att räkna ut. Andelar av "
        "färre än 10 visas inte. Enheten kan ha valt högre gränser i sina inställningar."
    ),
    "protected": N_(
        "Personer med skyddade personuppgifter räknas med, men bara i tal som är stora nog att "
        "visas. Ingen rapport visar en enskild person."
    ),
    "never_added": N_(
        "Lägg inte ihop talen. Samma person kan ha både en placering och en anställning."
    ),
}

#: What it is to have reached a step of the funnel: its name and its definition.
STEPS: Mapping[str, tuple[str, str]] = {
    "enrolled": (N_("Inskriven"), N_("Skrevs in under perioden.")),
    "mapped": (N_("Kartlagd"), N_("Kartläggningens sammanfattning är underskriven.")),
    "ready": (N_("Klar för matchning"), N_("Handläggaren har noterat att matchningen kan börja.")),
    "proposed": (N_("Föreslagen"), N_("Enheten har föreslagit personen till en plats.")),
    "accepted": (
        N_("Båda har sagt ja"),
        N_("Personen och arbetsgivaren har sagt ja."),
    ),
    "started": (
        N_("Började en placering"),
        N_("Praktik, arbetsträning eller prova på började."),
    ),
    "completed": (
        N_("Slutförde placeringen"),
        N_("Placeringen gick till sitt slut eller blev ett arbete. Den som avbröt räknas inte."),
    ),
    "hired": (
        N_("Fick arbete"),
        N_("En anställning har börjat. Kommunala arbetsmarknadsanställningar räknas inte."),
    ),
    "stayed": (
        N_("Kvar efter sex månader"),
        N_("Anställningen har varat sex månader utan att avslutas."),
    ),
}

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

SHARES: Mapping[str, str] = {
    "foreign_born_women": N_("Utrikes födda kvinnors andel av alla"),
    "women_outside_europe": N_("Kvinnor födda utanför Europa, andel av alla"),
    "outside_europe_among_women": N_("Födda utanför Europa, andel av kvinnorna"),
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
