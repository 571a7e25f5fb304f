"""The catalogue that a unit can begin with (PRO-19, GRP-01 to GRP-05), as data."""

from __future__ import annotations

from dataclasses import dataclass

from matchsvc.activities.models import ActivityKind
from matchsvc.participants.mapping_models import Orientation
from matchsvc.participants.models import Step
from matchsvc.participants.plan_models import Track

_M, _G, _R = Orientation.MAPPING, Orientation.GUIDANCE, Orientation.REHABILITATION


@dataclass(frozen=True, slots=True)
class Starter:
    """One activity of the list; None and empty mean any."""

    code: str
    name: str
    kind: ActivityKind = ActivityKind.OTHER
    track: Track | None = None
    step: Step | None = None
    orientations: tuple[Orientation, ...] = ()
    minutes: int | None = None
    is_group: bool = True
    provider: str | None = None


def _workshop(code: str, name: str, *fits: Orientation) -> Starter:
    return Starter(f"workshop_{code}", name, ActivityKind.WORKSHOP, None, Step.MAPPING, fits)


def _single(
    code: str,
    name: str,
    track: Track,
    step: Step | None,
    *fits: Orientation,
    provider: str | None = None,
) -> Starter:
    return Starter(
        code, name, track=track, step=step, orientations=fits, is_group=False, provider=provider
    )


_AF = "Arbetsförmedlingen"
STARTER: tuple[Starter, ...] = (
    Starter(
        "language_cafe", "Språkkafé", ActivityKind.LANGUAGE_CAFE, Track.EDUCATION,
        orientations=(_M, _G),
    ),
    Starter(
        "education_package", "Utbildningspaket",
        ActivityKind.EDUCATION_PACKAGE, Track.EDUCATION, Step.MATCHING, (_G,),
    ),
    Starter("job_search", "Jobbsök", ActivityKind.JOB_SEARCH, Track.WORK, orientations=(_M, _G)),
    Starter(
        "cv_seminar", "Seminarium om meritförteckning", ActivityKind.JOB_SEARCH, Track.WORK,
        Step.MATCHING,
    ),
    Starter(
        "interview_training", "Intervjuträning", ActivityKind.JOB_SEARCH, Track.WORK,
        Step.MATCHING, (_G,),
    ),
    Starter(
        "open_activity", "Öppen verksamhet", ActivityKind.JOB_SEARCH, Track.WORK,
        orientations=(_M, _G, _R),
    ),
    _workshop("dreams", "Workshop: Mina drömmar", _M, _G),
    _workshop("health", "Workshop: Hälsa", _M, _R),
    _workshop("woman_in_sweden", "Workshop: Kvinna i Sverige", _M),
    _workshop("society", "Workshop: Samhälle och socialförsäkringar", _M, _G),
    _workshop("fitness", "Workshop: Friskvård", _M, _R),
    _workshop("labour_market", "Workshop: Arbetsmarknad", _M, _G),
    _workshop("soft_skills", "Workshop: Mjuka färdigheter", _M, _G),
    _workshop("activity_information", "Workshop: Information om aktiviteter"),
    _workshop("activity_reporting", "Workshop: Aktivitetsrapportering"),
    Starter(
        "workplace_visit", "Studiebesök på arbetsplatser", ActivityKind.STUDY_VISIT, Track.WORK,
        orientations=(_M, _G),
    ),
    Starter(
        "school_visit", "Studiebesök på skolor", ActivityKind.STUDY_VISIT, Track.EDUCATION,
        orientations=(_M, _G),
    ),
    Starter(
        "lecture", "Föreläsning: arbetsrätt och parterna", ActivityKind.STUDY_VISIT, Track.WORK,
        orientations=(_G,),
    ),
    Starter(
        "recruitment_fair", "Rekryteringsmässa eller öppet hus", ActivityKind.STUDY_VISIT,
        Track.WORK, Step.MATCHING, (_G,),
    ),
    _single("health_talk", "Hälsosamtal", Track.HEALTH, None, _M, _R),
    _single("work_ability", "Utredning av arbetsförmåga", Track.HEALTH, Step.MAPPING, _R,
            provider=_AF),
    _single("rehabilitation", "Arbetslivsinriktad rehabilitering", Track.HEALTH, None, _R),
    _single("social_support", "Socialt stöd", Track.HEALTH, None, _M, _R),
    _single("motivation", "Motiverande samtal", Track.HEALTH, None, _M, _G, _R),
    _single("guidance", "Studie- och yrkesvägledning", Track.EDUCATION, None, _M, _G),
    _single("swedish", "Svenska för sig själv", Track.EDUCATION, None, _G),
    _single("training", "Arbetsmarknadsutbildning", Track.EDUCATION, Step.MATCHING, _G,
            provider=_AF),
    _single("validation", "Validering", Track.EDUCATION, Step.MATCHING, _G),
    _single("stod_och_matchning", "Stöd och matchning", Track.WORK, Step.MATCHING, _G,
            provider=_AF),
    _single("subsidised_job", "Subventionerad anställning", Track.WORK, Step.WORK, _G, _R,
            provider=_AF),
)  # fmt: skip
