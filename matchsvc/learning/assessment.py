"""The yearly self-assessment of how the unit meets women and men (REP-05 items 3, 5, 6 and 8).

Answers carry no name: that somebody has answered stands in a table of its own. Nothing is shown
before the manager has closed the year, since a mean that moves as one more answers tells what she
answered; nor is anything of fewer answers than the unit's smallest count. No free words are asked
for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.learning.models import (
    SelfAssessmentAnswer,
    SelfAssessmentClosed,
    SelfAssessmentDone,
)
from matchsvc.learning.staff import KEEPERS, READERS, WORKERS, colleagues, require_year, unit_of
from matchsvc.reports.limits import limits_of

#: Question to its statement, in the order they are asked.
QUESTIONS: Final[Mapping[str, str]] = {
    "stay_and_adapt": N_("Jag tar inte för givet att alla vill stanna här och anpassa sig."),
    "both_countries": N_("Jag tar upp yrken och utbildningar som går att använda i båda länderna."),
    "family": N_("Jag frågar om familjen bara när det behövs, och lika av kvinnor och män."),
    "reasons": N_("Jag frågar vilka särskilda skäl som ligger bakom det personen väljer."),
    "competence_and_education": N_(
        "Jag frågar alla om tidigare arbete och utbildning, hur kort mötet än är."
    ),
    "own_norms": N_("Jag har under året fått syn på egna normer om kvinnor och män i arbetet."),
}
#: What each answer counts; "do not know" counts nowhere.
SCALE: Final[Mapping[str, int]] = {"never": 1, "seldom": 2, "often": 3, "always": 4}
UNKNOWN: Final = "unknown"
ANSWERS: Final[Mapping[str, str]] = {
    "never": N_("Stämmer inte"),
    "seldom": N_("Stämmer lite"),
    "often": N_("Stämmer ganska bra"),
    "always": N_("Stämmer helt"),
    UNKNOWN: N_("Vet ej"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One statement of one year.

    Attributes:
        question: of QUESTIONS.
        answers: how many have answered it; None where too few.
        mean: from 1 to 4; None where too few.
        before: the mean of the year before, or None.
    """

    question: str
    answers: int | None
    mean: float | None
    before: float | None


@dataclass(frozen=True, slots=True)
class Year:
    """A unit's self-assessment of a year.

    Attributes:
        year: which.
        answered: how many have answered; None where it is 1-4.
        closed_on: when it was closed; None while it takes answers and no result is shown.
        of: how many work in the unit now.
        results: one for each question.
        least: how many answers are needed before anything is shown.
        has_answered: whether the reader has.
    """

    year: int
    answered: int | None
    closed_on: date | None
    of: int
    results: Sequence[Result]
    least: int
    has_answered: bool


def answer(
    session: Session, actor: Actor, year: int, answers: Mapping[str, str], *, today: date
) -> None:
    """Hand in one's answers for a year, once.

    Raises:
        Refused: the actor does not work in a unit.
        NotFound: the year is before 2000 or after 2199.
        Invalid: a question without an answer, or an answer that does not exist.
        RuleViolation: handed in already, closed, or not this year's or last year's.
    """
    actor.require_role(*WORKERS)
    require_year(year)
    if not today.year - 1 <= year <= today.year:
        raise RuleViolation("year", N_("Självskattningen gäller i år eller i fjol."))
    missing = {
        question: N_("Välj ett svar.")
        for question in QUESTIONS
        if answers.get(question) not in ANSWERS
    }
    if missing:
        raise Invalid(missing)
    unit_id = unit_of(actor)
    if closed_on(session, unit_id, year) is not None:
        raise RuleViolation("closed", N_("Årets självskattning är stängd."))
    if _has_answered(session, actor, year):
        raise RuleViolation(
            "answered", N_("Du har redan svarat i år. Svaren går inte att hitta igen och ändra.")
        )
    session.add(SelfAssessmentDone(unit_id=unit_id, year=year, user_id=actor.user_id))
    known = {name: answers[name] for name in QUESTIONS if answers[name] != UNKNOWN}
    session.add(SelfAssessmentAnswer(unit_id=unit_id, year=year, answers=known))
    session.flush()
    audit.record(session, actor, "answer", "self_assessment")


def close_year(session: Session, actor: Actor, year: int, *, today: date) -> None:
    """Take no more answers for a year, and show what was answered.

    Raises:
        Refused: not a manager.
        NotFound: the year is before 2000 or after 2199.
        RuleViolation: closed already, or so few have answered that nothing could be shown.
    """
    actor.require_role(*KEEPERS)
    require_year(year)
    unit_id = unit_of(actor)
    if closed_on(session, unit_id, year) is not None:
        raise RuleViolation("closed", N_("Årets självskattning är stängd."))
    if len(_answers(session, unit_id, year)) < limits_of(session, unit_id).count:
        raise RuleViolation(
            "too_few",
            N_("För få har svarat för att något ska kunna visas. Påminn, och stäng sedan."),
        )
    session.add(SelfAssessmentClosed(unit_id=unit_id, year=year, closed_on=today))
    session.flush()
    audit.record(session, actor, "close", "self_assessment")


def closed_on(session: Session, unit_id: UUID, year: int) -> date | None:
    """When a year was closed; None while it takes answers."""
    return session.scalar(
        select(SelfAssessmentClosed.closed_on).where(
            SelfAssessmentClosed.unit_id == unit_id, SelfAssessmentClosed.year == year
        )
    )


def _has_answered(session: Session, actor: Actor, year: int) -> bool:
    found = select(SelfAssessmentDone.id).where(
        SelfAssessmentDone.unit_id == actor.unit_id,
        SelfAssessmentDone.year == year,
        SelfAssessmentDone.user_id == actor.user_id,
    )
    return session.scalar(found) is not None


def read_year(session: Session, actor: Actor, year: int) -> Year:
    """What was answered for a year, together with the year before.

    Raises:
        Refused: the actor neither works in a unit nor counts.
        NotFound: the year is before 2000 or after 2199.
    """
    actor.require_role(*READERS)
    require_year(year)
    unit_id = unit_of(actor)
    limits = limits_of(session, unit_id)
    ended = closed_on(session, unit_id, year)
    now = _answers(session, unit_id, year)
    before = _answers(session, unit_id, year - 1) if closed_on(session, unit_id, year - 1) else []
    audit.record(session, actor, "read", "self_assessment")
    return Year(
        year,
        None if limits.is_small(len(now)) else len(now),
        ended,
        len(colleagues(session, unit_id)),
        results_of(now if ended else [], before, limits.count),
        limits.count,
        _has_answered(session, actor, year),
    )


def _answers(session: Session, unit_id: UUID, year: int) -> list[Mapping[str, str]]:
    return list(
        session.scalars(
            select(SelfAssessmentAnswer.answers).where(
                SelfAssessmentAnswer.unit_id == unit_id, SelfAssessmentAnswer.year == year
            )
        )
    )


def results_of(
    now: Sequence[Mapping[str, str]], before: Sequence[Mapping[str, str]], least: int
) -> list[Result]:
    """The mean of each statement with at least so many answers. Pure."""
    found = []
    for question in QUESTIONS:
        answers, mean = _mean(now, question, least)
        found.append(Result(question, answers, mean, _mean(before, question, least)[1]))
    return found


def _mean(
    answers: Sequence[Mapping[str, str]], question: str, least: int
) -> tuple[int | None, float | None]:
    values = [SCALE[each[question]] for each in answers if question in each]
    if len(values) < least:
        return None, None
    return len(values), round(sum(values) / len(values), 2)


def year_data(found: Year) -> dict[str, object]:
    """A year for a program; null where so few are hidden."""
    return {
        "year": found.year,
        "answered": found.answered,
        "closed_on": found.closed_on,
        "of": found.of,
        "smallest_count": found.least,
        "results": [
            {
                "question": each.question,
                "answers": each.answers,
                "mean": each.mean,
                "mean_before": each.before,
            }
            for each in found.results
        ],
    }
