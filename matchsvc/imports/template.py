"""Templates to fill in, and the rows to mend: CSV and XLSX that no spreadsheet runs as code."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

from matchsvc.imports.columns import OUR_OWN, Column, Problem
from matchsvc.imports.reader import FORMULA_SIGNS, Sheet
from matchsvc.imports.runner import KINDS
from matchsvc.imports.values import CLEAR_SIGN


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows and never runs; our reader takes the sign away again."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) and text != CLEAR_SIGN else text


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return lines.getvalue().encode("utf-8-sig")  # Excel knows UTF-8 by its mark


def _headings(columns: Sequence[Column]) -> list[str]:
    return [f"{column.heading}*" if column.required else column.heading for column in columns]


def csv_template(kind: str) -> bytes:
    """Headings and an example row."""
    columns = KINDS[kind].columns
    return _csv([_headings(columns), [column.example for column in columns]])


def xlsx_template(kind: str) -> bytes:
    """Headings and an example row; on a second sheet what may stand in each column."""
    columns = KINDS[kind].columns
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        bold = workbook.add_format({"bold": True})
        as_text = workbook.add_format({"num_format": "@"})  # ids and numbers keep their zeros
        sheet = workbook.add_worksheet("Import")
        sheet.set_column(0, len(columns) - 1, 18, as_text)
        sheet.freeze_panes(1, 0)
        for place, (heading, column) in enumerate(zip(_headings(columns), columns, strict=True)):
            sheet.write_string(0, place, heading, bold)
            if column.example:
                sheet.write_string(1, place, column.example, as_text)
        help_sheet = workbook.add_worksheet("Förklaring")
        help_sheet.set_column(0, 2, 30)
        for row, cells in enumerate(_explained(columns)):
            for place, cell in enumerate(cells):
                help_sheet.write_string(row, place, cell, bold if row == 0 else None)
    return buffer.getvalue()


def _explained(columns: Sequence[Column]) -> list[tuple[str, str, str]]:
    rows = [("Rubrik", "Nyckel", "Vad som kan stå i cellen")]
    for column in columns:
        words = column.values or "text"
        rows.append((column.heading, column.key, f"{words}; krävs" if column.required else words))
    rows.append(("", "", "Tom cell: lämnas som det är. Ett minustecken (-): töms."))
    return rows


def error_rows(sheet: Sheet, problems: Iterable[Problem], said: Mapping[int, str]) -> bytes:
    """The rows that have errors, as they stand in the file, with what to mend.

    Args:
        sheet: the file.
        problems: the errors.
        said: the sentences of each row, in the reader's language.
    """
    numbers = {problem.row for problem in problems}
    rows = [[*OUR_OWN, *sheet.headings]]
    for row in sheet.rows:
        if row.number in numbers:
            cells = [str(cell) for cell in row.cells]
            rows.append([str(row.number), said.get(row.number, ""), *cells])
    return _csv(rows)
