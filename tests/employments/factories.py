"""Builders for jobs: a resource employment that nothing stands in the way of, in one call."""

from __future__ import annotations

from datetime import date

from matchsvc.employments.models import UnionStep
from matchsvc.employments.registering import register
from matchsvc.employments.terms import Terms
from matchsvc.placements.employments import Job
from matchsvc.placements.models import EmploymentKind
from tests.factories import TODAY
from tests.placements.factories import world

END = date(2027, 11, 22)  # a year, to the day


def job(there, **values):
    """A job without support, unless told otherwise."""
    return Job(
        **{
            "participant_id": there.participant.id,
            "site_id": there.site.id,
            "kind": EmploymentKind.EMPLOYMENT,
            "start_date": TODAY,
        }
        | values
    )


def resource_job(there, **values):
    return job(
        there,
        **{
            "kind": EmploymentKind.RESOURCE,
            "planned_end_date": END,
            "hours": 30,
            "subsidy_ref": "AF 2026/77",
        }
        | values,
    )


def terms(**values):
    """Terms that a resource employment of a year can rest on."""
    return Terms(
        **{
            "subsidy_code": "wage_subsidy_development",
            "subsidy_from": TODAY,
            "subsidy_to": END,
            "host": "Köket på Ängsgården",
            "motivation": "Bakar bröd till avdelningarna, som annars köps färdigt.",
            "displaces_nobody": True,
            "displaces_nobody_by": "Kökschefen",
            "union_step": UnionStep.AF_ASKS,
            "union_asked_on": TODAY,
        }
        | values
    )


def employed(session, make, *, there=None, said=None, today=TODAY, **values):
    """A world with a resource employment as ``there.job``."""
    there = there or world(make)
    there.job = register(
        session, there.actor, resource_job(there, **values), said or terms(), today=today
    )
    return there


def hired(session, make, *, there=None, today=TODAY, **values):
    """A world with an ordinary job as ``there.job``."""
    there = there or world(make)
    there.job = register(session, there.actor, job(there, **values), Terms(), today=today)
    return there
