"""A marked person in a whole town: who is not her handler finds nothing of her in any answer.

Everything that is written about her carries a word that stands nowhere else. Every address that
can be read is asked for, with her ids and with those of her workplace, and each answer is searched
for the word as it stands, escaped, encoded and packed; so are the log, the messages, the figures
of the process, the sealed log's anchor and a backup.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections import Counter
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import pypdfium2
import pytest
import structlog
import typst
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import JSON, Enum, String, delete, inspect, select, text
from sqlalchemy.orm import class_mapper

from matchsvc import db, jobs
from matchsvc.accounts import audit
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, Unit
from matchsvc.config import DEVELOPMENT_KEYS, Config
from matchsvc.demo.town import make_town
from matchsvc.employers.models import Contact
from matchsvc.errors import DomainError
from matchsvc.keeping.backup import write_backup
from matchsvc.messages.models import OutboxMessage
from matchsvc.own_page import standing_link
from matchsvc.participants import access
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.participants.protection import protect
from matchsvc.placements.models import Placement
from matchsvc.secrecy import KeyRing
from matchsvc.support import links as support_links
from matchsvc.swedish import local_date
from tests.factories import COMMAND, identity_number
from tests.soak import SOAK
from tests.test_who_may_what import (
    ROWS_ABOVE,
    TABLES,
    above,
    addresses_of,
    choices_of,
    door,
    names_in,
    said,
    service,
)

pytestmark = pytest.mark.sqlite_only
__all__ = ["door", "service"]

#: Stands in everything that is written about her, and nowhere else in the world.
WORD = "qzxvwk"
NUMBER = identity_number(number=7)
PHONE = "0709171923"
#: Columns whose text is a word of ours: a kind, a code, a language, a hash.
OURS = re.compile(
    r"(^|_)(language|code|hash|kind|type|form|forms|part|area|areas|side|section|channel|question"
    r"|questionnaire|version|index|country|field|fields|object|action|size|key|number|languages"
    r"|days|checksum|fingerprint|subjects|sector|capacity|icon|table_name)$"
)
#: What a member of staff writes of everybody or of nobody, and what is only ever in the log.
OF_NOBODY = {"audit_event", "audit_seal", "user_account", "unit", "outbox_message", "signed_link"}
OF_NOBODY |= {"outcome_event", "outcome_way", "login_session", "employer", "offer", "site"}


def forms_of(word):
    """The bytes by which a word is found: base64 has three of them, by where the word begins."""
    plain = word.encode()
    found = {plain, plain.hex().encode(), word.encode("utf-16-le")}
    for skipped in range(3):
        packed = base64.b64encode(b"\0" * skipped + plain)
        found.add(packed[4 if skipped else 0 : len(packed) - 4])
    return {form for form in found if len(form) >= 4}


FORMS = {form.lower() if form.isalnum() and form.islower() else form for form in forms_of(WORD)}


def layers(data):
    """What bytes hold: themselves, and what is packed in them."""
    yield data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from layers(packed.read(name))
    elif data.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(data)
        yield "\n".join(page.get_textpage().get_text_bounded() for page in document).encode()
        yield repr(document.get_metadata_dict()).encode()


def traces(data, also=()):
    """Everything of hers that stands in bytes, whatever they are packed in."""
    found = set()
    for layer in layers(data):
        lower = unquote_to_bytes(layer).lower()
        found |= {str(form) for form in FORMS if form in lower or form in layer}
        # A calendar folds its lines and people write numbers in groups.
        close = re.sub(rb"[\s\-+().]|\r\n ", b"", lower)
        found |= {mark for mark in (WORD, NUMBER[2:], PHONE[1:]) if mark.encode() in close}
        found |= {mark for mark in also if mark.encode() in lower}
    return found


@pytest.fixture(scope="module")
def town(engine):
    """A small town in one unit; rolled back after the module."""
    now = db.utcnow()
    with engine.connect() as connection:
        transaction = connection.begin()
        db.bind_to_connection(connection)
        with db._write() as session:
            make_town(
                session, COMMAND, base_url="http://x", today=local_date(now), now=now,
                participants=12,
            )  # fmt: skip
            session.commit()
            yield session
        transaction.rollback()
        db.bind(engine)


def rows_of(session, person):
    """All rows that are about somebody, by table."""
    found = {}
    for name, model in TABLES.items():
        columns = class_mapper(model).local_table.columns
        parents = {key.column.table.name for one in columns for key in one.foreign_keys}
        if name in OF_NOBODY or not (parents & ROWS_ABOVE or "about_id" in columns):
            continue
        for row in session.scalars(select(model)).unique():
            if above(session, row).get("participant") is person:
                found.setdefault(name, []).append(row)
    hers = {row.id for rows in found.values() for row in rows if hasattr(row, "id")} | {person.id}
    for name, model in TABLES.items():
        if name not in OF_NOBODY and "about_id" in class_mapper(model).local_table.columns:
            about = session.scalars(select(model).where(model.about_id.in_(hers))).unique()
            found.setdefault(name, []).extend(row for row in about if row not in found[name])
    return found | {"participant": [person]}


def plant(session, rows):
    """Write the word into every text that somebody wrote. Returns: how many columns."""
    planted = 0
    for name, each in rows.items():
        for column in inspect(TABLES[name]).local_table.columns:
            kind = getattr(column.type, "impl_instance", column.type)
            is_text = isinstance(kind, String) and not isinstance(kind, Enum)
            if not is_text or isinstance(kind, JSON) or column.foreign_keys:
                continue
            if OURS.search(column.key) or column.key in {
                "personal_id",
                "phone",
                "email",
                "what",
                "works",
            }:
                continue
            planted += 1
            for row in each:
                setattr(row, column.key, f"{WORD}å{planted}")
    session.flush()
    return planted


@pytest.fixture(scope="module")
def planted(town):
    """Somebody with a placement, her word in all that is hers, and then the mark."""
    today = local_date(db.utcnow())
    placement = town.scalars(select(Placement).where(Placement.begun_on.is_not(None))).first()
    person = town.get(Participant, placement.participant_id)
    worker = town.scalar(
        select(Involvement.user_id).where(
            Involvement.participant_id == person.id, Involvement.capacity == Capacity.CASE_WORKER
        )
    )
    rows = rows_of(town, person)
    count = plant(town, rows)
    person.sort_key, person.number = f"{WORD} {WORD}", 7391  # not the one that pages name
    person.personal_id, person.phone, person.email = NUMBER, PHONE, f"{WORD}@example.org"
    town.commit()
    protect(town, accounts.actor_of(town, worker), person.id, today=today)
    town.commit()
    person.rows, person.columns, person.worker_id = rows, count, worker
    return person


def readable(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "GET" in rule.methods:
            yield rule, getattr(view, "required_roles", None) or ()


def addresses(app, town, person):
    """Every address that is read: with her rows, and with those of her workplace and her unit."""
    hers = person.rows
    place = above(town, next(row for row in hers["placement"]))

    def rows(table):
        if table in hers:
            return next(iter(hers[table]), None)
        return place.get(table) or town.scalars(select(TABLES[table]).limit(1)).unique().first()

    for rule, roles in readable(app):
        for chosen in choices_of(rule):
            pair = addresses_of(rule, rows, town, chosen)
            if pair is not None:
                yield rule, roles, pair[0]


def traces_of(answer, also=()):
    """What stands of her in an answer, its head with its body."""
    return traces(str(answer.headers).encode() + b"\n" + answer.data, also)


@pytest.fixture
def us(town, door, planted):
    """Members of her unit who are not her handlers: one in all roles, and one in each."""
    unit = town.get(Unit, planted.unit_id)
    return {"all": door(unit, Role)} | {role: door(unit, [role]) for role in Role}


def search(service, town, us, planted, *, only=""):
    """Ask by every address as others than her handlers, and look for her in each answer.

    Returns: what was found, and how many were asked and opened.
    """
    found, asked, opened = [], 0, 0
    for number, (rule, roles, address) in enumerate(list(addresses(service, town, planted))):
        if only not in address:
            continue
        has_ids = any(table for _name, table in names_in(rule))
        # An id is told from one that is not there by test_who_may_what; a list by its role.
        one = [] if has_ids or not roles else [roles[number % len(roles)]]
        for role in ["all", *(Role if SOAK else one)]:
            answer = us[role].get(address)
            asked += 1
            opened += answer.status_code == 200
            ids = () if has_ids else (str(planted.id), planted.alias.lower())
            if answer.status_code >= 500 or traces_of(answer, ids):
                found.append(f"{role} {address}: {answer.status_code} {traces_of(answer, ids)}")
    return found, asked, opened


def test_nothing_of_a_planted_person_stands_in_any_answer(
    service, town, us, planted, record_property
):
    with structlog.testing.capture_logs() as lines:
        found, asked, opened = search(service, town, us, planted)
    record_property("answers searched for a planted person", f"{asked}, {opened} opened")
    record_property("columns with her word", planted.columns)
    assert not found, "\n".join(found)
    assert not traces(repr(lines).encode(), (planted.alias.lower(), str(planted.id)))
    assert opened > 200
    assert len(lines) > asked / 2, "the log was not listened to"


def leak_by_access(monkeypatch, service, person):
    """The one query forgets that she is protected: lists, programs and files show her."""

    def in_unit(actor, *, today=None):
        return Participant.unit_id == actor.unit_id

    monkeypatch.setattr(access, "is_within_reach", in_unit)


def leak_by_template(monkeypatch, service, person):
    """A page prints her name, escaped as pages do."""
    page = "{% extends 'placements/my_week.html' %}{% block title %}{{ her }}{% endblock %}"
    source = "placements/my_week.html"
    own = service.jinja_env.loader
    monkeypatch.setattr(
        service.jinja_env, "loader", ChoiceLoader([DictLoader({"leak.html": page}), own])
    )
    monkeypatch.setitem(service.jinja_env.globals, "her", person.given_name)
    real = service.jinja_env.get_or_select_template
    monkeypatch.setattr(
        service.jinja_env,
        "get_or_select_template",
        lambda name, *more: real("leak.html" if name == source else name, *more),
    )


def leak_by_serialiser(monkeypatch, service, person):
    """A program is given her name in a field more."""
    real = service.json.dumps

    def dumps(what, **how):
        more = {"who": person.family_name} if isinstance(what, dict) else {}
        return real(what | more if more else what, **how)

    monkeypatch.setattr(service.json, "dumps", dumps)


def leak_by_header(monkeypatch, service, person):
    """A head says where one came from, packed as heads are."""
    packed = base64.b64encode(person.family_name.encode()).decode()

    def tell(answer):
        answer.headers["X-Seen"] = packed
        return answer

    monkeypatch.setitem(
        service.after_request_funcs, None, [*service.after_request_funcs.get(None, []), tell]
    )


@pytest.mark.parametrize(
    ("leak", "where"),
    [
        (leak_by_access, "/participants"),
        (leak_by_access, "/api/v1/participants"),
        (leak_by_template, "/my-week"),
        (leak_by_serialiser, "/api/v1/employers"),
        (leak_by_header, "/offers"),
    ],
)
def test_a_leak_that_is_made_on_purpose_is_found(
    service, town, us, planted, monkeypatch, leak, where
):
    assert search(service, town, us, planted, only=where)[0] == []
    leak(monkeypatch, service, planted)
    found, asked, _opened = search(service, town, us, planted, only=where)
    monkeypatch.undo()
    assert asked
    assert any(f" {where}" in each for each in found), found


def test_a_word_on_a_paper_is_found():
    words = (
        f"#set document(title: [En], date: none)\n#set page(width: 9cm)\nSkrivet av {WORD.title()}."
    )
    assert traces(typst.compile(words.encode(), format="pdf"))
    assert not traces(typst.compile(b"Skrivet av ingen.", format="pdf"))


def test_links_of_others_at_her_workplace_tell_nothing_of_her(
    service, town, us, planted, record_property
):
    """Every page of every link that lives: of her employer, of others, of other participants."""
    rules = [
        rule
        for rule in service.url_map.iter_rules()
        if "token" in rule.arguments and rule.arguments == {"token"} and "GET" in rule.methods
    ]
    now, opened, found = db.utcnow(), Counter(), []
    others = town.scalars(
        select(Placement).where(Placement.begun_on.is_not(None), Placement.end_date.is_(None))
    )
    for placement in others.all():
        person = town.get(Participant, placement.participant_id)
        contact = town.get(Contact, placement.contact_id) if placement.contact_id else None
        worker = placement.case_worker_id and accounts.actor_of(town, placement.case_worker_id)
        if person is planted or person.protected or contact is None or worker is None:
            continue
        links = {}
        with suppress(DomainError):
            links["own_page"] = standing_link.make_link(
                town, worker, person.id, today=local_date(now), now=now
            )[0]
        liaison = accounts.actor_of(town, placement.liaison_id)
        with suppress(DomainError):
            links["support"] = support_links.make_link(
                town, liaison, placement.id, contact.id,
                base_url="http://x", today=local_date(now), now=now,
            )[0]  # fmt: skip
        town.commit()
        for purpose, token in links.items():
            for rule in rules:
                answer = service.test_client().get(rule.build({"token": token})[1])
                opened[purpose] += answer.status_code == 200
                ids = (str(planted.id), planted.alias.lower())
                if answer.status_code >= 500 or traces_of(answer, ids):
                    found.append(f"{purpose} {rule.rule}: {traces_of(answer, ids)}")
    record_property("pages of links searched for her", dict(opened))
    assert not found, "\n".join(found)
    assert opened["support"]
    assert opened["own_page"]


def test_her_handler_finds_the_word_where_others_find_nothing(service, town, door, planted):
    handler = service.test_client()
    user = accounts.get_user(town, planted.worker_id)
    token = accounts.start_login(town, user, now=db.utcnow())
    town.commit()
    with handler.session_transaction() as cookie:
        cookie["login"] = token
    hers = [
        address
        for _rule, roles, address in addresses(service, town, planted)
        if roles and (str(planted.id) in address or address in {"/participants", "/"})
    ]
    seen = [address for address in hers if traces_of(handler.get(address))]
    assert len(seen) > 20, (len(hers), seen)


@pytest.mark.parametrize("asked", [f"{WORD}å", WORD, PHONE, NUMBER, "alias"])
def test_a_search_for_her_answers_as_one_for_nobody(service, us, planted, asked):
    words = planted.alias if asked == "alias" else asked
    # As long, of the same kind, and nobody's.
    nobody = "".join("1" if each.isdigit() else "j" if each.isalpha() else each for each in words)
    nobody = "D-9182" if asked == "alias" else nobody
    nobody = identity_number(number=9) if asked == NUMBER else nobody
    for role, client in us.items():
        for address in ("/search", "/search/suggest"):
            hers, other = (
                client.post(address, data={"q": each, "words": each}) for each in (words, nobody)
            )
            assert hers.status_code == other.status_code
            assert said(hers, address).replace(words, "Q") == said(other, address).replace(
                nobody, "Q"
            ), f"{role} {address}"


def test_jobs_messages_figures_and_the_backup_tell_nothing_of_her(
    service, town, us, planted, tmp_path, record_property
):
    config = Config(audit_anchor=tmp_path / "anchor")
    day, before = local_date(db.utcnow()), set(town.scalars(select(OutboxMessage.id)))
    with structlog.testing.capture_logs() as lines:
        for name in jobs.all_jobs():
            if name not in {"deliver", "pack-matching"}:
                jobs.run_job(name, config, day)
    town.commit()
    messages = town.scalars(select(OutboxMessage)).unique().all()
    ids = (planted.alias.lower(), str(planted.id))
    told = [
        (each.kind, each.recipient)
        for each in messages
        if traces(f"{each.subject}\n{each.body}\n{each.recipient}\n{each.calendar}".encode(), ids)
    ]
    record_property("messages searched", f"{len(messages)}, {len(set(messages) - before)} new")
    assert not told
    assert not traces(repr(lines).encode(), ids)
    audit.seal(town, now=db.utcnow(), anchor=config.audit_anchor)
    assert not traces(config.audit_anchor.read_bytes(), ids)
    figures = service.test_client().get("/metrics")
    assert not traces(figures.data, ids)
    write_backup(town, tmp_path / "backup", KeyRing.parse(DEVELOPMENT_KEYS), now=db.utcnow())
    assert not traces((tmp_path / "backup").read_bytes(), ids)


def as_asked(client, address):
    """An answer with its counts, but for what is new in each: whose token, which request, when."""
    answer = client.get(address)
    if answer.mimetype.startswith("text/") or "json" in answer.mimetype:
        words = said(answer, address)
    else:  # a picture as it is; what is packed or set on paper as it reads
        parts = list(layers(answer.data))
        words = "\n".join(each.decode("latin-1") for each in parts[1:] or parts)
    return answer.status_code, re.sub(r"\d\d[.:]\d\d([.:]\d\d)?|D:\d+[^)\s]*", "TIME", words)


def take_out(town, person):
    """Take away every row about her, as if she had never come; events that are counted stay."""
    connection, rows = town.connection(), person.rows
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))  # what hangs on the rows stays
    for table in reversed(db.Base.metadata.sorted_tables):
        for row in rows.get(table.name, ()):
            keys = [column == getattr(row, column.key) for column in table.primary_key]
            connection.execute(delete(table).where(*keys))


#: Where she is counted and nothing else is told. Figures count everybody and hide small numbers
#: (decisions/0003); somebody who has a place in a group leaves one place less.
COUNTED = ("/reports", "/api/v1/reports", "/learning", "/api/v1/learning")
PLACES = ("/activities", "/api/v1/activities")


def test_every_list_and_file_is_as_without_her(service, town, us, planted, record_property):
    """Also what each list counts, and all that is said of her workplace."""
    ids = {str(row.id) for rows in planted.rows.values() for row in rows if hasattr(row, "id")}
    asked = [
        address
        for _rule, roles, address in addresses(service, town, planted)
        if roles and not any(each in address for each in ids)
    ]
    town.commit()
    if not SOAK:  # pages of lists, and every sixth page of something that she has been near
        asked = [each for each in asked if not each.startswith("/api/") or "report" in each]
        near = [each for each in asked if re.search(r"[0-9a-f]{8}-", each)]
        asked = [each for each in asked if each not in near] + near[::6]
    there = {address: as_asked(us["all"], address) for address in asked}
    whole = town.connection().begin_nested()
    take_out(town, planted)
    gone = {address: as_asked(us["all"], address) for address in asked}
    whole.rollback()
    town.expire_all()
    other = [address for address in asked if gone[address] != there[address]]
    # What is never the same twice tells nothing of her.
    told = [address for address in other if as_asked(us["all"], address) == there[address]]
    counted = [address for address in told if address.startswith((*COUNTED, *PLACES))]
    record_property("answers as without her", f"{len(asked)}, but for {counted}")
    assert len(asked) > 90
    assert counted, "she was really taken out"
    assert set(told) == set(counted)


@pytest.mark.parametrize(
    "data",
    [
        f"x{WORD.upper()}å".encode(),
        f"{WORD}å".encode("latin-1"),
        f"{WORD}å".encode("utf-16-le"),
        base64.b64encode(f"a{WORD}bc".encode()),
        base64.b64encode(f"ab{WORD}".encode()),
        base64.b64encode(f"{WORD}abc".encode()),
        WORD.encode().hex().upper().encode(),
        f"%71{WORD[1:]}".encode(),
        f"DESCRIPTION:{WORD[:3]}\r\n {WORD[3:]}".encode(),
        b"0709-17 19 23",
        b"+46 70 917 19 23",
        f"{NUMBER[2:8]}-{NUMBER[8:]}".encode(),
        f"{NUMBER[:8]}-{NUMBER[8:]}".encode(),
    ],
)  # fmt: skip
def test_the_search_of_bytes_finds_each_way_to_write_her(data):
    assert traces(data)
    with io.BytesIO() as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sheet.xml", data)
        packed.close()
        assert traces(file.getvalue())
