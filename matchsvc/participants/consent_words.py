"""What parties, categories and rules of consent are called on a page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.participants.consent_models import Category, DisclosureRule, Party, RevokedHow
from matchsvc.workday.signature_models import IdentifiedHow

PARTY = {
    Party.EMPLOYMENT_SERVICE: _l("Arbetsförmedlingen"),
    Party.INSURANCE_AGENCY: _l("Försäkringskassan"),
    Party.HEALTH_CARE: _l("Hälso- och sjukvården"),
    Party.SOCIAL_SERVICES: _l("Socialtjänsten"),
    Party.LABOUR_MARKET_UNIT: _l("Annan del av arbetsmarknadsenheten"),
    Party.EDUCATION: _l("Skola eller utbildning"),
    Party.ACTIVITY_PROVIDER: _l("Den som håller i en aktivitet"),
    Party.EMPLOYER: _l("Arbetsgivare"),
}
#: Also those who are given something by a right of their own, for lists of what was given.
TOLD_TO = PARTY | {
    Party.HERSELF: _l("Personen själv"),
    Party.PARTY_TO_CASE: _l("Part i ärendet"),
    Party.ANYBODY: _l("Den som bad om en allmän handling"),
}
CATEGORY = {
    Category.CONTACT: _l("Namn och hur personen nås"),
    Category.PLANNING: _l("Planering och tider"),
    Category.COMPETENCE: _l("Kompetens och erfarenhet"),
    Category.WORK_ABILITY: _l("Arbetsförmåga"),
    Category.HEALTH: _l("Hälsa"),
    Category.ECONOMY: _l("Försörjning"),
    Category.SOCIAL: _l("Livssituation"),
}
TOLD_OF = CATEGORY | {Category.RECORD: _l("Ur akten")}
RULE = {
    DisclosureRule.CONSENT: _l("Samtycke (OSL 10 kap. 1 §)"),
    DisclosureRule.OWN_TASK: _l("Nödvändigt för vår egen uppgift (OSL 10 kap. 2 §)"),
    DisclosureRule.DUTY: _l("En lag säger att vi ska (OSL 10 kap. 28 §)"),
    DisclosureRule.LIMITED_GROUP: _l(
        "Begränsad grupp inom vård och socialtjänst (OSL 26 kap. 9 §)"
    ),
}
TOLD_BY = RULE | {
    DisclosureRule.OWN_ACCESS: _l("Rätt till en kopia (dataskyddsförordningen artikel 15)"),
    DisclosureRule.PARTY_ACCESS: _l("Partsinsyn (förvaltningslagen 10 §)"),
    DisclosureRule.PUBLIC_RECORD: _l("Allmän handling (tryckfrihetsförordningen 2 kap. 15 §)"),
}
REVOKED_HOW = {
    RevokedHow.IN_PERSON: _l("Vid ett möte"),
    RevokedHow.BY_PHONE: _l("Per telefon"),
    RevokedHow.IN_WRITING: _l("Skriftligt"),
    RevokedHow.BY_HERSELF: _l("På sin egen sida"),
}
IDENTIFIED_HOW = {
    IdentifiedHow.KNOWN: _l("Personen är känd av den som skriver"),
    IdentifiedHow.DOCUMENT_SHOWN: _l("Personen visade legitimation"),
    IdentifiedHow.ON_PAPER: _l("Underskrift på papper, inskannad"),
}
