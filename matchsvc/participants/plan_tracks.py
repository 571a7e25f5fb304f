"""The tracks with their sub-goals, and the kinds of activities, as data (PRO-11, PRO-19)."""

from __future__ import annotations

from collections.abc import Mapping

from matchsvc.participants.plan_models import Track

#: The fixed sub-goals of each track, in order.
CHECKLISTS: Mapping[Track, tuple[str, ...]] = {
    Track.HEALTH: (
        "perceived_health",
        "social_situation",
        "actual_disabilities",
        "conditions_for_change",
    ),
    Track.EDUCATION: (
        "study_wishes",
        "eligibility",
        "realistic_goal",
        "endurance",
    ),
    Track.WORK: (
        "work_wishes",
        "existing_competence",
        "market_demands",
        "where_jobs_are",
        "will_and_ability",
    ),
}
#: Kinds of activities by the track that they belong to; None belongs to any.
ACTIVITIES: Mapping[str, Track | None] = {
    "health_talk": Track.HEALTH,
    "specialist": Track.HEALTH,
    "work_ability": Track.HEALTH,
    "rehabilitation": Track.HEALTH,
    "family_support": Track.HEALTH,
    "motivation": Track.HEALTH,
    "swedish": Track.EDUCATION,
    "language_cafe": Track.EDUCATION,
    "guidance": Track.EDUCATION,
    "training": Track.EDUCATION,
    "validation": Track.EDUCATION,
    "workplace_visit": Track.WORK,
    "work_experience": Track.WORK,
    "cv_interview": Track.WORK,
    "job_search": Track.WORK,
    "subsidised_job": Track.WORK,
    "other": None,
}
#: What counts as studying Swedish: only exceptionally the sole measure (PRO-18, 16).
SWEDISH = frozenset({"swedish", "language_cafe"})
