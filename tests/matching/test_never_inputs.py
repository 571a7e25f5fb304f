"""Whatever is not published as read by matching may change for everybody and moves no byte."""

from __future__ import annotations

import enum
import json
import re
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, inspect, select, update
from sqlalchemy.orm import selectinload

from matchsvc.accounts.models import Role
from matchsvc.demo.town import make_town
from matchsvc.employers.models import Offer
from matchsvc.matching.arrays import READ_OF_PEOPLE
from matchsvc.matching.gate_words import Words
from matchsvc.matching.rules import explain_pair, match_offer, match_participant
from matchsvc.outcomes.models import OutcomeEvent
from matchsvc.participants import models
from matchsvc.participants.models import Participant
from tests.factories import COMMAND, TODAY

#: What stays: keys between rows, what decides whether somebody is in a list at all, and what
#: docs/how-matching-works.md publishes as read. Everything else is changed, new columns too.
KEPT = {
    models.Participant: {column.key for column in READ_OF_PEOPLE}
    | {"unit_id", "protected", "archived_at", "restricted_since"},
    # That a case stands still is one; why it does is not read (an import contract).
    models.Case: {"id", "participant_id", "unit_id", "ended_on", "is_paused"},
    models.CaseStep: {"id", "case_id"},
    # Where it was learned is told in words and never counted: tests/matching/test_explaining.py
    models.Competence: {
        *("id", "participant_id", "concept_id", "rung", "archived_at", "learned_where"),
    },
    models.Evidence: {"id", "competence_id"},
    models.CompetenceTalk: {"id", "participant_id"},
    models.LanguageSkill: {
        *("id", "participant_id", "concept_id", "speak", "understand", "read", "write"),
    },
    models.Need: {"id", "participant_id", "condition_id"},
    models.Wish: {"id", "participant_id", "created_at"},
    models.Involvement: {"id", "participant_id", "user_id", "capacity", "until"},
}
#: Tables of keys alone: there is nothing in them to change.
ONLY_KEYS = {models.ParticipantArea, models.WishedConcept, models.Programme}


def changed(value, column, number):
    """Another value of the column's kind; a number keeps unique columns unique."""
    kind = type(value) if value is not None else column.type.python_type
    if issubclass(kind, enum.Enum):
        others = [member for member in kind if member is not value]
        return others[number % len(others)]
    if issubclass(kind, dict | list):
        return {"Annat": number} if isinstance(value, dict) else [f"Annat {number}"]
    if kind is bool:
        return not value
    if kind is int:
        return 90_000 + number if column.unique else (value or 0) + 1
    if issubclass(kind, datetime):
        return (value or datetime.now().astimezone()) - timedelta(days=40)
    if issubclass(kind, date):
        return (value or TODAY) - timedelta(days=400)
    if kind is UUID:
        return uuid4()
    return f"Annat {number}"


def change_everything_else(session):
    """Every column that is not in KEPT, of every row; gives back what was changed."""
    done = set()
    for table, kept in KEPT.items():
        columns = [
            attribute
            for attribute in inspect(table).column_attrs
            if attribute.key not in kept
            and attribute.key not in {"version", "id"}
            and not attribute.columns[0].foreign_keys
        ]
        for number, row in enumerate(session.scalars(select(table))):
            for attribute in columns:
                value = getattr(row, attribute.key)
                if value is None and attribute.key in {"end_date", "planned_end_date"}:
                    continue
                setattr(row, attribute.key, changed(value, attribute.columns[0], number))
                done.add(f"{table.__name__}.{attribute.key}")
    session.flush()
    session.expire_all()
    return done


def everything(session, actor, offers, people):
    """As bytes: every pair of every offer, every person's first offers, some pairs on demand."""
    told = [
        match_offer(session, actor, offer, today=TODAY, words=Words(), top=200).as_json({})
        for offer in offers
    ]
    told += [
        match_participant(session, actor, person, today=TODAY, words=Words(), top=3).as_json({})
        for person in people
    ]
    told += [
        explain_pair(session, actor, person.id, offers[0].id, today=TODAY, words=Words()).as_json()
        for person in people
    ]
    return [json.dumps(each, ensure_ascii=False, sort_keys=True).encode() for each in told]


@pytest.fixture
def town(session, make):
    make_town(
        session,
        COMMAND,
        participants=20,
        base_url="http://localhost",
        today=TODAY,
        now=datetime(TODAY.year, TODAY.month, TODAY.day, 8).astimezone(),
    )
    session.flush()


@pytest.mark.sqlite_only  # arithmetic, whatever database it is read from
def test_changing_every_other_field_of_everybody_moves_no_byte(session, make, town):
    actor = make.actor(role=Role.CASE_WORKER)
    wanted = (selectinload(Offer.requirements),)
    offers = list(session.scalars(select(Offer).options(*wanted).order_by(Offer.id).limit(15)))
    people = list(
        session.scalars(
            select(Participant)
            .where(Participant.protected.is_(False), Participant.unit_id == actor.unit_id)
            .order_by(Participant.id)
        )
    )
    assert len(people) > 15
    before = everything(session, actor, offers, people)
    assert sum(map(len, before)) > 500_000  # there is something to move

    done = change_everything_else(session)
    assert {
        "Participant.sex",
        "Participant.birth_region",
        "Participant.birth_year",
        "Participant.birth_country",
        "Participant.given_name",
        "Participant.family_name",
        "Participant.personal_id",
        "Participant.phone",
        "Participant.email",
        "Participant.contact_language",
        "Participant.interpreter",
        "Case.exit_reason",
        "Case.enrolled_on",
        "CaseStep.start_date",
        "Wish.own_words",
        "Wish.with_interpreter",
        "Competence.own_words",
        "Competence.learned_detail",
        "Need.note",
        "Evidence.workplace",
    } <= done
    programme = make.save(
        models.Programme(
            unit_id=actor.unit_id, code="x", name="Ett program", needs_birth_country=True
        )
    )
    session.execute(update(models.Case).values(programme_id=programme.id))
    session.execute(delete(OutcomeEvent))
    session.expire_all()

    after = everything(session, actor, offers, people)
    assert after == before


def test_no_table_of_participants_is_forgotten():
    tables = {
        table
        for table in vars(models).values()
        if inspect(table, raiseerr=False) is not None
        and isinstance(table, type)
        and hasattr(table, "__tablename__")
        and table.__module__ == models.__name__
    }
    assert tables == KEPT.keys() | ONLY_KEYS


def test_matching_reads_no_table_of_programmes(session, make, town, queries):
    """Whom a programme is for is asked at enrolment; not a row of it is read here (PRO-06)."""
    actor = make.actor(role=Role.CASE_WORKER)
    offers = list(session.scalars(select(Offer).order_by(Offer.id).limit(3)))
    person = session.scalar(select(Participant).where(Participant.protected.is_(False)).limit(1))
    tables = {models.Programme.__tablename__, "programme_version", "admission_check"}
    with queries(least=5) as asked:
        everything(session, actor, offers, [person])
    read = {word for each in asked.statements for word in re.findall(r"\w+", each)}
    assert "participant" in read
    assert read & tables == set()


def test_what_is_published_does_move_the_answer(session, make, town):
    """The test above can fail: one more competence, known nowhere else, is seen at once."""
    actor = make.actor(role=Role.CASE_WORKER)
    offer = make.offer(required=["sy"])
    person = make.participant(ready_on=TODAY, number=90_000)  # no number of the town's
    before = everything(session, actor, [session.get(Offer, offer.id)], [person])
    make.competence(person, "sy")
    session.expire_all()
    assert everything(session, actor, [offer], [person]) != before
