"""The town of a compressed day: staff who are logged in, and visitors whose links work."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from uuid import UUID

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from matchsvc import db, migrate, secrecy
from matchsvc.accounts import bulk_reading
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.models import Role, UnitSetting, User
from matchsvc.bench import day_people
from matchsvc.bench.day_checks import Ledger, Planted, plant
from matchsvc.bench.day_people import Person
from matchsvc.config import Config
from matchsvc.demo.town import make_town
from matchsvc.messages.links import create_link
from matchsvc.messages.models import LinkKind, MessageState, OutboxMessage
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Capacity, Case, Involvement, Participant
from matchsvc.placements.models import Placement, Survey
from matchsvc.placements.survey_sending import PURPOSE
from matchsvc.swedish import local_date

VALID = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Made:
    """Who will be at work, who holds a link, what they write, and who is to stay hidden."""

    staff: list[Person]
    visitors: list[Person]
    ledger: Ledger
    planted: Planted


def make_day(
    environ: Mapping[str, str],
    staff: int,
    visitors: int,
    participants: int,
    luck: random.Random,
    now: datetime,
) -> Made:
    """Fill the database, and protect somebody in it.

    Members of staff log in as often as there are to be browsers at work: a large town has fewer.
    """
    config = Config.from_environ(environ)
    secrecy.use(config.keys)
    engine = db.connect(config.database_url)
    migrate.upgrade(engine)
    today = local_date(now)
    with db.begin() as session:
        make_town(
            session, command_actor("bench"), participants=participants,
            base_url=config.base_url, today=today, now=now,
        )  # fmt: skip
    with db.begin() as session:
        planted = plant(session, today)
        _allow_much_reading(session, now)
    ledger = Ledger()
    with db.begin() as session:
        logged_in = _log_in(session, config, staff, luck, today, now, ledger, planted)
        holders = _give_links(session, visitors, luck, now)
    engine.dispose()
    return Made(logged_in, holders, ledger, planted)


def _allow_much_reading(session: Session, now: datetime) -> None:
    """A small town has fewer users than browsers: each reads for several."""
    for unit_id, user_id in session.execute(
        select(User.unit_id, func.min(cast(User.id, String))).group_by(User.unit_id)
    ):
        session.add(
            UnitSetting(
                unit_id=unit_id, key=bulk_reading.SETTING, number=1, value="1000",
                reason="Dagen i förkortning", made_by_id=UUID(user_id), made_at=now,
            )
        )  # fmt: skip


def waiting_messages(now: datetime) -> tuple[int, int]:
    """Letters that are to have left at an instant: how many wait, and are being handed over."""
    found = select(OutboxMessage.state).where(
        OutboxMessage.is_superseded.is_(False),
        func.coalesce(OutboxMessage.not_before, now) <= now,
    )
    with db.read() as session:
        states = list(session.scalars(found))
    return states.count(MessageState.QUEUED), states.count(MessageState.SENDING)


def _log_in(
    session: Session,
    config: Config,
    staff: int,
    luck: random.Random,
    today: date,
    now: datetime,
    ledger: Ledger,
    planted: Planted,
) -> list[Person]:
    from matchsvc.app import create_app

    app = create_app(config, engine=db.engine())
    seal = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    users = session.scalars(select(User.id).where(User.is_active).order_by(User.sort_key, User.id))
    working = [(key, set(accounts.actor_of(session, key).roles)) for key in users]
    working = [(key, roles) for key, roles in working if roles - {Role.PRACTICAL_SUPERVISOR}]
    people = []
    for user_id, roles in islice(cycle(working), staff):
        token = accounts.start_login(session, accounts.get_user(session, user_id), now=now)
        hers = _people_of(session, user_id) if Role.CASE_WORKER in roles else []
        cookies = {app.config["SESSION_COOKIE_NAME"]: seal.dumps({"login": token})}
        begin = partial(day_people.staff, luck, roles, hers, today, ledger)
        people.append(Person(cookies, begin, may_know=user_id in planted.handlers))
    return people


def _people_of(session: Session, user_id: object) -> list[str]:
    actor = accounts.actor_of(session, user_id)  # type: ignore[arg-type]
    found = (
        visible_participants(session, actor)
        .join(Involvement, Involvement.participant_id == Participant.id)
        .join(Case, Case.participant_id == Participant.id)
        .where(
            Involvement.user_id == user_id,
            Involvement.capacity == Capacity.CASE_WORKER,
            Case.ended_on.is_(None),
        )
    )
    return sorted(each.alias for each in session.scalars(found).unique())


def _give_links(
    session: Session, visitors: int, luck: random.Random, now: datetime
) -> list[Person]:
    """A link to the survey of each placement that has not answered, until there are enough."""
    asked = {each.placement_id: each for each in session.scalars(select(Survey)).unique()}
    people: list[Person] = []
    of_the_open = (
        select(Placement)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(Participant.protected.is_(False))  # whose links lead nowhere
        .order_by(Placement.id)
    )
    for placement in session.scalars(of_the_open).unique():
        survey = asked.get(placement.id)
        if len(people) == visitors or (survey and (survey.completed_at or survey.declined_on)):
            continue
        if survey is None:
            survey = Survey(placement_id=placement.id, unit_id=placement.unit_id)
            survey.contact_id, survey.sent_on = placement.contact_id, local_date(now)
            session.add(survey)
            session.flush()
        token, link = create_link(
            session, kind=LinkKind.ANSWER, purpose=PURPOSE, subject_id=survey.id,
            unit_id=survey.unit_id, expires_at=now + VALID,
        )  # fmt: skip
        survey.link_id = link.id
        people.append(Person({}, partial(day_people.survey, luck, token)))
    return people
