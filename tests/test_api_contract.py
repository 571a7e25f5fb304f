"""The API against its own description: every answer is one that the document promises."""

from __future__ import annotations

import os
from datetime import date
from itertools import islice

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role
from matchsvc.web.api import spec_of
from tests.factories import COMMAND
from tests.soak import SOAK

#: Of each operation, half of them with something wrong in them.
CASES = int(os.environ.get("FUZZ_CASES", "1000" if SOAK else "50"))


@pytest.fixture
def asked_by(session, make):
    """Tokens: of somebody with every role or with one, and a little of everything to find."""
    user = make.user(role=list(Role))
    person = make.participant(user, ready_on=date(2026, 10, 1), informal_asked_on=date(2026, 9, 1))
    make.wish(person)
    make.competence(person, "laga-mat")
    make.offer(required=["laga-mat"])

    def token_of(asker):
        asking = user if asker == "everybody" else make.user(role=asker)
        token = accounts.new_api_token(
            session, COMMAND, accounts.get_user(session, asking.id), days=1, now=db.utcnow()
        )
        session.commit()
        return token

    return token_of


@pytest.fixture
def api_schema(app, asked_by):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    checks = schema.config.checks.missing_required_header
    checks.expected_statuses = [*checks.expected_statuses, "428"]  # without If-Match, RFC 6585
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
#: Who asks: somebody with every role; `make soak` also tries each role by itself.
ASKERS = ("everybody", *(Role if SOAK else ()))
#: Not checked. Rules refuse what no schema can say (409, 422), also of well-formed requests. Pages
#: and programs share their schemas, and a form sends an empty field for none, one value for a list
#: of one and 0 for no: more is read than the document promises (that it does no harm is checked).
#: And an address may be both a word and an id's place, so that OPTIONS names the methods of both.
EXCLUDED = ("positive_data_acceptance", "negative_data_rejection", "allow_header_conformance")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_is_as_documented(api_schema, asked_by, part, asker):
    """Well-formed and malformed requests to every operation: no 500, no undocumented status or
    shape, nothing told without a token."""
    token = asked_by(asker)
    excluded = [schemathesis.checks.CHECKS.get_one(name) for name in EXCLUDED]
    tried, wrong = 0, []

    def call(case):
        as_it_came = "Authorization" in (case.headers or {})  # made up, so that it is refused
        headers = {} if as_it_came else {"Authorization": f"Bearer {token}"}
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    for found in islice(api_schema.get_all_operations(), part, None, PARTS):
        operation = found.ok()
        for mode in GenerationMode:
            try:
                made_up(operation, mode, call)
            except Exception as failure:  # noqa: BLE001 - all are tried, then all are told
                wrong.append(f"{operation.method} {operation.path}: {failure}"[:1500])
        tried += 1
    assert wrong == [], "\n\n".join(wrong)
    assert tried > 15 // PARTS


def made_up(operation, mode, call):
    """Half of the cases well-formed, half with something wrong in them."""

    @given(case=operation.as_strategy(mode))
    @settings(
        max_examples=CASES // 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def try_it(case):
        call(case)

    try_it()


@pytest.mark.soak
@pytest.mark.sqlite_only
@pytest.mark.parametrize("part", range(PARTS))
def test_every_edge_of_the_document_answers_as_documented(api_schema, asked_by, part):
    """Each limit, type, missing part and method that the document leads to, once each."""
    token = asked_by("everybody")
    excluded = [schemathesis.checks.CHECKS.get_one(name) for name in EXCLUDED]
    wrong = []
    for found in islice(api_schema.get_all_operations(), part, None, PARTS):
        operation = found.ok()
        for case in api_schema.iter_coverage_cases(
            operation,
            generation_modes=list(GenerationMode),
            generation_config=operation.schema.config.generation,
        ):
            try:
                case.call_and_validate(
                    headers={"Authorization": f"Bearer {token}"}, excluded_checks=excluded
                )
            except Exception as failure:  # noqa: BLE001 - all are tried, then all are told
                wrong.append(f"{operation.method} {operation.path}: {failure}"[:1500])
    assert wrong == [], "\n\n".join(wrong)
