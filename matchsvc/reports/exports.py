"""Files to take away: CSV and XLSX in which nothing is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import xlsxwriter

from matchsvc.reports.shapes import Sheet

#: Spreadsheet programs read a cell that begins so as a formula (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_WIDEST = 60


def to_csv(sheets: Sequence[Sheet]) -> bytes:
    """The tables below each other, ``;`` between cells, UTF-8 with the mark that Excel needs."""
    lines = StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    for number, sheet in enumerate(sheets):
        if number:
            writer.writerow([])
        writer.writerow([safe_cell(heading) for heading in sheet.headings])
        writer.writerows([safe_cell(cell) for cell in row] for row in sheet.rows)
    return lines.getvalue().encode("utf-8-sig")


def safe_cell(value: str | float | None) -> str:
    """A cell of CSV: numbers with a decimal comma, text never a formula."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(value).replace(".", ",")
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with one sheet a table; text stays text, whatever it begins with."""
    file = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            page.freeze_panes(1, 0)
            for column, heading in enumerate(sheet.headings):
                page.write_string(0, column, heading, bold)
                page.set_column(column, column, _width(sheet, column), wrapped)
            for number, row in enumerate(sheet.rows, start=1):
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        page.write_string(number, column, value)
                    elif value is not None:
                        page.write_number(number, column, value)
    return file.getvalue()


def _width(sheet: Sheet, column: int) -> int:
    cells = [sheet.headings[column], *(row[column] for row in sheet.rows)]
    longest = max(len(str(cell)) for cell in cells)
    return min(longest + 2, _WIDEST)
