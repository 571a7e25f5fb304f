"""A process that dies in the middle of a hand-over: all of it or none of it has happened."""

from __future__ import annotations

import os
from multiprocessing import get_context
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import actor_of
from matchsvc.participants.models import Case
from matchsvc.placements import handover
from matchsvc.workday.models import Task
from tests.factories import TODAY, Make


def hand_over_and_die(address: str, old: UUID, new: UUID, *, after_commit: bool) -> None:
    """In a process of its own: everything is moved, and at the last moment it is gone."""
    db.bind(db.connect(address))
    with db.begin() as session:
        actor = actor_of(session, old)
        now = db.utcnow()
        pieces = [
            (piece.kind, piece.id)
            for piece in handover.work_of(session, actor, old, today=TODAY, now=now)
        ]
        handover.hand_over(
            session, actor, from_id=old, to_id=new, pieces=pieces, reason="Slutar.",
            today=TODAY, now=now,
        )  # fmt: skip
        session.flush()
        if not after_commit:
            os._exit(9)
    os._exit(9)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("after_commit", [False, True])
def test_a_killed_hand_over_has_moved_all_of_it_or_none_of_it(fresh_url, engine, after_commit):
    address = fresh_url
    mine = db.connect(address)
    try:
        with Session(mine) as session:
            make = Make(session)
            old, new = (make.user(Role.CASE_WORKER, name=name) for name in ("Johan", "Lena"))
            people = [make.participant(old) for _ in range(5)]
            session.add_all(
                Task(
                    unit_id=old.unit_id, kind="confirm_start", owner_id=old.id, words={},
                    due_on=TODAY, about_type="participant", about_id=person.id, origin="rule",
                )
                for person in people
            )  # fmt: skip
            session.commit()
            ids = old.id, new.id
        child = get_context("spawn").Process(
            target=hand_over_and_die, args=(address, *ids), kwargs={"after_commit": after_commit}
        )
        child.start()
        child.join(60)
        assert child.exitcode == 9
        expected = ids[1] if after_commit else ids[0]
        with Session(mine) as session:
            assert set(session.scalars(select(Case.case_worker_id))) == {expected}
            assert set(session.scalars(select(Task.owner_id))) == {expected}
    finally:
        mine.dispose()
        db.bind(engine)
