"""What things about jobs are called on a page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from matchsvc.employments.models import (
    Lasts,
    ReviewAnswer,
    SupportWish,
    UnionOpinion,
    UnionStep,
)
from matchsvc.employments.overview import JobState
from matchsvc.placements.wording import EMPLOYMENT, OUTCOME

__all__ = ["EMPLOYMENT", "OUTCOME"]

STATE = {
    JobState.COMING: _l("Börjar snart"),
    JobState.RUNNING: _l("Pågår"),
    JobState.ENDED: _l("Slut"),
}
CHECK = {
    "illness": _l("Vad som gäller vid sjukdom"),
    "care_of_child": _l("Vad som gäller vid vård av barn"),
    "holiday": _l("Semester"),
    "smoke_free": _l("Rökfri arbetstid"),
    "union_and_fund": _l("Facket har berättat om sig och om a-kassan"),
}
DEMAND = {
    "subsidy": _l("Stöd och beslut finns"),
    "covered": _l("Beslutet täcker hela anställningen"),
    "year": _l("Slutar inom ett år"),
    "hours": _l("Timmar är bestämda"),
    "extra": _l("Personen är en extra resurs"),
    "displaces_nobody": _l("Ingen ordinarie trängs undan"),
    "union": _l("Facket har fått säga sitt"),
}
UNION_STEP = {
    UnionStep.AF_ASKS: _l("Arbetsförmedlingen frågar facket"),
    UnionStep.UNIT_ASKS: _l("Vi frågar facket"),
    UnionStep.NOT_NEEDED: _l("Behövs inte enligt beslutet"),
}
UNION_OPINION = {
    UnionOpinion.FOR: _l("Tillstyrker"),
    UnionOpinion.WITH_REMARKS: _l("Tillstyrker med synpunkter"),
    UnionOpinion.AGAINST: _l("Avstyrker"),
}
LASTS = {
    Lasts.YES: _l("Ja, det håller"),
    Lasts.UNSURE: _l("Osäkert"),
    Lasts.ENDING: _l("Nej, det är på väg att ta slut"),
    Lasts.NOT_REACHED: _l("Nådde ingen"),
}
SUPPORT = {
    SupportWish.NONE: _l("Inget stöd längre"),
    SupportWish.AS_NOW: _l("Stöd som nu"),
    SupportWish.MORE: _l("Mer stöd"),
}
CLOSING = {
    "closing_plan": _l("Boka avslutsmötet hos Arbetsförmedlingen"),
    "closing_meeting": _l("Gå tillsammans till avslutsmötet"),
    "closing_documents": _l("Skriv slutdokumentation och kompetenskort"),
}
REVIEW = {
    ReviewAnswer.LOOK_NOW: _l("Ja, vi börjar söka anställning"),
    ReviewAnswer.PART_TIME: _l("Ja, på deltid, med arbetsträning vid sidan om"),
    ReviewAnswer.NOT_YET: _l("Inte än"),
}
