"""The Swedish words of enumerations in import files (contract.md section 6)."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from matchsvc.employers.models import (
    Channel,
    ContactRole,
    Contribution,
    EmployerStatus,
    EmployerType,
    OfferStatus,
    Origin,
    YesNoUnknown,
)
from matchsvc.participants.models import (
    BirthRegion,
    ExitDestination,
    ExitReason,
    LearnedWhere,
    Rung,
    Sex,
)
from matchsvc.placements.models import DecisionAuthority, EmploymentKind, Outcome

Words = Mapping[str, enum.Enum]

SEX: Words = {"kvinna": Sex.WOMAN, "man": Sex.MAN, "okänt": Sex.UNKNOWN}
BIRTH_REGION: Words = {
    "Sverige": BirthRegion.SWEDEN,
    "Europa utom Sverige": BirthRegion.EUROPE,
    "utanför Europa": BirthRegion.OUTSIDE_EUROPE,
    "okänt": BirthRegion.UNKNOWN,
}
EXIT_REASON: Words = {
    "mål nått": ExitReason.GOAL_REACHED,
    "annan insats": ExitReason.OTHER_MEASURE,
    "flyttat": ExitReason.MOVED,
    "eget val": ExitReason.OWN_CHOICE,
    "utebliven kontakt": ExitReason.NO_CONTACT,
    "annat": ExitReason.OTHER,
}
EXIT_DESTINATION: Words = {
    "arbete utan stöd": ExitDestination.UNSUBSIDISED_JOB,
    "arbete med stöd": ExitDestination.SUBSIDISED_JOB,
    "kommunal arbetsmarknadsanställning": ExitDestination.MUNICIPAL_LM_EMPLOYMENT,
    "studier": ExitDestination.STUDIES,
    "Arbetsförmedlingen": ExitDestination.AF_PLANNING,
    "vård": ExitDestination.CARE,
    "daglig verksamhet": ExitDestination.DAILY_ACTIVITY,
    "annat": ExitDestination.OTHER,
    "okänd": ExitDestination.UNKNOWN,
    "okänt": ExitDestination.UNKNOWN,
}
RUNG: Words = {
    "påstådd": Rung.CLAIMED,
    "exemplifierad": Rung.EXEMPLIFIED,
    "observerad": Rung.OBSERVED,
    "bekräftad": Rung.CONFIRMED,
}
LEARNED_WHERE: Words = {
    "arbete": LearnedWhere.JOB,
    "utbildning": LearnedWhere.EDUCATION,
    "obetalt hemma": LearnedWhere.UNPAID_HOME,
    "hemma": LearnedWhere.UNPAID_HOME,
    "omsorg": LearnedWhere.CARE,
    "förening": LearnedWhere.ASSOCIATION,
    "eget företag": LearnedWhere.OWN_BUSINESS,
    "fritid": LearnedWhere.HOBBY,
    "annat": LearnedWhere.OTHER,
}
EMPLOYER_TYPE: Words = {
    "privat": EmployerType.PRIVATE,
    "kommunal": EmployerType.MUNICIPAL,
    "region": EmployerType.REGION,
    "statlig": EmployerType.STATE,
    "idéburen": EmployerType.CIVIL_SOCIETY,
    "egen verksamhet": EmployerType.OWN_UNIT,
}
EMPLOYER_STATUS: Words = {
    "prospekt": EmployerStatus.PROSPECT,
    "kontaktad": EmployerStatus.CONTACTED,
    "intresserad": EmployerStatus.INTERESTED,
    "överens": EmployerStatus.AGREED,
    "aktiv": EmployerStatus.ACTIVE,
    "vilande": EmployerStatus.PAUSED,
    "förlorad": EmployerStatus.LOST,
    "kontakta ej": EmployerStatus.DO_NOT_CONTACT,
}
ORIGIN: Words = {
    "undersökt": Origin.RESEARCHED,
    "befintlig kontakt": Origin.EXISTING_CONTACT,
    "direkt närvaro": Origin.DIRECT_ENGAGEMENT,
}
YES_NO_UNKNOWN: Words = {
    "ja": YesNoUnknown.YES,
    "nej": YesNoUnknown.NO,
    "okänt": YesNoUnknown.UNKNOWN,
}
CONTACT_ROLE: Words = {
    "beslutsfattare": ContactRole.DECISION_MAKER,
    "hr": ContactRole.HR,
    "handledare": ContactRole.SUPERVISOR,
    "facklig": ContactRole.UNION,
    "ekonomi": ContactRole.FINANCE,
}
CHANNEL: Words = {
    "epost": Channel.EMAIL,
    "telefon": Channel.PHONE,
    "sms": Channel.TEXT,
    "besök": Channel.VISIT,
}
CONTRIBUTION: Words = {
    "erfarenhet": Contribution.EXPERIENCE,
    "färdighet": Contribution.SKILLS,
    "prova på": Contribution.TASTER,
    "meningsfull uppgift": Contribution.CONTRIBUTION,
    "jobb": Contribution.JOB,
}
OFFER_STATUS: Words = {
    "utkast": OfferStatus.DRAFT,
    "öppen": OfferStatus.OPEN,
    "pausad": OfferStatus.PAUSED,
    "stängd": OfferStatus.CLOSED,
}
DECISION_AUTHORITY: Words = {
    "Arbetsförmedlingen": DecisionAuthority.AF,
    "socialnämnden": DecisionAuthority.SOCIAL_BOARD,
    "ingen": DecisionAuthority.NONE,
}
OUTCOME: Words = {
    "fullföljd": Outcome.COMPLETED,
    "avbruten av arbetsgivaren": Outcome.ENDED_BY_EMPLOYER,
    "avbruten av deltagaren": Outcome.ENDED_BY_PARTICIPANT,
    "övergick i anställning": Outcome.BECAME_JOB,
    "annat": Outcome.OTHER,
}


class Form(enum.StrEnum):
    """Placement forms and kinds of employment, which share a column."""

    WORK_PRACTICE = "work_practice"
    WORK_TRAINING = "work_training"
    ENHANCED_WORK_TRAINING = "enhanced_work_training"
    SOL_PRACTICE = "sol_practice"
    TASTER = "taster"
    EMPLOYMENT = EmploymentKind.EMPLOYMENT.value
    SUBSIDISED_EMPLOYMENT = EmploymentKind.SUBSIDISED.value
    RESOURCE_EMPLOYMENT = EmploymentKind.RESOURCE.value

    @property
    def is_employment(self) -> bool:
        """Whether it is a job rather than a placement."""
        return self.value in {kind.value for kind in EmploymentKind}


PLACEMENT_FORM: Words = {
    "arbetspraktik": Form.WORK_PRACTICE,
    "arbetsträning": Form.WORK_TRAINING,
    "förstärkt arbetsträning": Form.ENHANCED_WORK_TRAINING,
    "SoL-praktik": Form.SOL_PRACTICE,
    "prova på": Form.TASTER,
}
FORM: Words = {
    **PLACEMENT_FORM,
    "anställning": Form.EMPLOYMENT,
    "subventionerad anställning": Form.SUBSIDISED_EMPLOYMENT,
    "resursanställning": Form.RESOURCE_EMPLOYMENT,
}


def word_of(words: Words, member: enum.Enum | None) -> str:
    """The Swedish word of a member."""
    if member is None:
        return "–"
    return next((word for word, known in words.items() if known is member), str(member.value))


def listed(words: Words) -> str:
    """The words for the template, each member once."""
    once = {member: word for word, member in reversed(list(words.items()))}
    return ", ".join(reversed(list(once.values())))
