"""Builders for surveys: ended placements, answered as told."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from matchsvc.messages.models import OutboxMessage
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import Outcome, Placement, Survey, SurveyAnswer
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, started


def ended(session, make, *, outcome=Outcome.COMPLETED, there=None):
    """A placement that ended today; ``there.path`` is what the letter's link leads to."""
    there = started(session, make, there=there)
    there.ended = end_placement(
        session, there.actor, there.placement.id, end_date=TODAY, outcome=outcome,
        base_url=URL, today=TODAY, now=NOW,
    )  # fmt: skip
    there.survey = there.ended.survey
    there.path = path_of(newest_letter(session)) if there.survey else None
    return there


def letters(session):
    """Every letter, in the order in which they were written."""
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)))


def newest_letter(session):
    """The last letter that was written."""
    return letters(session)[-1]


def path_of(letter):
    """The path of the link in a letter."""
    return re.search(rf"{re.escape(URL)}(/l/\S+)", letter.body)[1]


def token_of(letter):
    """The token of the link in a letter."""
    return path_of(letter).removeprefix("/l/")


def answered(session, there, values, *, days_ago=20, outcome=Outcome.COMPLETED, answers=True):
    """An ended placement of the same employer with its survey, written straight to the tables."""
    first = there.placement
    day = TODAY - timedelta(days=days_ago)
    placement = Placement(
        unit_id=first.unit_id,
        external_id=uuid4().hex[:12],
        participant_id=first.participant_id,
        case_id=first.case_id,
        site_id=first.site_id,
        form=first.form,
        begun_on=day - timedelta(days=60),
        start_date=day - timedelta(days=60),
        end_date=day,
        outcome=outcome,
        decision_authority=first.decision_authority,
        liaison_id=first.liaison_id,
    )
    session.add(placement)
    session.flush()
    survey = Survey(
        placement_id=placement.id,
        unit_id=first.unit_id,
        contact_id=there.contact.id,
        questionnaire="employer-1",
        sent_on=day,
        started_at=NOW - timedelta(days=days_ago, minutes=3) if answers else None,
        completed_at=NOW - timedelta(days=days_ago) if answers else None,
    )
    session.add(survey)
    session.flush()
    for question, chosen in values.items():
        is_text = question == "E12"
        session.add(
            SurveyAnswer(
                survey_id=survey.id,
                question=question,
                values=[] if is_text else [chosen] if isinstance(chosen, str) else chosen,
                text=chosen if is_text else None,
            )
        )
    session.flush()
    return survey
