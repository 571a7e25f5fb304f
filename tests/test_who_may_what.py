"""Every route, tried by those who may not: another role, another unit, and near a hidden person.

The routes come from the application and the ids from a whole town, so that a route that is added
is tried without anybody thinking of it; one with an id of a kind nobody named fails a test.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import UTC, date, datetime, time
from itertools import product
from uuid import UUID, uuid4

import pytest
from flask import has_request_context
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import class_mapper
from werkzeug.routing import AnyConverter, IntegerConverter, UUIDConverter

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, Unit
from matchsvc.demo.town import make_town
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.participants.protection import protect
from matchsvc.placements.models import Placement
from matchsvc.rights import passages, records, restriction
from matchsvc.rights import requests as rights_requests
from matchsvc.rights.models import How, RestrictionGround, RightKind
from matchsvc.rights.whole_copy import REACHED
from matchsvc.swedish import local_date
from tests import posting
from tests.factories import COMMAND, Make
from tests.soak import SOAK

pytestmark = pytest.mark.sqlite_only

TABLES = {
    class_mapper(model.class_).local_table.name: model.class_ for model in db.Base.registry.mappers
}
#: Whose id a name in an address is; where it is not the table's own name.
NAMED = {
    "agreed_id": "agreed_action",
    "block_id": "info_block",
    "break_id": "schedule_break",
    "decision_id": "placement_decision",
    "delivery_id": "document_delivery",
    "document_id": "end_document",
    "entry_id": "qa_entry",
    "goal_id": "plan_sub_goal",
    "group_id": "activity_group",
    "line_id": "cohort_line",
    "link_id": "signed_link",
    "measure_id": "plan_measure",
    "member_id": "activity_member",
    "message_id": "outbox_message",
    "obstacle_id": "structural_obstacle",
    "pause_id": "case_pause",
    "person_id": "meeting_person",
    "phase_id": "schedule_phase",
    "request_id": "support_request",
    "run_id": "import_run",
    "sample_id": "audit_sample",
    "service_id": "local_service",
    "session_id": "activity_session",
    "substitute_id": "substitute",
    "synonym_id": "unit_synonym",
    "task_id": "task",
    "token_id": "api_token",
    "user_id": "user_account",
    "version_id": "follow_up_version",
    "visit_id": "own_page_visit",
}
#: One name, two kinds of rows.
BY_ADDRESS = {
    ("group_id", "/settings/sso/"): "sso_group",
    ("task_id", "/morning/"): "day_task",
    ("task_id", "/api/v1/morning/"): "day_task",
    ("task_id", "/own-operations/"): "day_task",
    ("row_id", "sub-goals"): "plan_sub_goal",
    ("row_id", "measures"): "plan_measure",
    ("visit_id", "/meetings/"): "meeting",
    ("key", "/archived/"): "participant",
    ("key", "/api/v1/archived/"): "participant",
    ("key", "/participants/consents/"): "consent",
    ("key", "/api/v1/consents/"): "consent",
    ("key", "/api/v1/sites/"): "site",
    ("key", "/employers/"): "employer",
    ("key", "/api/v1/employers/"): "employer",
    ("key", "offers/"): "offer",
    ("key", "/placements/of/"): "participant",
    ("key", "/placements/"): "placement",
    ("key", "/api/v1/placements/"): "placement",
    ("key", "/settings/"): None,
    ("key", "/api/v1/settings/"): None,
    ("key", ""): "participant",
    ("other", "/employers/"): "employer",
    ("other", ""): "participant",
}
#: What belongs to everybody: the vocabulary, and what is only a word.
NO_ROWS = {"concept_id", "token", "question_id", "filename"}
WORDS = {"code": "x", "kind": "x", "part": "meeting", "step": "accept", "label": "v1", "to": "x"}
WORDS |= {"ending": "csv", "number": 1}
#: Answers that open or refuse nothing: gone, not there, not yours; and what was asked wrongly.
CLOSED, ASKED_WRONGLY = {403, 404, 405}, {400, 409, 415, 422, 428}


def table_of(name, rule):
    """The table whose row a part of an address names; None when it is a word."""
    if name in NO_ROWS or name in WORDS:
        return None
    for (known, part), table in BY_ADDRESS.items():
        if known == name and part in rule:
            return table
    table = NAMED.get(name, name.removesuffix("_id"))
    return table if table in TABLES else None


@pytest.fixture(scope="module")
def town(engine):
    """A whole town in one unit, and an empty unit beside it; rolled back after the module."""
    now = db.utcnow()
    with engine.connect() as connection:
        transaction = connection.begin()
        db.bind_to_connection(connection)
        with db._write() as session:
            make_town(session, COMMAND, base_url="http://x", today=local_date(now), now=now)
            session.add(Unit(name="Grannens enhet", sort_key="grannens enhet"))
            session.commit()
            yield session
        transaction.rollback()
        db.bind(engine)


@pytest.fixture
def service(_app):
    _app.config["WTF_CSRF_ENABLED"] = False
    yield _app
    _app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def door(town, service):
    """``door(unit, roles)``: a client logged in as a new member of a unit's staff."""
    make = Make(town)

    def open_for(unit, roles):
        user = make.user(role=list(roles), unit=unit)
        token = accounts.start_login(town, accounts.get_user(town, user.id), now=db.utcnow())
        town.commit()
        client = service.test_client()
        with client.session_transaction() as cookie:
            cookie["login"] = token
        client.user = user
        return client

    return open_for


@pytest.fixture
def our_unit(town):
    return town.scalar(select(Unit).join(Participant, Participant.unit_id == Unit.id).limit(1))


@pytest.fixture
def other_unit(town):
    return town.scalar(select(Unit).where(Unit.name == "Grannens enhet"))


@pytest.fixture
def written(town):
    """The tables that are written to while it listens, but for what is written of any request."""
    found = []
    connection = town.connection()

    def note(_connection, _cursor, statement, *_):
        told = re.match(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", statement)
        if has_request_context() and told and told[1] not in {"audit_event", "login_session"}:
            found.append(told[1])

    event.listen(connection, "before_cursor_execute", note)
    yield found
    event.remove(connection, "before_cursor_execute", note)


def guarded_rules(app):
    for rule in app.url_map.iter_rules():
        roles = getattr(app.view_functions[rule.endpoint], "required_roles", None)
        if roles:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule, method, roles


def names_in(rule):
    """The parts of an address that vary, as they stand in it: name and table, the last first."""
    names = re.findall(r"<(?:[^<>:]+:)?(\w+)>", rule.rule)
    return [(name, table_of(name, rule.rule)) for name in reversed(names)]


def above(session, row):
    """The rows that a row belongs to, the nearest first, each of them once."""
    found, waiting = {}, [row]
    while waiting:
        each = waiting.pop(0)
        found.setdefault(each.__tablename__, each)
        for column in inspect(type(each)).local_table.columns:
            for key in column.foreign_keys:
                value, table = getattr(each, column.key), key.column.table.name
                if value is not None and table not in found and table in ROWS_ABOVE:
                    parent = session.get(TABLES[table], value)
                    waiting += [parent] if parent is not None else []
    return found


ROWS_ABOVE = {
    *("participant", "employer", "offer", "placement", "employment", "meeting", "plan", "site"),
    *("follow_up", "own_page_visit", "activity", "activity_group", "case_file", "cohort_run"),
    *("tripartite_agreement", "end_document", "local_service", "import_run", "case_step"),
}


def choices_of(rule):
    """Each way to choose the words of an address that has some to choose among."""
    among = {
        name: sorted(converter.items)
        for name, converter in rule._converters.items()
        if isinstance(converter, AnyConverter)
    }
    for words in product(*among.values()):
        yield dict(zip(among, words, strict=True))


def addresses_of(rule, rows, session, chosen=None):
    """An address made of one row and what it belongs to; None when there is no such row.

    ``chosen`` are the words of it; without them the first of each.
    """
    chosen = next(choices_of(rule)) if chosen is None else chosen
    values, made_up, context = {}, {}, {}
    for name, table in names_in(rule):
        converter = rule._converters[name]
        if table is None:
            word = chosen.get(name) or (
                1 if isinstance(converter, IntegerConverter) else WORDS.get(name, "x")
            )
            values[name] = made_up[name] = word
            continue
        row = context.get(table) or rows(table)
        if row is None:
            return None
        context = above(session, row) | context
        values[name] = row.id
        made_up[name] = UUID(int=random.getrandbits(128), version=4)
        if not isinstance(converter, UUIDConverter):
            values[name], made_up[name] = str(values[name]), str(made_up[name])
    return tuple(rule.build(each)[1] for each in (values, made_up))


def ask(client, method, address):
    body = {"json": {}} if address.startswith("/api/") and method not in {"GET", "DELETE"} else {}
    return client.open(address, method=method, **body)


def said(answer, address):
    """What an answer says, whoever asks and whenever."""
    ids = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", address)
    text = answer.get_data(as_text=True)
    for each in ids:
        text = text.replace(each, "ID")
    return re.sub(
        r'csrf_token" value="[^"]*"|"(request_id|reference)": ?"[^"]*"|[0-9a-f]{16}', "", text
    )


def attack(app, client, rows, session):
    """Ask for every kind of row by every route as if it were one's own.

    Returns: what opened, or told a row from one that is not there; and how the rest was answered.
    """
    opened, answers, not_tried = [], Counter(), []
    for rule, method, _roles in guarded_rules(app):
        tables = {table for _name, table in names_in(rule)} - {None}
        if not tables or tables == {"unit"}:
            continue  # the units themselves are an administrator's, all of them
        pair = addresses_of(rule, rows, session)
        if pair is None:
            not_tried.append(f"{method} {rule.rule}")
            continue
        real, made_up = (ask(client, method, address) for address in pair)
        if real.status_code not in CLOSED | ASKED_WRONGLY:
            opened.append(f"{method} {rule.rule}: {real.status_code}")
        elif real.status_code != made_up.status_code or said(real, pair[0]) != said(
            made_up, pair[1]
        ):
            opened.append(
                f"{method} {rule.rule}: {real.status_code} is told from {made_up.status_code}"
            )
        answers[real.status_code] += 1
    return opened, answers, not_tried


def invent(session, table, unit):
    """A row of a kind that the town has none of, with what its columns demand."""
    model = TABLES[table]
    values = {}
    for column in inspect(model).local_table.columns:
        if column.primary_key or column.default is not None or column.server_default is not None:
            continue
        if column.key == "unit_id":
            values["unit_id"] = unit.id
        elif not column.nullable:
            keys = list(column.foreign_keys)
            values[column.key] = (
                some_row(session, keys[0].column.table.name, unit, len(values)).id
                if keys
                else plain_value(column.type)
            )
    row = model(**values | OF_TABLE.get(table, {}))
    session.add(row)
    session.flush()
    return row


def plain_value(kind):
    """Something that a column of a type takes."""
    if enums := getattr(kind, "enum_class", None) or getattr(kind, "enums", None):
        return next(iter(enums))
    for part, value in OF_TYPE.items():
        if part in type(kind).__name__.lower():
            return value() if callable(value) else value
    return "x"


OF_TYPE = {
    "uuid": lambda: UUID(int=random.getrandbits(128), version=4),
    "bool": False,
    "bytes": b"x",
    "binary": b"x",
    "utc": datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    "datetime": datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    "date": date(2026, 11, 2),
    "time": time(9, 0),
    "int": 1,
    "numeric": 1,
    "json": dict,
}
#: What rows of a kind must say so that the database takes them.
OF_TABLE = {
    "consent": {"valid_until": date(2027, 11, 2)},
    "record_mask": {"ends": 2},
}


def some_row(session, table, unit, number=0):
    """A row of a unit; another one for another number where there are several."""
    model = TABLES[table]
    found = select(model)
    if table == "unit":
        return unit
    if hasattr(model, "unit_id"):
        found = found.where(model.unit_id == unit.id)
    rows = session.scalars(found.limit(9)).unique().all()
    return rows[number % len(rows)] if rows else invent(session, table, unit)


def test_nothing_of_one_unit_opens_to_any_role_of_another(
    service, town, door, other_unit, our_unit, written, record_property
):
    stranger = door(other_unit, Role)
    opened, answers, not_tried = attack(
        service, stranger, lambda table: some_row(town, table, our_unit), town
    )
    record_property("another unit's rows asked for, by answer", dict(answers))
    assert not opened, "\n".join(opened)
    assert set(written) == set()
    assert not not_tried, "\n".join(not_tried)


def hers(session, person):
    """``rows(table)``: a row of a kind that hangs on her; of what is nobody's, any row."""

    def rows(table):
        if table == "participant":
            return person
        model = TABLES[table]
        if table not in REACHED:
            return some_row(session, table, session.get(Unit, person.unit_id))
        found = select(model).limit(2_000)
        if hasattr(model, "participant_id"):
            found = found.where(model.participant_id == person.id)
        return next(
            (
                row
                for row in session.scalars(found)
                if above(session, row).get("participant") is person
            ),
            None,
        )

    return rows


def ask_for_everything(session, actor, person, *, today):
    """A request of hers of each kind, and somebody's to read her file, with a mark in it."""
    for kind in (RightKind.COPY, RightKind.ERASURE):
        asked = rights_requests.Asked(kind, today, "Jag vill det.")
        rights_requests.register(session, actor, person.id, asked, today=today)
    wanted = records.Wanted("wish", "Önskemålen", today, How.EMAIL)
    row = records.register(session, actor, person.id, wanted, today=today)
    marking = passages.Marking({0}, [], "osl_26_1", "Rör enskild.")
    passages.mark(session, actor, row.id, 1, marking, version=None, today=today)


def test_nothing_about_a_restricted_person_changes_but_what_the_law_lets(
    service, town, door, our_unit, record_property
):
    """Her own worker, with every role, sends everything that can be sent about her."""
    today = local_date(db.utcnow())
    placement = town.scalars(
        select(Placement).where(Placement.begun_on.is_not(None)).order_by(Placement.id.desc())
    ).first()
    person = town.get(Participant, placement.participant_id)
    with posting.undone(town):
        client = door(our_unit, Role)
        town.add(
            Involvement(
                participant_id=person.id, user_id=client.user.id,
                capacity=Capacity.CASE_WORKER,
            )
        )  # fmt: skip
        town.flush()
        actor = accounts.actor_of(town, client.user.id)
        ask_for_everything(town, actor, person, today=today)
        rows = hers(town, person)
        asked, not_tried = [], []
        for rule, method, _roles in guarded_rules(service):
            if method != "GET":
                pair = addresses_of(rule, rows, town)
                (asked if pair else not_tried).append((rule, method, pair and pair[0]))
        town.commit()

        def row_of(name):
            table = table_of(name, "")
            row = rows(table) if table else None
            return row.id if row is not None else uuid4()

        with posting.filled_in(person, row_of), posting.tables_touched(town) as touched:
            # Pages call the same rules as programs do, so one of the two is enough to compare with.
            some = [each for each in asked if SOAK or each[2].startswith("/api/")]
            free, before = posting.go_through(client, town, person, some, touched)
            why = restriction.Restricted(RestrictionGround.ACCURACY, "Utreds.")
            restriction.restrict(town, actor, person.id, why, today=today)
            town.commit()
            bound, after = posting.go_through(client, town, person, asked, touched)
    record_property("routes asked, not tried", (len(asked), len(not_tried)))
    record_property("change something about her when free, restricted", (len(free), len(bound)))
    record_property("answers when free", dict(before))
    record_property("what the law let happen", sorted(bound))
    record_property("answers when restricted", dict(after))
    assert posting.unlawful(bound) == {}
    assert len(free) > 10
    assert after[404] > 200  # she is not there for them
    assert len(bound) > 5  # what the law lets happen does happen


def test_nothing_of_a_hidden_person_opens_to_any_role_of_her_own_unit(
    service, town, door, our_unit, record_property
):
    placement = town.scalars(select(Placement).where(Placement.begun_on.is_not(None))).first()
    person = town.get(Participant, placement.participant_id)
    worker = town.scalar(
        select(Involvement.user_id).where(
            Involvement.participant_id == person.id, Involvement.capacity == Capacity.CASE_WORKER
        )
    )
    protect(town, accounts.actor_of(town, worker), person.id, today=local_date(db.utcnow()))
    town.commit()
    colleague = door(our_unit, Role)

    def rows(table):
        if table in {"employer", "offer", "site", "user_account"}:
            return None
        model = TABLES[table]
        if table == "participant":
            return person
        found = select(model).limit(2_000)
        if hasattr(model, "participant_id"):
            found = found.where(model.participant_id == person.id)
        for row in town.scalars(found):
            if above(town, row).get("participant") is person:
                return row
        return None

    opened, answers, not_tried = attack(service, colleague, rows, town)
    record_property("a hidden person's rows asked for, by answer", dict(answers))
    assert not opened, "\n".join(opened)
    assert answers[404] > 100
    assert len(not_tried) < answers.total()


def test_a_role_that_a_route_does_not_name_is_refused(service, door, our_unit, record_property):
    clients = {role: door(our_unit, [role]) for role in Role}
    tried, came_in = 0, []
    for number, (rule, method, roles) in enumerate(guarded_rules(service)):
        others = [role for role in Role if role not in roles]
        if not SOAK and others:
            others = [others[number % len(others)]]  # each route with one of them, all in the soak
        for role in others:
            values = {
                name: UUID(int=number + 1, version=4)
                if isinstance(rule._converters[name], UUIDConverter)
                else min(rule._converters[name].items)
                if isinstance(rule._converters[name], AnyConverter)
                else "1"
                for name in rule.arguments
            }
            answer = ask(clients[role], method, rule.build(values)[1])
            tried += 1
            if answer.status_code != 403:
                came_in.append(f"{role} {method} {rule.rule}: {answer.status_code}")
    record_property("roles tried on routes that do not name them", tried)
    assert not came_in, "\n".join(came_in)
