"""Ids in fields: another unit's row where one's own is asked for.

The forms are those of the pages of a whole town. In each, every id that stands in a hidden field or
in a list to choose from is replaced: by a row of the same kind that another unit has, and by one
that nobody has. Both must be answered alike, and nothing of the other unit may be told or touched.
"""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError, StatementError

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, UserRole
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Placement
from tests.factories import Make
from tests.test_who_may_what import (
    TABLES,
    addresses_of,
    door,
    guarded_rules,
    other_unit,
    our_unit,
    said,
    service,
    town,
)

__all__ = ["door", "other_unit", "our_unit", "service", "town"]
pytestmark = [pytest.mark.sqlite_only, pytest.mark.soak]  # a town of its own
AN_ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
#: What the other unit calls its own: to be found in no answer.
THEIRS = "Utomstående Grannrad"


class Forms(HTMLParser):
    """The forms of a page: address and fields with the values that a browser would send."""

    def __init__(self, page):
        super().__init__()
        self.found, self._fields, self._select = [], None, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form" and (said.get("method") or "").lower() == "post":
            self._fields = []
            self.found.append((said.get("action") or "", self._fields))
        if self._fields is None:
            return
        name, value = said.get("name"), said.get("value") or ""
        if tag == "input" and name:
            kind = said.get("type", "text")
            if kind not in {"checkbox", "radio", "file"} or "checked" in said or AN_ID.match(value):
                self._fields.append((name, value))
        elif tag == "textarea" and name:
            self._fields.append((name, "Ett ord om saken"))
        elif tag == "button" and name:
            self._fields.append((name, value))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._choose(value, is_chosen="selected" in said)

    def _choose(self, value, *, is_chosen):
        places = [i for i, (name, _) in enumerate(self._fields) if name == self._select]
        if not places:
            self._fields.append((self._select, value))
        elif is_chosen or not self._fields[places[0]][1]:
            self._fields[places[0]] = (self._select, value)

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        elif tag == "form":
            self._fields = None


@pytest.fixture
def theirs(town, other_unit):
    """A row of each kind that the other unit has; None where none can be made."""
    make, made = Make(town), {}
    user = make.user(role=list(Role), unit=other_unit, name=THEIRS)
    employer = make.employer(unit=other_unit, name=THEIRS)
    site = make.site(employer)
    rows = [
        user,
        employer,
        site,
        make.offer(site, title=THEIRS),
        make.area(THEIRS, unit=other_unit),
    ]
    rows += [make.contact(employer, name=THEIRS)]
    rows += [make.participant(user, unit_id=other_unit.id, given_name=THEIRS)]
    town.commit()
    made = {row.__tablename__: row.id for row in rows}

    def row_of(table):
        if table not in made:
            made[table] = copied(town, TABLES[table], other_unit.id)
        return made[table]

    return row_of


def copied(session, model, unit_id):
    """A copy of one of our rows that belongs to the other unit; None when it has no unit."""
    table = model.__table__
    if "unit_id" not in table.c or "id" not in table.c:
        return None
    ours = session.execute(select(table).where(table.c.unit_id != unit_id).limit(1)).first()
    if ours is None:
        return None
    values = dict(ours._mapping) | {"id": uuid4(), "unit_id": unit_id}
    try:
        with session.begin_nested():
            session.execute(table.insert().values(values))
    except (IntegrityError, StatementError):
        return None
    session.commit()
    return values["id"]


#: Tables whose rows belong to a unit, themselves or by what they hang on.
OWNED = [
    name
    for name, model in TABLES.items()
    if [column.key for column in model.__table__.primary_key] == ["id"]
    and ("unit_id" in model.__table__.c or name in {"site", "contact"})
]


def table_of(session, value):
    """The table that has a row with this id."""
    for name in OWNED:
        if session.get(TABLES[name], UUID(value)) is not None:
            return name
    return None


def test_no_field_takes_a_row_of_another_unit(
    service, town, door, our_unit, theirs, other_unit, record_property
):
    client, rows = door(our_unit, list(Role)), first_rows(town, our_unit.id)
    worker = accounts.get_user(town, rows("placement").case_worker_id)
    worker.roles += [UserRole(role=each) for each in set(Role) - {r.role for r in worker.roles}]
    token = accounts.start_login(town, worker, now=db.utcnow())  # who has people of her own
    town.commit()
    statuses = Counter()
    touched, told_apart, told, seen = [], [], [], set()
    connection = town.connection()

    def note(_connection, _cursor, statement, parameters, *_):
        if statement.startswith(("INSERT", "UPDATE")) and "audit_event" not in statement:
            touched.append(str(parameters).replace("-", ""))

    def send(to, fields):
        """What the form is answered, and whether anything of the other unit was written."""
        touched.clear()
        undo = connection.begin_nested()
        answer = client.post(to, data=as_form(fields))
        undo.rollback()
        town.expire_all()
        return answer.status_code, said(answer, to), "".join(touched)

    event.listen(connection, "before_cursor_execute", note)
    for address in pages(service, rows, town):
        with client.session_transaction() as cookie:
            cookie["login"] = token  # also after a form that ended the session
        page = client.get(address)
        statuses[page.status_code] += 1
        if page.status_code != 200 or not page.content_type.startswith("text/html"):
            continue
        for to, place, fields in tries(Forms(page.get_data(as_text=True)).found, address, seen):
            table = table_of(town, fields[place][1])
            other = theirs(table) if table else None
            if other is None:
                continue
            name = fields[place][0]
            seen.add((shape(to), name))
            nobodys = send(to, with_id(fields, place, uuid4()))
            anothers = send(to, with_id(fields, place, other))
            if other.hex in anothers[2]:
                told.append((shape(to), name, "written"))
            if THEIRS in anothers[1]:
                told.append((shape(to), name, "told"))
            if nobodys[0] != anothers[0]:
                told_apart.append((shape(to), name, table, nobodys[0], anothers[0]))
    event.remove(connection, "before_cursor_execute", note)
    record_property("pages asked for, by their answers", dict(statuses))
    record_property("fields tried with another unit's row", len(seen))
    assert told == []
    assert told_apart == []
    assert len(seen) >= 40


def pages(service, rows, session):
    """An address of every page, about rows of ours."""
    for rule, method, _roles in guarded_rules(service):
        if method == "GET" and not rule.rule.startswith("/api/"):
            pair = addresses_of(rule, rows, session)
            if pair:
                yield pair[0]


def tries(forms, address, seen):
    """Each field that holds an id, once for each kind of form."""
    for action, fields in forms:
        to = action or address
        for place, (name, value) in enumerate(fields):
            if AN_ID.match(value) and (shape(to), name) not in seen:
                yield to, place, fields


def shape(address):
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", address)


def with_id(fields, place, given):
    return [*fields[:place], (fields[place][0], str(given)), *fields[place + 1 :]]


def as_form(pairs):
    sent = {}
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    return sent


def first_rows(session, unit_id):
    """``rows(table)``: a row of ours of each kind, people who are seen first."""
    kept = {}

    def row_of(table):
        if table not in kept:
            model = TABLES[table]
            asked = select(model)
            if hasattr(model, "unit_id"):
                asked = asked.where(model.unit_id == unit_id)
            if model is Participant:
                asked = asked.where(Participant.id.in_(select(Placement.participant_id)))
            kept[table] = session.scalar(asked.limit(1))
        return kept[table]

    return row_of
