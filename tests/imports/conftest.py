"""Fixtures of imports."""

import pytest

from matchsvc import db, migrate


@pytest.fixture
def own_database(tmp_path, engine):
    """A database of its own, where transactions really commit."""
    mine = db.connect(f"sqlite:///{tmp_path}/own.sqlite3")
    migrate.upgrade(mine)
    yield mine
    mine.dispose()
    db.bind(engine)
