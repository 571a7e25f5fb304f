"""A reader has one snapshot, also while others write; on PostgreSQL it may not write at all."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from matchsvc import db
from matchsvc.accounts.models import Setting


@pytest.fixture
def own(engine):
    """Real transactions, cleaned up afterwards."""
    db.bind(engine)
    yield
    with db.begin() as session:
        session.execute(text("delete from setting where key like 'snapshot-%'"))


def count(session):
    return session.scalar(select(func.count()).select_from(Setting))


def test_what_others_commit_meanwhile_is_not_seen_half_way(own):
    with db.read() as reader:
        before = count(reader)
        with db.begin() as writer:
            writer.add(Setting(key="snapshot-1", value={}))
        assert count(reader) == before
    with db.read() as reader:
        assert count(reader) == before + 1


@pytest.mark.postgres_only
def test_the_database_itself_refuses_a_reader_that_writes(own):
    with pytest.raises(DBAPIError), db.read() as reader:
        reader.execute(text("delete from setting"))
