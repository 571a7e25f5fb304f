"""What the town's unit has learned: trainings, self-assessment, risks, joint review, costs."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.learning import assessment, costs, reviews, risks, trainings
from matchsvc.learning.models import Came, CostKind, Grade
from matchsvc.learning.reviews import Section
from matchsvc.learning.risks import RiskInput
from matchsvc.learning.staff import WORKERS, colleagues
from matchsvc.participants.mapping_models import Orientation, SupportOrientation
from matchsvc.participants.models import Case

_ANSWERS = ("often", "always", "seldom", "often", "unknown")
#: What could go wrong, how it was judged, what is done, and what happened last year.
_RISKS = (
    ("En part har inte folk att göra sin del.", Grade.MEDIUM, "Vi möts varje kvartal.", Came.YES),
    ("Arbetsgivare slutar ta emot under högsäsong.", Grade.LARGE, "Fler säsonger.", Came.NO),
    ("Tolkar saknas i två av språken.", Grade.SMALL, "Boka en vecka tidigare.", Came.PARTLY),
    ("Lokalen räcker inte till grupperna.", Grade.LARGE, "Dela rum med biblioteket.", None),
)
_COSTS = {
    CostKind.STAFF: 6_240_000,
    CostKind.PREMISES: 410_000,
    CostKind.PROCURED: 180_000,
    CostKind.INTERPRETING: 265_000,
}


def build_learning(session: Session, *, today: date) -> None:
    """Everything of the unit's learning, written by its rules as of last year and this."""
    found = session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == Role.UNIT_MANAGER)
        .order_by(User.sort_key)
    ).first()
    if found is None:
        return
    manager = accounts.actor_of(session, found.id)
    staff = [accounts.actor_of(session, each.id) for each in colleagues(session, found.unit_id)]
    _train(session, manager, staff, today)
    _assess(session, manager, staff, today)
    _judge_risks(session, manager, staff, today)
    _review(session, manager, today)
    for kind, kronor in _COSTS.items():
        costs.save_cost(session, manager, today.year - 1, kind, kronor, today=today)
    _judge_support(session, manager)


def _train(session: Session, manager: Actor, staff: list[Actor], today: date) -> None:
    trainings.switch_on_starter(session, manager)
    lines = trainings.read_register(session, manager).lines
    for place, line in enumerate(lines):
        for number, each in enumerate(staff):
            if (number + place) % 4 == 0 or each.user_id is None:
                continue
            trainings.note_done(
                session,
                manager,
                line.training.id,
                level=line.level,
                completed_on=today - timedelta(days=30 + 17 * number + place),
                today=today,
                user_id=each.user_id,
            )


def _assess(session: Session, manager: Actor, staff: list[Actor], today: date) -> None:
    year = today.year - 1
    workers = [each for each in staff if each.has_role(*WORKERS)]
    for number, each in enumerate(workers):
        given = {
            question: _ANSWERS[(number + place) % len(_ANSWERS)]
            for place, question in enumerate(assessment.QUESTIONS)
        }
        assessment.answer(session, each, year, given, today=today)
    assessment.close_year(session, manager, year, today=today)


def _judge_risks(session: Session, manager: Actor, staff: list[Actor], today: date) -> None:
    last_year = date(today.year - 1, 2, 3)
    for number, (description, grade, measure, came) in enumerate(_RISKS):
        owner = staff[number % len(staff)].user_id
        if owner is None:
            continue
        review_on = today + timedelta(days=90 * number - 7)
        risk = risks.save_risk(
            session,
            manager,
            RiskInput(description, grade, measure, owner, review_on),
            today=last_year,
        )
        if came is not None:
            risks.note_outcome(
                session, manager, risk.id, year=today.year - 1, came=came, note=None, today=today
            )


def _review(session: Session, manager: Actor, today: date) -> None:
    year = today.year - 1
    row = reviews.save_review(
        session,
        manager,
        year,
        notes={
            Section.DEMAND: "Kök och städ söker folk på deltid, mest på förmiddagar.",
            Section.CONCLUSIONS: "Vi frågar fler arbetsgivare om start efter klockan nio.",
        },
        parties=["Arbetsförmedlingen, sektionschef", "Vuxenutbildningen, rektor"],
        version=None,
        today=today,
    )
    reviews.close_review(session, manager, year, version=row.version, today=today)


def _judge_support(session: Session, manager: Actor) -> None:
    """What support comes first for each, judged on the day that the case began."""
    orientations = list(Orientation)
    cases = session.scalars(select(Case).order_by(Case.enrolled_on, Case.id)).all()
    session.add_all(
        SupportOrientation(
            participant_id=each.participant_id,
            orientation=orientations[number % len(orientations)],
            set_on=each.enrolled_on,
            set_by_id=each.case_worker_id or manager.user_id,
        )
        for number, each in enumerate(cases)
    )
    session.flush()
