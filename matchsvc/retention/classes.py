"""What becomes of the rows of every table: basis, what starts the clock, how long, what then.

Every table names its class in its model (:func:`matchsvc.db.retention`). The page of retention and
docs/retention.md are made from this list; a test finds a class that is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matchsvc.errors import N_


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
        job: the job that does what is promised; None where nothing goes by itself.
    """

    title: str
    basis: str
    starts: str
    period: str
    action: str
    setting: str | None = None
    job: str | None = None


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
        "delete_approved",
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
        N_("När kontot stängdes."),
        N_("%(n)s månader"),
        N_(
            "Varje natt: namn, adress och telefon tas bort. Att någon gjorde något står kvar, "
            "utan namn."
        ),
        "retention_account_months",
        "tidy",
    ),
    "log": RetentionClass(
        N_("Loggen över vem som läste och ändrade"),
        N_("SoLPUL 10 § och kommunens beslut"),
        N_("Händelsen."),
        N_("%(n)s månader"),
        N_("Varje natt: en månad vars tid är ute ersätts av sitt sigill."),
        "retention_log_months",
        "replace_months",
    ),
    "statistics": RetentionClass(
        N_("Händelser som rapporter räknar, utan namn"),
        N_("OSL 24:8 och dataskyddsförordningen 89"),
        N_("När personens akt raderas."),
        N_("Behålls"),
        N_("Nyckeln byts mot en slumpad, åldern i två band. Inget leder tillbaka."),
        job="delete_approved",
    ),
    "technical": RetentionClass(
        N_("Inloggningar, länkar, brev i utkorgen, inlästa filer, körda jobb"),
        N_("Dataskyddsförordningen 5.1 e"),
        N_("Körningen, eller när länken slutade gälla."),
        N_("%(n)s dagar"),
        N_(
            "Varje natt, i små omgångar: raderas. Av brev står kvar att de skickades, utan ord "
            "och adress."
        ),
        "retention_technical_days",
        "tidy",
    ),
}
