"""What the parts of a plan are called."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.participants.plan_flags import PlanFlag
from matchsvc.participants.plan_models import (
    Childcare,
    MeasureState,
    PlanState,
    Responsible,
    SubGoalState,
    Supporter,
    Track,
)
from matchsvc.web.words import day_words

STATE = {
    PlanState.DRAFT: _l("Utkast"),
    PlanState.REVIEWED: _l("Genomläst, väntar på underskrifter"),
    PlanState.SIGNED: _l("Undertecknad av alla"),
    PlanState.SUPERSEDED: _l("Ersatt av en nyare"),
    PlanState.DROPPED: _l("Blev inte undertecknad"),
}
TRACK = {
    Track.HEALTH: _l("Hälsa"),
    Track.EDUCATION: _l("Utbildning"),
    Track.WORK: _l("Arbete"),
}
SUB_GOAL = {
    "perceived_health": _l("Hur personen upplever sin hälsa"),
    "social_situation": _l("Social situation och samspel"),
    "actual_disabilities": _l("Faktiska funktionshinder"),
    "conditions_for_change": _l("Förutsättningar för förändring"),
    "study_wishes": _l("Egna önskemål om utbildning"),
    "eligibility": _l("Behörighet och kompetens som behövs"),
    "realistic_goal": _l("Ett mål som går att nå"),
    "endurance": _l("Uthållighet och ork"),
    "work_wishes": _l("Egna önskemål och mål för arbete"),
    "existing_competence": _l("Kompetens som finns"),
    "market_demands": _l("Vad arbetsmarknaden kräver"),
    "where_jobs_are": _l("Var jobben finns"),
    "will_and_ability": _l("Vilja och förmåga att arbeta"),
}
SUB_GOAL_STATE = {
    SubGoalState.NOT_STARTED: _l("Inte börjat"),
    SubGoalState.IN_PROGRESS: _l("På gång"),
    SubGoalState.CLARIFIED: _l("Klarlagt"),
}
MEASURE_STATE = {
    MeasureState.PLANNED: _l("Planerat"),
    MeasureState.DONE: _l("Klart"),
    MeasureState.DROPPED: _l("Blir inte av"),
}
CHILDCARE = {
    Childcare.NOT_ASKED: _l("Inte frågat"),
    Childcare.NOT_NEEDED: _l("Behövs inte"),
    Childcare.ARRANGED: _l("Ordnad"),
    Childcare.MISSING: _l("Saknas"),
}
SUPPORTER = {
    Supporter.NONE_YET: _l("Ingen än"),
    Supporter.ROLE_MODEL: _l("Förebild"),
    Supporter.MENTOR: _l("Mentor"),
}
RESPONSIBLE = {
    Responsible.PERSON: _l("Personen själv"),
    Responsible.COLLEAGUE: _l("En kollega"),
    Responsible.OTHER: _l("Någon annan"),
}
ACTIVITY = {
    "health_talk": _l("Hälsosamtal"),
    "specialist": _l("Samtal med specialist på arbetslivsinriktad rehabilitering"),
    "work_ability": _l("Utredning av arbetsförmåga"),
    "rehabilitation": _l("Arbetsinriktad rehabilitering"),
    "family_support": _l("Stöd till familjen eller socialt stöd"),
    "motivation": _l("Motiverande samtal"),
    "swedish": _l("Svenska, anpassad undervisning"),
    "language_cafe": _l("Språkkafé"),
    "guidance": _l("Studie- och yrkesvägledning"),
    "training": _l("Arbetsmarknadsutbildning eller annan utbildning"),
    "validation": _l("Validering eller bedömning av yrkeskompetens"),
    "workplace_visit": _l("Studiebesök eller rekryteringsmässa"),
    "work_experience": _l("Praktik eller arbetsträning"),
    "cv_interview": _l("CV och träning inför intervju"),
    "job_search": _l("Söka jobb med stöd"),
    "subsidised_job": _l("Anställning med stöd"),
    "other": _l("Annat"),
}


def flag_words(flag: PlanFlag, last_day: date) -> str:
    """A sentence that says what calls for attention and what to do."""
    if flag is PlanFlag.LATE:
        return str(
            _("Planen skulle ha varit undertecknad %(day)s.", day=day_words(last_day, year=True))
        )
    if flag is PlanFlag.NEAR:
        return str(
            _("Planen ska vara undertecknad senast %(day)s.", day=day_words(last_day, year=True))
        )
    if flag is PlanFlag.ONLY_SWEDISH:
        return str(_("Svenska är det enda i planen. Lägg till något som leder till arbete."))
    return str(_("Inget är planerat de närmaste 14 dagarna."))
