"""No exported cell starts a formula, and what is exported can be read again."""

import csv
import io
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from crm import exports
from crm.exports import Column, file_name, safe_cell, safe_text, write_file

DANGEROUS = "=+-@\t\r\n\x00＝＋－＠﹢﹣﹦﹫⁺⁻⁼"
NASTY = st.text(st.sampled_from(DANGEROUS + " \ufeff\u200b\u3000'\",;|a1恒!"), max_size=8)
TEXTS = NASTY | st.text(max_size=8)


def starts_formula(text):
    visible = text.lstrip().lstrip("\ufeff\u200b").lstrip()
    return text[:1] in set("\t\r\n\x00") or unicodedata.normalize("NFKC", visible[:1])[:1] in set(
        "=+-@"
    )


def read_csv(file):
    return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def read_xlsx(file):
    return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()


READERS = {"csv": read_csv, "xlsx": read_xlsx}


def read_again(kind, titles, lines):
    columns = [
        Column(title, lambda row, place=place: row[place]) for place, title in enumerate(titles)
    ]
    with write_file(lines, columns, kind)[0] as file:
        return READERS[kind](file)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@settings(max_examples=80, deadline=None)
@given(title=TEXTS, texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_no_cell_and_no_heading_starts_a_formula(kind, title, texts):
    heading, *rows = read_again(kind, [title, "end"], [[text, "x"] for text in texts])

    assert len(rows) == len(texts)
    assert not [cell for row in [heading, *rows] for cell in row if starts_formula(str(cell))]
    assert [row[1] for row in rows] == ["x"] * len(texts)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_nothing_but_the_apostrophe_and_control_characters_is_touched(text):
    assert safe_text(text).removeprefix("'") == exports.CONTROLS.sub("", text).removeprefix("'")


@pytest.mark.parametrize("text", ["=1+1", "＝1+1", "  =1", "\ufeff=1", "+86 138", "-", "@x", "\tx"])
def test_a_dangerous_text_is_marked(text):
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Hengli", "恒力", "a=b", "0512-1", "(=", "'quoted", "1-2"])
def test_a_harmless_text_stays_as_it_is(text):
    assert safe_text(text) == text


def test_nul_and_other_control_characters_are_left_out():
    assert safe_text("\x00=1\x07") == "'=1"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_negative_amounts_stay_numbers(kind):
    rows = read_again(kind, ["amount"], [[Decimal("-12.50")], [-3], [Decimal("0.00")]])

    assert [float(row[0]) for row in rows[1:]] == [-12.5, -3.0, 0.0]
    assert all(not isinstance(row[0], str) for row in rows[1:]) or kind == "csv"


def test_dates_numbers_and_moments_keep_their_types_in_a_workbook():
    cells = [date(2025, 3, 10), datetime(2025, 3, 10, 2, 0, tzinfo=UTC), Decimal("1.25"), 7, None]

    row = read_again("xlsx", list("abcde"), [cells])[1]

    assert row == [date(2025, 3, 10), datetime(2025, 3, 10, 10, 0), 1.25, 7.0, ""]  # noqa: DTZ001


def test_a_csv_has_plain_dates_and_opens_with_its_letters_in_spreadsheets():
    lines = [[date(2025, 3, 10), "恒力"]]
    with write_file(lines, [Column("日期", lambda r: r[0]), Column("名", lambda r: r[1])], "csv")[
        0
    ] as f:
        assert f.read() == "\ufeff日期,名\r\n2025-03-10,恒力\r\n".encode()


def test_a_day_before_spreadsheets_began_is_a_text():
    assert read_again("xlsx", ["a"], [[date(1898, 5, 1)]])[1] == ["1898-05-01"]


def test_a_text_longer_than_a_cell_is_cut():
    assert len(read_again("xlsx", ["a"], [["x" * 40_000]])[1][0]) == 32_767


def test_a_full_sheet_is_followed_by_another(monkeypatch):
    monkeypatch.setattr(exports, "ROWS_OF_SHEET", 2)

    file, count = write_file([[n] for n in range(5)], [Column("n", lambda row: row[0])], "xlsx")

    with file:
        book = CalamineWorkbook.from_filelike(file)
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert sheets == [[["n"], [0.0], [1.0]], [["n"], [2.0], [3.0]], [["n"], [4.0]]]
    assert count == 5


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_empty_list_still_has_its_heading(kind):
    assert read_again(kind, ["a", "b"], []) == [["a", "b"]]


def test_a_missing_link_is_an_empty_cell():
    row = SimpleNamespace(owner=None)

    assert safe_cell(Column("owner", "owner.name").getter()(row)) is None


@given(st.text(max_size=20))
def test_a_file_name_starts_with_a_letter(name):
    assert file_name(name, date(2025, 3, 11), "csv")[0].isalpha()


def test_a_file_name_says_what_and_when():
    assert file_name("customers", date(2025, 3, 11), "xlsx") == "customers-2025-03-11.xlsx"
