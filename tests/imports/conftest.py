"""Fixtures of imports."""

import pytest

from matchsvc import db


@pytest.fixture
def own_database(fresh_url, engine):
    """A database of its own, where transactions really commit."""
    mine = db.connect(fresh_url)
    yield mine
    mine.dispose()
    db.bind(engine)
