"""Workbooks: what comes out of good ones, and that hostile ones cost nothing."""

import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from crm.sheets import workbooks
from crm.sheets.problems import Refusal, UnreadableFile
from crm.sheets.reading import Row, open_table

AT = datetime.fromisoformat("2011-12-09 08:26")
SHEET = "xl/worksheets/sheet1.xml"
MEASURE = """
import resource, sys, time
from pathlib import Path
from crm.sheets import workbooks
from crm.sheets.problems import UnreadableFile
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    workbooks.check(Path(sys.argv[1]))
except UnreadableFile as error:
    print(error.code.value, end=" ")
print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture
def workbook(tmp_path):
    """Write rows to a workbook; `days` formats dates so that they are dates."""

    def workbook(rows):
        path = tmp_path / "orders.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            sheet = book.add_worksheet()
            for index, row in enumerate(rows):
                sheet.write_row(index, 0, row)
        return path

    return workbook


@pytest.fixture
def altered(workbook, tmp_path):
    """A good workbook with parts replaced or added."""

    def altered(parts, rows=(("number",), ("A1",))):
        path = tmp_path / "altered.xlsx"
        with (
            zipfile.ZipFile(workbook(rows)) as source,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
        ):
            for name in source.namelist():
                target.writestr(name, parts.get(name, source.read(name)))
            for name in parts.keys() - set(source.namelist()):
                target.writestr(name, parts[name])
        return path

    return altered


def refusal(path):
    with pytest.raises(UnreadableFile) as caught, open_table(path):
        pass
    return caught.value.code


def sheet(cells):
    head = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    return f"{head}{cells}</sheetData></worksheet>"


def test_cells_come_as_text_with_their_row_numbers(workbook):
    path = workbook(
        [
            ["number", "on", "at", "amount", "new", "note"],
            ["A1", date(2011, 12, 9), AT, 13085.0, True, "two\nlines"],
            [],
            ["A2", "", "", 0.1, False, ""],
        ]
    )

    with open_table(path) as table:
        assert table.header == ("number", "on", "at", "amount", "new", "note")
        assert list(table.rows()) == [
            Row(
                2, ["A1", "2011-12-09", "2011-12-09 08:26:00", "13085", "True", "two\nlines"], None
            ),
            Row(4, ["A2", "", "", "0.1", "False", ""], None),
        ]


def test_a_workbook_with_an_empty_sheet_is_refused(workbook):
    assert refusal(workbook([])) is Refusal.EMPTY


def test_a_table_below_blank_rows_keeps_its_row_numbers(workbook):
    with open_table(workbook([[], ["", ""], ["number", "amount"], ["A1", 1]])) as table:
        assert (table.header, list(table.rows())) == (
            ("number", "amount"),
            [Row(4, ["A1", "1"], None)],
        )


def bomb(altered, megabytes):
    return altered({SHEET: sheet("<row/>" * (megabytes * 1024 * 1024 // 6))})


def test_a_small_file_that_unpacks_to_hundreds_of_megabytes_is_refused_cheaply(altered):
    path = bomb(altered, 300)
    assert path.stat().st_size < 1_500_000

    code, seconds, kibibytes = measured(path)

    assert code == "unpacks_too_large"
    assert float(seconds) < 0.1
    assert int(kibibytes) < 50 * 1024


def measured(path):
    root = Path(workbooks.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


def test_sizes_that_the_directory_understates_are_refused(altered):
    path = bomb(altered, 100)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as book:
        true_size = book.getinfo(SHEET).file_size
    said, to_say = true_size.to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert data.count(said) == 2
    path.write_bytes(bytes(data).replace(said, to_say))

    code, seconds, kibibytes = measured(path)

    assert code == "false_sizes"
    assert float(seconds) < 0.1
    assert int(kibibytes) < 50 * 1024


def test_too_many_parts_are_refused(altered):
    assert (
        refusal(altered({f"xl/media/{i}.png": b"" for i in range(1001)})) is Refusal.TOO_MANY_PARTS
    )


def test_macros_are_refused(altered):
    assert refusal(altered({"xl/vbaProject.bin": b"Sub AutoOpen()"})) is Refusal.MACROS


@pytest.mark.parametrize("padding", [0, 70_000])
def test_entities_are_refused(altered, padding):
    bombs = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'

    assert refusal(altered({"xl/sharedStrings.xml": " " * padding + bombs})) is Refusal.ENTITIES


def test_a_cell_in_the_last_corner_does_not_cost_the_memory_of_the_grid(altered):
    corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

    assert refusal(altered({SHEET: sheet(corner)})) is Refusal.UNPACKS_TOO_LARGE


def test_a_long_text_that_stands_in_very_many_cells_does_not_fill_the_disk(altered):
    text = f"<si><t>{'x' * 1_000_000}</t></si>"
    cells = '<row><c t="s"><v>0</v></c></row>' * 500_000
    strings = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{text}</sst>'

    path = altered({SHEET: sheet(cells), "xl/sharedStrings.xml": strings})

    assert refusal(path) is Refusal.UNPACKS_TOO_LARGE


def test_a_million_columns_in_a_workbook_are_refused(workbook):
    assert refusal(workbook([[f"c{i}" for i in range(16_384)]])) is Refusal.TOO_MANY_COLUMNS


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.99])
def test_a_workbook_cut_in_the_middle_is_refused(workbook, keep):
    path = workbook([["number", "amount"], *([f"A{i}", i] for i in range(2000))])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])

    assert refusal(path) is Refusal.DAMAGED


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "photos.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", b"\xff\xd8")

    assert refusal(path) is Refusal.NOT_A_TABLE


def test_a_workbook_whose_sheet_is_no_xml_is_refused(altered):
    assert refusal(altered({SHEET: b"\x00\x01 no xml"})) in (Refusal.DAMAGED, Refusal.EMPTY)
