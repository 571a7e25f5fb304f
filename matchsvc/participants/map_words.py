"""What the places of the map are called, and what to ask there."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.participants.mapping_models import Orientation, SummaryState

PAGE = {
    "person": _l("Individ"),
    "surroundings": _l("Omgivning"),
    "motivation": _l("Motivation"),
}
AREA = {
    "body": _l("Kroppens funktioner"),
    "psyche": _l("Psykiska funktioner"),
    "stress": _l("Stress och hur den känns"),
    "substances": _l("Mat, medicin, alkohol, tobak, droger"),
    "history": _l("Historia"),
    "person_other": _l("Övrigt om personen"),
    "social": _l("Sociala förhållanden"),
    "work": _l("Erfarenhet av arbete"),
    "education": _l("Utbildning och kunskap"),
    "leisure": _l("Fritid och intressen"),
    "network": _l("Kontakter med myndigheter och vård"),
    "surroundings_other": _l("Övrigt om omgivningen"),
    "change": _l("Att börja arbeta"),
    "stage": _l("Var i förändringen?"),
}
HINT = {
    "body": _l("Syn, hörsel, rörlighet, ork. Alltid i förhållande till arbete."),
    "psyche": _l("Koncentration, minne, oro, sömn. Alltid i förhållande till arbete."),
    "stress": _l("Vad stressar, och var känns det?"),
    "substances": _l("En medicin kan vara både resurs och hinder."),
    "history": _l("Bara personen avgör om något som har hänt har betydelse."),
    "person_other": _l("Det som inte passar någon annanstans."),
    "social": _l("Boende, familj, vänner, språk, ekonomi, tro. Fråga; anta inget om ansvar hemma."),
    "work": _l("Betalt och obetalt arbete, hemma och utomlands."),
    "education": _l("Skola, kurser, yrken som inte räknas här än."),
    "leisure": _l("Kan ge kraft till arbete, eller ta tid från det."),
    "network": _l("Räcker stödet? Vill alla åt samma håll som personen?"),
    "surroundings_other": _l("Det som inte passar någon annanstans."),
}
SIDE = {
    "resource": _l("Resurs"),
    "fact": _l("Fakta"),
    "obstacle": _l("Hinder"),
    "good_for_me": _l("Bra för mig"),
    "good_for_others": _l("Bra för andra runt mig"),
    "bad_for_me": _l("Mindre bra för mig"),
    "bad_for_others": _l("Mindre bra för andra runt mig"),
    "stage": _l("Steg"),
}
STAGE = {
    "not_thought_of": _l("Har inte tänkt på det"),
    "thinking": _l("Funderar"),
    "preparing": _l("Förbereder sig"),
    "doing": _l("Har börjat"),
    "keeping": _l("Håller i"),
}
STATE = {
    SummaryState.DRAFT: _l("Utkast"),
    SummaryState.REVIEWED: _l("Genomgången, inte undertecknad"),
    SummaryState.SIGNED: _l("Undertecknad"),
    SummaryState.SUPERSEDED: _l("Ersatt av en nyare"),
}
ORIENTATION = {
    Orientation.MAPPING: _l("Kartläggning"),
    Orientation.GUIDANCE: _l("Vägledning"),
    Orientation.REHABILITATION: _l("Rehabilitering"),
}
EVERY = {**PAGE, **AREA, **SIDE}
