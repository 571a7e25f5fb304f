"""What becomes of the rows of every table: basis, what starts the clock, how long, what then.

Every table names its class in its model (:func:`matchsvc.db.retention`). The page of retention and
docs/retention.md are made from this list; a test finds a class that is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matchsvc.errors import N_

#: When somebody last read the laws that the list names; the page warns after a year.
VERIFIED_ON = date(2026, 4, 25)


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """One class.

    Attributes:
        title: what it holds, in words.
        basis: the law or decision that it rests on.
        starts: what starts the clock.
        period: how long; ``%(n)s`` stands for the unit's setting.
        action: what happens then, and by whom.
        setting: the unit's setting that says how long, if it can.
    """

    title: str
    basis: str
    starts: str
    period: str
    action: str
    setting: str | None = None


CLASSES: Mapping[str, RetentionClass] = {
    "case": RetentionClass(
        N_("Deltagarens akt: allt om en person, om placeringar, möten, papper och brev"),
        N_("SoL 16:1 och 16:4"),
        N_("Den sista anteckningen i akten. Aldrig bara för att ärendet avslutas."),
        N_("%(n)s år, och klart senast kalenderåret efter"),
        N_(
            "En person föreslår en lista, en annan godkänner den. Sedan raderas akterna. "
            "Avidentifierad statistik blir kvar."
        ),
        "retention_case_years",
    ),
    "employer": RetentionClass(
        N_("Arbetsgivare, arbetsställen, kontaktpersoner och erbjudanden"),
        N_("Kommunens dokumenthanteringsplan"),
        N_("Den sista kontakten."),
        N_("Enligt planen"),
        N_("Arkivmyndigheten bestämmer. Inget raderas av sig självt."),
    ),
    "reference": RetentionClass(
        N_("Ord, formulär, inställningar, protokoll över radering"),
        N_("Säger inget om en enskild"),
        N_("Inget"),
        N_("Så länge det används"),
        N_("Behålls."),
    ),
    "account": RetentionClass(
        N_("Medarbetares konton"),
        N_("Dataskyddsförordningen 5.1 e"),
        N_("Medarbetarens sista inloggning efter att kontot stängdes."),
        N_("%(n)s månader"),
        N_(
            "Varje natt: namn, adress och telefon tas bort. Att någon gjorde något står kvar, "
            "utan namn."
        ),
        "retention_account_months",
    ),
    "log": RetentionClass(
        N_("Loggen över vem som läste och ändrade"),
        N_("SoLPUL 10 § och kommunens beslut"),
        N_("Händelsen."),
        N_("%(n)s månader"),
        N_("Varje natt: en månad vars tid är ute ersätts av sitt sigill."),
        "retention_log_months",
    ),
    "statistics": RetentionClass(
        N_("Händelser som rapporter räknar, utan namn"),
        N_("OSL 24:8 och dataskyddsförordningen 89"),
        N_("När personens akt raderas."),
        N_("Behålls"),
        N_("Nyckeln byts mot en slumpad, åldern i två band. Inget leder tillbaka."),
    ),
    "technical": RetentionClass(
        N_("Inloggningar, länkar, brev i utkorgen, körda jobb"),
        N_("Dataskyddsförordningen 5.1 e"),
        N_("Körningen, eller när länken slutade gälla."),
        N_("%(n)s dagar"),
        N_("Varje natt."),
        "retention_technical_days",
    ),
}


def needs_review(*, today: date) -> bool:
    """Whether a year has passed since somebody read the laws."""
    return (today - VERIFIED_ON).days > 365  # noqa: PLR2004
