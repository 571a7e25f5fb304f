"""Sending whatever can be sent about somebody, and seeing what of her it changed.

Forms are filled in with what each field demands, so that the rule behind is reached and not only
the check before it. What is done before a restriction shows that what finds nothing afterwards
could have found something.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import has_request_context
from marshmallow import fields
from sqlalchemy import event

from matchsvc import db
from matchsvc.participants.models import Participant
from matchsvc.rights.whole_copy import REACHED, _collect
from matchsvc.swedish import local_date
from matchsvc.web.forms import Clock, InputSchema

ABOUT_HER = {"participant", *REACHED}
#: What the law lets happen meanwhile: her requests, what others ask to read, and the lifting.
LAWFUL = {
    "submit_request": {"rights_request", "task", "participant"},  # an objection is a mark of hers
    "create_request": {"rights_request", "task", "participant"},
    "submit_prolong": {"rights_request", "task"},
    "prolong_request": {"rights_request", "task"},
    "submit_answer": {"rights_request", "task", "participant"},
    "answer_request": {"rights_request", "task", "participant"},
    "submit_told": {"restriction"},
    "tell_before_lifting": {"restriction"},
    "submit_lift": {"restriction", "participant"},
    "lift": {"restriction", "participant"},
    "submit_handed_over": {"disclosure", "rights_request", "task"},
    "records.submit_new": {"record_request", "record_line", "task"},
    "create_record": {"record_request", "record_line", "task"},
    "records.submit_decision": {"record_request", "record_line", "task"},
    "decide": {"record_request", "record_line", "task"},
    "records.submit_marks": {"record_request", "record_mask"},
    "create_masks": {"record_request", "record_mask"},
    "records.submit_unmark": {"record_request", "record_mask"},
    "remove_mask": {"record_request", "record_mask"},
    "records.submit_handed": {"record_request", "disclosure"},
    "note_handed": {"record_request", "disclosure"},
}
#: What a field of a kind is filled in with.
VALUES = {
    fields.Boolean: True,
    fields.Number: 1,
    fields.AwareDateTime: lambda: f"{db.utcnow() + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}",
    fields.Date: lambda: local_date(db.utcnow()).isoformat(),
    Clock: "10.00",
    fields.Dict: dict,
}
#: What is filled in also where no field demands it, because a rule does.
ALSO = {"reason", "recipient", "purpose", "text", "words", "happened"}
#: Of a participant, what may change meanwhile.
MARKS = {"objected_on", "restricted_since", "version"}


@contextmanager
def filled_in(her, row_of):
    """Every form that is read has what its fields demand, with her where somebody is named.

    Args:
        her: the participant.
        row_of: ``row_of(field)``: the id of a row that a field of that name may name.
    """
    load = InputSchema.load

    def of_field(name, field):
        if isinstance(field, fields.Nested):
            return of_schema(field.schema)
        if isinstance(field, fields.List):
            return [of_field(name, field.inner)]
        if isinstance(field, fields.Enum):
            return next(iter(field.enum)).value
        if isinstance(field, fields.UUID):
            return str(her.id if "participant" in name or "person" in name else row_of(name))
        for kind, value in VALUES.items():
            if isinstance(field, kind):
                return value() if callable(value) else value
        named = {"participant", "person", "key"} & set(name.split("_"))
        return her.alias if named else "Ord som sades"

    def of_schema(schema):
        return {
            name: of_field(name, field)
            for name, field in schema.fields.items()
            if (field.required or "participant" in name or name in ALSO) and not field.dump_only
        }

    def filled(schema, data, **options):
        if isinstance(schema, InputSchema) and isinstance(data, dict | type(None)):
            data = of_schema(schema) | (data or {})
        return load(schema, data, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InputSchema, "load", filled)
        yield


@contextmanager
def tables_touched(session):
    """The tables that a request wrote to."""
    found = set()

    def note(_connection, _cursor, statement, *_):
        told = re.match(r"(?:INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)", statement)
        if told and has_request_context():
            found.add(told[1])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield found
    event.remove(session.get_bind(), "before_cursor_execute", note)


@contextmanager
def undone(session):
    """What is done inside is as if it had not been."""
    session.commit()  # so that the session's own savepoint is inside this one
    savepoint = session.get_bind().begin_nested()
    try:
        yield
    finally:
        session.rollback()
        savepoint.rollback()
        session.expire_all()


def kept(session, person):
    return {
        (table, str(row.get("id", row))): dict(row)
        for table, rows in _collect(session, person).items()
        for row in rows
    }


def changed_by(session, her_id, before, touched):
    """Tables with rows about her that are not as they were, and of herself which columns."""
    if not touched & ABOUT_HER:
        return set(), set()
    session.expire_all()
    after = kept(session, session.get(Participant, her_id))
    keys = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    herself = {
        column
        for key in keys
        if key[0] == "participant"
        for column, value in after.get(key, {}).items()
        if before.get(key, {}).get(column) != value
    }
    return {table for table, _id in keys}, herself


def go_through(client, session, her, addresses, touched):
    """Ask every route that changes something; what each changed about her, and the answers.

    Args:
        client: her own worker's, with every role.
        session: whose connection holds it all.
        her: the participant.
        addresses: ``(rule, method, address)`` of each route, with rows of hers.
        touched: from :func:`tables_touched`.

    Returns: endpoint, tables and columns of herself by route; how many got which answer.
    """
    found, answers = {}, Counter()
    before = kept(session, her)
    with client.session_transaction() as cookie:
        logged_in = dict(cookie)
    for rule, method, address in addresses:
        with undone(session):
            touched.clear()
            body = {"json": {}} if address.startswith("/api/") and method != "DELETE" else {}
            answer = client.open(address, method=method, **body)
            answers[answer.status_code] += 1
            if "Set-Cookie" in answer.headers:  # logged out, which is undone as well
                with client.session_transaction() as cookie:
                    cookie.clear()
                    cookie.update(logged_in)
            tables, herself = changed_by(session, her.id, before, touched)
            if tables:
                found[f"{method} {rule.rule}"] = (rule.endpoint, tables, herself)
            assert answer.status_code < 500, f"{method} {rule.rule}"
    return found, answers


def unlawful(found):
    """What :func:`go_through` found that the law does not let happen under a restriction."""
    return {
        route: (tables, herself)
        for route, (endpoint, tables, herself) in found.items()
        if not endpoint.startswith(("rights.", "rights_api."))
        or not tables <= LAWFUL.get(endpoint.partition(".")[2], set())
        or not herself <= MARKS
    }
