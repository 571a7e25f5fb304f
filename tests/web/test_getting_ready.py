"""What a web server does before the first page is asked for."""

from __future__ import annotations

import gc

import pytest

from matchsvc import serve


@pytest.fixture
def collecting():
    yield
    gc.unfreeze()


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("collecting")
def test_a_server_that_is_ready_has_its_templates_and_never_looks_through_itself_again(app):
    app.jinja_env.cache.clear()
    serve._get_ready(app)
    assert len(app.jinja_env.cache) > 250
    assert gc.get_freeze_count() > 100_000
    assert len(gc.get_objects()) < 10_000  # what a full collection goes through from now on
