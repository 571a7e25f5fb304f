"""Words that are code somewhere else: in calendars, letters, papers, pictures, sheets and logs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from matchsvc.imports.template import safe_cell as import_cell
from matchsvc.messages.mail import Delivery, _written
from matchsvc.participants.views_portfolio import TEMPLATE
from matchsvc.reports.exports import safe_cell, to_csv, to_xlsx
from matchsvc.reports.pictures.picture import Picture, to_svg
from matchsvc.reports.shapes import Sheet
from matchsvc.web.papers import printable, render_pdf
from matchsvc.web.security import configure_logging
from matchsvc.workday.invitations import Entry, Guest, calendar_text
from matchsvc.workday.paper_checks import MediaType, safe_name
from tests.test_house_rules import MODULES, named

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NASTY = st.text(
    st.sampled_from("aÅ1 ,;:\"\\\r\n\t\x0b\x0c\x1b\x85\u2028\u2029\u202e=+-@<>&'#{}[]$`|%*_~")
    | st.characters(exclude_categories=["Cs"]),
    max_size=60,
)


def an_entry(summary, location):
    meeting = SimpleNamespace(id=uuid4(), sequence=0, starts_at=NOW, ends_at=NOW)
    return Entry(meeting, summary, location)


@given(summary=NASTY, place=NASTY, name=NASTY)
def test_nothing_that_is_written_becomes_a_line_of_a_calendar(summary, place, name):
    """An invitation has the one guest that we invited, whatever the place is called."""
    guest = Guest(uuid4(), "lena@example.org", is_staff=False)
    organizer = SimpleNamespace(email="johan@example.org", name=name)
    text = calendar_text(
        [an_entry(summary, place)], now=NOW, method="REQUEST", organizer=organizer, guest=guest
    )
    [event] = Calendar.from_ical(text).walk("VEVENT")
    heads = [line.partition(":")[0].partition(";")[0] for line in text.split("\r\n")]
    assert heads.count("ATTENDEE") == heads.count("METHOD") == heads.count("SUMMARY") == 1
    assert str(event["ATTENDEE"]) == "mailto:lena@example.org"
    assert "VALARM" not in heads
    assert "ATTACH" not in heads


def test_a_place_called_like_a_command_calls_no_meeting_off():
    text = calendar_text([an_entry("Möte", "METHOD:CANCEL")], now=NOW, method="REQUEST")
    letter = Delivery("<a@b>", "lena@example.org", "Möte", "Hej", calendar=text)
    assert b'method="REQUEST"' in _written("we@example.org", letter)
    text = calendar_text([an_entry("Möte", None)], now=NOW, method="CANCEL")
    letter = Delivery("<a@b>", "lena@example.org", "Möte", "Hej", calendar=text)
    assert b'method="CANCEL"' in _written("we@example.org", letter)


@given(words=NASTY)
def test_no_word_adds_a_head_to_a_letter(words):
    """It is sent as it is, or not at all; never to somebody else (SMTP injection)."""
    expected = {"From", "To", "Subject", "Message-ID", "Auto-Submitted", "Reply-To"}
    expected |= {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    letter = Delivery("<a@b>", "lena@example.org", words, words, None, words, "svar@example.org")
    try:
        written = _written("we@example.org", letter)
    except ValueError:
        return
    from email import message_from_bytes

    read = message_from_bytes(written)
    assert set(read.keys()) <= expected
    assert read.get_all("To") == ["lena@example.org"]


@pytest.mark.parametrize(
    "address", ["a@b\r\nBcc: x@y", "a@b\nRCPT TO:<x@y>", "a@b, x@y", "a@b x@y", "\u00e5@b"]
)
def test_an_address_that_is_two_is_written_to_nobody(address):
    with pytest.raises((ValueError, UnicodeError)):
        _written("we@example.org", Delivery("<a@b>", address, "x", "x"))


@given(name=NASTY)
def test_a_file_is_given_back_by_a_name_that_is_one_word_of_one_line(app_alone, name):
    from flask import send_file

    kept = safe_name(name, MediaType.PDF)
    assert kept.endswith(".pdf")
    assert not set(kept) & set('/\\\r\n\x00"<>:|?*')
    assert not kept.startswith(".")
    with app_alone.test_request_context():
        answer = send_file(io.BytesIO(b"x"), "application/pdf", True, kept)
    told = answer.headers["Content-Disposition"]
    assert told.startswith("attachment;")
    assert "\n" not in told
    assert "\r" not in told


@pytest.fixture(scope="module")
def app_alone():
    from flask import Flask

    return Flask("alone")


def test_words_in_a_paper_are_words_whatever_typst_would_make_of_them():
    marked = '#read("/etc/passwd") $x$ *b* _i_ \\ <a> @b // c #let x = 1 `raw` [x] #eval("1+1")'
    data = dict.fromkeys(("about", "lead", "unit", "municipality", "contact", "levels"), marked)
    data |= {"title": "Det här kan jag", "name": marked, "owner": marked}
    data |= {"sections": [], "languages": [], "key": []}
    data = {k: printable(v) if isinstance(v, str) else v for k, v in data.items()}
    made = render_pdf(TEMPLATE, data, made_at=NOW)
    document = pypdfium2.PdfDocument(made)
    said = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    assert '#read("/etc/passwd")' in said
    assert "#let x = 1" in said
    assert "root:" not in said


def test_words_in_a_picture_are_words_and_no_shapes():
    marked = '<script>alert(1)</script>"><image href="http://evil.example"/>&#x3c;'
    picture = Picture(
        "x", marked, marked, lambda canvas: canvas.paragraph(marked), (marked, "n"),
        ((marked, marked),), ((marked, marked),),
    )  # fmt: skip
    svg = to_svg(picture)
    names = {each.tag.rpartition("}")[2] for each in ET.fromstring(svg).iter()}
    assert not names & {"script", "image", "foreignObject", "a", "use", "style"}
    assert "<script" not in svg


CELLS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff0b1", "\uff20x"]


@pytest.mark.parametrize("cell", CELLS)
def test_no_cell_of_any_file_is_a_formula(cell):
    """In both programs that write files: reports and lists, and the rows of an import to mend."""
    sheet = Sheet("x", [cell], [[cell]])
    for row in csv.reader(io.StringIO(to_csv([sheet]).decode("utf-8-sig")), delimiter=";"):
        assert row == [f"'{cell}"]
    assert safe_cell(cell) == import_cell(cell) == f"'{cell}"
    with zipfile.ZipFile(io.BytesIO(to_xlsx([sheet]))) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert 't="s"' in page
        assert not [name for name in book.namelist() if "externalLink" in name or "vba" in name]


def test_only_these_two_write_files_of_cells():
    """A third would need the sign against formulas too."""
    writing = re.compile(r"csv\.(Dict)?writer|xlsxwriter\.Workbook|openpyxl")
    writers = {named(module) for module in MODULES if writing.search(module.read_text("utf-8"))}
    assert writers == {"matchsvc/reports/exports.py", "matchsvc/imports/template.py"}


@given(words=NASTY)
def test_a_line_of_the_log_is_one_line_of_plain_signs(words):
    """Neither a second line nor a command to the terminal of who reads it."""
    configure_logging()
    from contextlib import redirect_stderr

    out = io.StringIO()
    with redirect_stderr(out):
        structlog.get_logger("x").warning("server", said=words, name=words)
    told = out.getvalue()
    assert told.endswith("\n")
    assert len(told.splitlines()) == 1
    assert told.isascii()
    assert not any(ord(sign) < 32 for sign in told[:-1])
