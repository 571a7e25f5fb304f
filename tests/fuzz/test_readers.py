"""Every reader of what others write, with what nobody would write."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject
from hypothesis import example, given
from hypothesis import strategies as st

from matchsvc.accounts import second_factor
from matchsvc.accounts.guard import own_path
from matchsvc.errors import DomainError, Invalid
from matchsvc.imports import employer_columns, offer_columns, participant_columns, placement_columns
from matchsvc.imports.reader import MAX_CELL, read_sheet
from matchsvc.imports.values import CellError
from matchsvc.imports.workbook import UnreadableFile
from matchsvc.messages.bounces import read_report
from matchsvc.swedish import (
    contains_identity_number,
    fold,
    parse_identity_number,
    parse_org_number,
    parse_phone,
    sort_key,
)
from matchsvc.vocabulary.concept_file import read_concept_files
from matchsvc.vocabulary.esco import read_esco
from matchsvc.vocabulary.jobtech import read_jobtech
from matchsvc.vocabulary.lists import BrokenList, Scheme
from matchsvc.web.forms import Clock, Day, Flag, Id, Many, Number, Text
from matchsvc.workday.paper_checks import check_file
from tests.factories import TODAY
from tests.fuzz.bounds import in_little_room, soon, tried
from tests.imports.files import EMPLOYER, PERSON, as_csv, as_xlsx

#: Signs with a meaning somewhere, beside any others.
SIGNS = st.text(
    st.one_of(
        st.sampled_from("\0\t\r\n\"';,|=+-@:/\\%<>{}[]()0123456789ÅÄÖåäö\u00a0\u200b\u202e\ufeff"),
        st.characters(),
    ),
    max_size=60,
)
TABLE = st.lists(st.lists(SIGNS, max_size=6), max_size=8)


@st.composite
def damaged(draw, whole):
    """Bytes of something that can be read: cut, changed or with something put in."""
    content = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        act = draw(st.sampled_from(("cut", "change", "put", "twice")))
        if act == "cut":
            del content[at : at + draw(st.integers(1, 400))]
        elif act == "change" and content:
            content[min(at, len(content) - 1)] = draw(st.integers(0, 255))
        elif act == "put":
            content[at:at] = draw(st.binary(max_size=40))
        else:
            content[at:at] = content[at : at + 200]
    return bytes(content)


# --- tables that are imported


@tried
@given(
    st.one_of(
        st.binary(max_size=400),
        damaged(st.sampled_from((as_csv([PERSON]), as_csv([EMPLOYER], ",", "cp1252")))),
        st.tuples(TABLE, st.sampled_from(";,\t|"), st.sampled_from(("utf-8", "utf-8-sig"))).map(
            lambda told: written(*told)
        ),
    )
)
def test_any_bytes_are_a_table_or_refused(content):
    with soon():
        try:
            sheet = read_sheet(content)
        except UnreadableFile:
            return
    assert all(isinstance(heading, str) for heading in sheet.headings)


def written(table, delimiter, encoding):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(table)
    return out.getvalue().encode(encoding, "replace")


WORD = st.text(
    st.characters(whitelist_categories=("L", "N", "P", "Zs"), blacklist_characters="\u00a0"),
    min_size=1,
    max_size=20,
).map(lambda text: __import__("unicodedata").normalize("NFC", text).strip() or "x")


@tried
@given(
    st.lists(st.tuples(WORD, WORD), min_size=1, max_size=5),
    st.sampled_from((";", ",", "\t")),
    st.sampled_from(("utf-8", "utf-8-sig")),
)
def test_a_table_that_was_written_is_read_as_it_was(rows, delimiter, encoding):
    plain = [(f"a{one}", f"b{two}") for one, two in rows]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([("Ett", "Två"), *plain])
    sheet = read_sheet(out.getvalue().encode(encoding))
    assert sheet.headings == ("Ett", "Två")
    assert [row.cells for row in sheet.rows] == plain


@tried
@given(damaged(st.just(as_xlsx([PERSON]))))
def test_a_damaged_workbook_is_read_or_refused(content):
    with soon():
        try:
            read_sheet(content)
        except UnreadableFile:
            return


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(change):
    """A workbook whose sheet says something else."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx([PERSON]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            told = old.read(name)
            new.writestr(name, change(told) if name == SHEET else told)
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.replace(b"<sheetData>", b"<sheetData>" + b" " * 160_000_000),
        lambda told: told.replace(b'r="A1"', b'r="XFD1048576"'),
        lambda told: told.replace(b'r="A1"', b'r="ZZZZZZZ99999999999999"'),
        lambda told: told.replace(b'ref="A1', b'ref="A1:XFD1048576" x="'),
        lambda told: b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 9999 + b'">]>' + told,
        lambda told: b"",
        lambda told: told[:200],
        lambda told: told.replace(b"<v>0</v>", b"<v>99999999999999999999</v>"),
        lambda told: told.replace(b"<v>0</v>", b"<f>SUM(A1:A9)</f><v>1</v>"),
    ],
    ids=["bomb", "far corner", "no address", "huge area", "entity", "empty", "cut", "no such text",
         "formula"],
)  # fmt: skip
def test_a_workbook_made_to_harm_is_refused_soon_and_in_little_room(change):
    content = with_sheet(change)
    with soon(), in_little_room():
        try:
            read_sheet(content)
        except UnreadableFile:
            return


COLUMNS = [
    *participant_columns.COLUMNS,
    *employer_columns.COLUMNS,
    *offer_columns.COLUMNS,
    *placement_columns.COLUMNS,
]
CELL = st.one_of(
    SIGNS,
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.text("0123456789-/.,: mtofl", max_size=24),
    st.sampled_from(["sv:2:modersmål", "laga-mat:4", "a" * (MAX_CELL + 1), "-", "1e400", "٣"]),
)


@tried
@given(st.sampled_from(COLUMNS), CELL)
def test_any_cell_is_a_value_or_refused_in_words(column, cell):
    with soon():
        try:
            column.parse(cell)
        except CellError as refused:
            assert refused.code  # noqa: PT017


# --- lists of the vocabulary


def test_lists_of_concepts_are_read_or_refused(tmp_path):
    path = tmp_path / "list.csv"
    known = (
        b"conceptType,conceptUri,preferredLabel,altLabels,skillType\n"
        b"KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/1,koka,laga,skill\n"
    )
    own = b"id;sort;namn;synonymer\nkoka;kunskap;koka;laga mat\n"

    @tried
    @given(st.one_of(st.binary(max_size=300), damaged(st.sampled_from((known, own)))))
    def read(content):
        path.write_bytes(content)
        with soon():
            for reader in (lambda: read_concept_files([path], Scheme.LOCAL),
                           lambda: read_esco([path])):  # fmt: skip
                try:
                    reader()
                except BrokenList:
                    continue

    read()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SIGNS,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["id", "type", "preferred_label", "concepts", "data", "broader",
                         "alternative_labels", "ssyk_code_2012"]) | SIGNS,
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
DEEP = b"[" * 200_000


def test_dumps_of_jobtech_are_read_or_refused(tmp_path):
    path = tmp_path / "dump.json"

    @tried
    @given(st.one_of(st.binary(max_size=200), JSON.map(lambda told: json.dumps(told).encode())))
    @example(DEEP)
    @example(b'{"data": {"concepts": [{"id": ' + b"9" * 5000 + b"}]}}")
    def read(content):
        path.write_bytes(content)
        with soon():
            try:
                read_jobtech([path])
            except BrokenList:
                return

    read()


# --- reports of mail servers

REPORT = b"""Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; a.example

Final-Recipient: rfc822; petra@example.org
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: <a@outbox.matchsvc>

x
--b--
"""


def nested(depth):
    """A letter in a letter in a letter."""
    return b"Content-Type: message/rfc822\n\n" * depth


def many_parts(depth):
    heads = [
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    ]
    return b"".join(heads)


def test_a_whole_report_is_read():
    report = read_report(REPORT)
    assert (report.message_id, report.code) == ("<a@outbox.matchsvc>", "5.1.1")


@tried
@given(st.one_of(st.binary(max_size=300), damaged(st.just(REPORT))))
@example(nested(3_000))
@example(many_parts(3_000))
@example(REPORT.replace(b"5.1.1", b"\xff\xfe=?utf-8?b?////?="))
@example(REPORT.replace(b"failed", b"=?x?q?=FF?="))
@example(REPORT.replace(b"message/rfc822", b"text/rfc822-headers; charset=\xe5"))
def test_any_letter_is_a_report_or_refused(raw):
    with soon():
        try:
            read_report(raw)
        except Invalid:
            return


# --- numbers, days and words of people


@tried
@given(st.one_of(SIGNS, st.text("0123456789-+ ", max_size=16)))
def test_numbers_of_people_employers_and_telephones_are_read_or_not(text):
    with soon():
        found = parse_identity_number(text, today=TODAY)
        parse_org_number(text)
        parse_phone(text)
        contains_identity_number(text, today=TODAY)
        fold(text)
        sort_key(text)
    if found is not None:
        assert parse_identity_number(found.digits, today=TODAY) == found


FIELDS = [Text(), Text(required=True), Day(), Clock(), Number(least=0, most=5), Flag(), Id(),
          Many(Day()), Many(Id())]  # fmt: skip


@tried
@given(st.sampled_from(FIELDS), JSON)
@example(Clock(), "١٢.٠٠")
@example(Number(least=0, most=5), "9" * 5000)
@example(Number(least=0, most=5), float("inf"))
@example(Day(), "2026-W01-1")
@example(Text(), "\ud800")
def test_any_json_in_a_field_is_a_value_or_refused(field, told):
    from marshmallow import ValidationError

    with soon():
        try:
            field.deserialize(told)
        except ValidationError as refused:
            assert refused.messages  # noqa: PT017


@tried
@given(st.one_of(SIGNS, st.text("/\\.:?#@%20ab", max_size=20)))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https:evil.example")
def test_where_to_go_on_is_always_on_this_site(wish):
    from urllib.parse import urljoin, urlsplit

    path = own_path(wish)
    assert urlsplit(urljoin("https://here.example/login", path)).netloc == "here.example"


@tried
@given(st.one_of(SIGNS, st.text("0123456789 -", max_size=9)))
def test_any_code_is_right_or_wrong(code):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    step = second_factor._step_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", code, now=now)
    assert step is None or abs(step - now.timestamp() // 30) <= 1


# --- papers


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]"
    b"/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)


@tried
@given(st.one_of(st.binary(max_size=200), damaged(st.sampled_from((PNG, PDF)))))
@example(PNG)
@example(PDF)
@example(b"%PDF-1.7\n" + b"[" * 50_000)
@example(b"%PDF-1.7\n" + b"<<" * 50_000)
@example(b"GIF89a" + b"\xff" * 100)
def test_any_file_is_a_paper_or_refused(content):
    with soon():
        try:
            check_file(content)
        except DomainError:
            return


# --- calendars that are written


@tried
@given(SIGNS.filter(lambda text: not any("\ud800" <= s <= "\udfff" for s in text)),
       st.integers(0, 2000))  # fmt: skip
@example("Möte;å,\\n\r\nBEGIN:VALARM", 3)
@example("å" * 200, 0)
def test_what_is_written_for_calendars_every_calendar_reads(words, days):
    from types import SimpleNamespace

    from matchsvc.workday import invitations

    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC) + timedelta(days=days)
    meeting = SimpleNamespace(
        id="3fa85f64-5717-4562-b3fc-2c963f66afa6", starts_at=at, ends_at=at + timedelta(hours=1),
        sequence=days, cancelled_at=None,
    )  # fmt: skip
    entry = invitations.Entry(meeting, words, words or None)
    owner = SimpleNamespace(email="chef@example.org", name=words)
    text = invitations.calendar_text([entry], now=at, method="REQUEST", organizer=owner)
    for line in text.encode().split(b"\r\n"):
        assert len(line) <= 75, "RFC 5545, 3.1: lines are folded"
        line.decode()  # and never in the middle of a sign
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert event["DTSTART"].dt == at
    read = vobject.readOne(text)
    assert len(read.contents["vevent"]) == 1
    assert read.vevent.dtstart.value == at
