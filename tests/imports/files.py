"""Files for tests, built from rows."""

from __future__ import annotations

import csv
import io
from datetime import date

import xlsxwriter

from matchsvc.imports.planning import Action
from matchsvc.imports.reader import read_sheet
from matchsvc.imports.runner import Job, check, write
from tests.factories import COMMAND

TODAY = date(2026, 11, 23)

PERSON = {
    "Deltagar-id": "D1",
    "Kön": "kvinna",
    "Födelseregion": "utanför Europa",
    "Inskriven": "2026-08-10",
}
EMPLOYER = {
    "Arbetsgivar-id": "A1",
    "Namn": "Kvarnköket",
    "Typ": "privat",
    "Arbetsställe-id": "S1",
    "Arbetsställe": "Kvarnköket Centrum",
}
OFFER = {
    "Erbjudande-id": "E1",
    "Arbetsställe-id": "S1",
    "Titel": "Köksbiträde",
    "Arbetsuppgifter": "Laga lunch.",
    "Typ av bidrag": "erfarenhet",
    "Platser": "2",
    "Timmar start": "15",
}
PLACEMENT = {
    "Placerings-id": "P1",
    "Deltagar-id": "D1",
    "Arbetsställe-id": "S1",
    "Form": "arbetsträning",
    "Start": "2026-09-01",
}
BASE = {"participants": PERSON, "employers": EMPLOYER, "offers": OFFER, "placements": PLACEMENT}


def as_csv(rows, delimiter=";", encoding="utf-8"):
    headings = list(dict.fromkeys(key for row in rows for key in row))
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, delimiter=delimiter)
    writer.writerow(headings)
    writer.writerows([row.get(heading, "") for heading in headings] for row in rows)
    return lines.getvalue().encode(encoding)


def as_xlsx(rows):
    headings = list(dict.fromkeys(key for row in rows for key in row))
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet = workbook.add_worksheet("Blad")
        sheet.write_row(0, 0, headings)
        for number, row in enumerate(rows, start=1):
            for place, heading in enumerate(headings):
                value = row.get(heading, "")
                if isinstance(value, date):
                    sheet.write_datetime(number, place, value, day)
                else:
                    sheet.write(number, place, value)
    return buffer.getvalue()


def job(kind, rows, *, actor=COMMAND, today=TODAY):
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    return Job(kind, read_sheet(content), actor, today)


def row(kind, **values):
    return BASE[kind] | values


def look(kind, *rows, **options):
    """Check rows; each is put onto the kind's plainest row."""
    return check(job(kind, [BASE[kind] | dict(each) for each in rows], **options))


def load(kind, *rows, **options):
    """Check and write rows; everything must be right."""
    todo = job(kind, [BASE[kind] | dict(each) for each in rows or [{}]], **options)
    found = check(todo)
    assert [problem.as_json() for problem in found.problems] == []
    only = [number for number, action in found.actions.items() if action is not Action.UNCHANGED]
    if only:
        written = write(todo, only=only)
        assert [problem.as_json() for problem in written.problems] == []
        assert written.written
    return found


def codes(result):
    return [(problem.row, problem.column, problem.code) for problem in result.problems]


def sentences(result):
    return [problem.said() for problem in result.problems]
