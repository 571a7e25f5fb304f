"""The indicators and the work with employers, for programs and files."""

from __future__ import annotations

from typing import Any

from matchsvc.reports.counts import Period
from matchsvc.reports.engagement import Engagement
from matchsvc.reports.hiding import Times
from matchsvc.reports.indicators import ByGroup, Indicators
from matchsvc.reports.packages import package_data
from matchsvc.reports.shapes import SUPPRESSED, share_data


def engagement_data(told: Engagement) -> dict[str, Any]:
    """The work with employers for a program. A hidden value is ``{"suppressed": true}``."""
    contacts = told.contacts
    return {
        **_period(told.period),
        "contacts": {
            "visits": contacts.visits,
            "others": contacts.others,
            "visits_a_week": _decimal(contacts.visits_a_week),
            "others_a_week": _decimal(contacts.others_a_week),
        },
        "active": told.active,
        "new": told.new,
        "offers_created": told.offers_created,
        "offers_filled": told.offers_filled,
        "offers_expired": told.offers_expired,
        "proposals": {name: _value(n) for name, n in told.steps.items()},
        "start_days": _times(told.start_days),
        "packages": package_data(told.packages),
        "follow_ups": share_data(told.follow_ups),
        "became_job": share_data(told.became_job),
        "hosted_again": share_data(told.hosted_again),
        "surveys": share_data(told.surveys),
        "lost": {"not_said" if code is None else code.value: n for code, n in told.lost},
    }


def indicators_data(told: Indicators) -> dict[str, Any]:
    """The indicators for a program; what is told by group is null for a quarter."""
    work, leaves = told.work, told.leaves
    return {
        **_period(told.period),
        "work": {
            "mapping_talks": _value(work.talks),
            "mapping_talk_people": _value(work.talk_people),
            "training_days": _times(work.training_days),
            "full_time_days": _times(work.full_time_days),
            "adaptations": {
                works or "not_said": _value(n) for works, n in work.adaptations.items()
            },
            "follow_ups": share_data(work.follow_ups),
            "signed_plans": share_data(work.signed_plans),
            "to_other_workplaces": _value(work.to_other_workplaces),
            "employments": {kind: _value(n) for kind, n in work.employments.items()},
        },
        "leaves": {
            "begun": _value(leaves.begun),
            "back": share_data(leaves.back),
            "later": {str(months): share_data(share) for months, share in leaves.later.items()},
        },
        "questions": {
            f"{code}-{question.id}": SUPPRESSED
            if part.is_hidden
            else {"n": part.n, "of": part.of, "percent": part.percent}
            for code, question, part in told.questions
        },
        "by_group": None if told.by_group is None else _by_group(told.by_group),
    }


def _by_group(told: ByGroup) -> dict[str, Any]:
    return {
        "national": {name: share_data(share) for name, share in told.national.items()},
        "started": share_data(told.started),
        "left": share_data(told.left),
        "work_near": {name: share_data(share) for name, share in told.work_near.items()},
    }


def _period(period: Period) -> dict[str, Any]:
    return {"from": period.start_date.isoformat(), "to": period.end_date.isoformat()}


def _value(n: int | None) -> Any:
    return SUPPRESSED if n is None else n


def _decimal(value: Any) -> float | None:
    return None if value is None else float(value)


def _times(times: Times) -> dict[str, Any]:
    lower, median, upper = times.quartiles or (None, None, None)
    return {
        "n": _value(times.n),
        "lower_quartile": lower,
        "median": median,
        "upper_quartile": upper,
    }
