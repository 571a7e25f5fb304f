"""The API against its own description: every answer is one that the document promises."""

from __future__ import annotations

import os
from datetime import date
from itertools import islice

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role
from matchsvc.web.api import spec_of
from tests.factories import COMMAND
from tests.soak import SOAK

CASES = 1_000 if SOAK else int(os.environ.get("FUZZ_CASES", "12"))


@pytest.fixture
def everybody(session, make):
    """A token of somebody with every role, and a little of everything to find."""
    user = make.user(role=list(Role))
    person = make.participant(user, ready_on=date(2026, 10, 1), informal_asked_on=date(2026, 9, 1))
    make.wish(person)
    make.competence(person, "laga-mat")
    make.offer(required=["laga-mat"])
    token = accounts.new_api_token(
        session, COMMAND, accounts.get_user(session, user.id), days=1, now=db.utcnow()
    )
    session.commit()
    return token


@pytest.fixture
def api_schema(app, everybody):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    schema.token = everybody
    return schema


def test_the_document_is_valid_openapi(app):
    document = spec_of(app)
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert len(document["paths"]) > 15


def test_every_operation_documents_its_errors_as_problems(app):
    for path, operations in spec_of(app)["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            default = operation["responses"].get("default") or operation["responses"].get("401")
            assert default, f"{method} {path}"


#: The operations are tried in parts, so that several processes share them.
PARTS = 8
#: Not checked: what the schema cannot say is refused by rules (409, 422), and a token of no use is
#: 401 on every route, which tests/accounts shows.
EXCLUDED = ("unsupported_method", "positive_data_acceptance", "ignored_auth")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_is_as_documented(api_schema, part):
    """Made-up requests to every operation: no 500, no undocumented status or shape."""
    excluded = [schemathesis.checks.CHECKS.get_one(name) for name in EXCLUDED]
    tried, wrong = 0, []
    for found in islice(api_schema.get_all_operations(), part, None, PARTS):
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=CASES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def try_it(case):
            case.call_and_validate(
                headers={"Authorization": f"Bearer {api_schema.token}"}, excluded_checks=excluded
            )

        try:
            try_it()
        except Exception as failure:  # noqa: BLE001 - every operation is tried, then all are told
            wrong.append(f"{operation.method} {operation.path}: {failure}"[:1500])
        tried += 1
    assert wrong == [], "\n\n".join(wrong)
    assert tried > 15 // PARTS
