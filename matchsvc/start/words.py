"""What the steps of the first start are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.accounts.models import Role
from matchsvc.start.steps import StepKind

ROLES = {
    Role.UNIT_MANAGER: _l("enhetschef"),
    Role.CASE_WORKER: _l("handläggare"),
    Role.EMPLOYER_LIAISON: _l("arbetsgivarkonsulent eller praktiksamordnare"),
}
TITLES = {
    StepKind.UNIT: _l("Vad enheten heter"),
    StepKind.USERS: _l("Kollegor som kan logga in"),
    StepKind.MAIL: _l("Ett mejl som kommer fram"),
    StepKind.PARTICIPANTS: _l("De första deltagarna"),
    StepKind.OFFERS: _l("De första erbjudandena"),
}
WHY = {
    StepKind.UNIT: _l("Namnet och kommunen står på varje sida, papper och mejl."),
    StepKind.USERS: _l("Varje del av arbetet behöver någon som har valt lösenord."),
    StepKind.MAIL: _l("Inbjudningar och enkäter går med mejl. Skicka ett till dig själv."),
    StepKind.PARTICIPANTS: _l("Läs in en fil, eller skriv in den första för hand."),
    StepKind.OFFERS: _l("Läs in en fil med arbetsgivare och erbjudanden, eller skriv in ett."),
}
ASK = {
    StepKind.PARTICIPANTS: _l("Be en handläggare eller enhetschefen göra det här."),
    StepKind.OFFERS: _l("Be en arbetsgivarkonsulent eller praktiksamordnare göra det här."),
}
