"""What is read from a file, and what is said of one that can't be."""

import io
import zipfile

import pytest

from matchsvc.imports.reader import MAX_BYTES, read_sheet
from matchsvc.imports.workbook import BadCell, UnreadableFile
from tests.imports.files import as_csv, as_xlsx

ROWS = [{"Förnamn": "Åsa", "Ort": "Örebro"}, {"Förnamn": "Émile", "Ort": "a;b"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_every_encoding_and_delimiter_reads_alike(encoding, delimiter):
    sheet = read_sheet(as_csv(ROWS, delimiter, encoding))
    assert sheet.headings == ("Förnamn", "Ort")
    assert [row.cells for row in sheet.rows] == [("Åsa", "Örebro"), ("Émile", "a;b")]


def test_letters_written_in_two_parts_read_as_one():
    assert read_sheet("Ko\u0308n\na\u030a".encode()).rows[0].cells == ("å",)


def test_a_workbook_reads_like_a_text_file():
    assert read_sheet(as_xlsx(ROWS)).rows == read_sheet(as_csv(ROWS)).rows


def test_rows_keep_their_number_when_blank_ones_stand_between():
    assert [row.number for row in read_sheet(b"a;b\n\n1;2\n;\n3;4\n").rows] == [3, 5]


def test_the_sign_against_formulas_is_taken_away_again():
    assert read_sheet(b"a;b\n'+46701;'=x\n").rows[0].cells == ("+46701", "=x")


def sheet_with(xml):
    source = zipfile.ZipFile(io.BytesIO(as_xlsx(ROWS)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            archive.writestr(name, xml(source.read(name)) if is_sheet else source.read(name))
    return buffer.getvalue()


def test_a_formula_without_a_value_is_noticed_and_not_read_as_blank():
    content = sheet_with(
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="9"><c r="A9"><f>B1</f></c></row></sheetData>'
        )
    )
    assert read_sheet(content).rows[-1].cells[0] is BadCell.FORMULA


def test_a_cell_with_an_error_is_noticed():
    content = sheet_with(
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="9"><c r="A9" t="e"><v>#REF!</v></c></row></sheetData>'
        )
    )
    assert read_sheet(content).rows[-1].cells[0] is BadCell.ERROR


HOSTILE = {
    "nothing": b"",
    "blanks": b" \n ",
    "pdf": b"%PDF-1.7 hello",
    "old excel": b"\xd0\xcf\x11\xe0" + b"x" * 100,
    "picture": b"\x89PNG\r\n",
    "nul": b"a;b\n1\x00;2",
    "utf-16": "a;b\n1;2".encode("utf-16"),
    "open quote": b'a;b\n"1;2\n3',
    "letters after quote": b'a;b\n"1"x;2\n',
    "endless cell": b"a;b\n" + b'"' + b"x" * 200_000 + b'"',
    "too large": b"a\n" * (MAX_BYTES // 2 + 1),
    "too many rows": b"a\n" + b"1\n" * 50_001,
    "too many columns": b";".join([b"a"] * 101) + b"\n",
    "cut zip": as_xlsx(ROWS)[:500],
    "not a zip": b"PK\x03\x04abc",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_file_gives_one_clear_error(name):
    with pytest.raises(UnreadableFile) as caught:
        read_sheet(HOSTILE[name])
    assert caught.value.code.startswith("file_")
    assert len(str(caught.value)) > 20


def other_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return buffer.getvalue()


def test_another_kind_of_archive_is_refused():
    with pytest.raises(UnreadableFile, match="inte en XLSX"):
        read_sheet(other_zip())


@pytest.mark.parametrize(
    "xml",
    [
        lambda xml: xml.replace(b'r="A3"', b'r="XFD1048576"'),
        lambda xml: xml.replace(b'<c r="A3"', b'<c x=">" r="XFD1048576"'),
        lambda xml: xml.replace(b'<c r="A3"', b'<c x="<" r="XFD1048576"'),
        lambda xml: xml.decode().encode("utf-16"),
        lambda xml: b"",
        lambda xml: b" " * (151 * 1024 * 1024),
    ],
    ids=["far cell", "hidden by >", "hidden by <", "utf-16", "empty", "bomb"],
)
def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_opened(xml):
    with pytest.raises(UnreadableFile):
        read_sheet(sheet_with(xml))
