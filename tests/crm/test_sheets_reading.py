"""Files that are broken, and how much of them is read all the same."""

import gzip

import pytest

from crm.sheets.lines import LONGEST_LINE
from crm.sheets.problems import Problem, Refusal, UnreadableFile
from crm.sheets.reading import MOST_COLUMNS, Row, open_table

CHINESE = "单号,客户,金额\nA1,上海华兴有限公司,12.50\nA2,北京大方商贸,7\n"
TRADITIONAL = "單號,客戶,金額\nA1,臺北華興有限公司,12.50\nA2,高雄大方商貿,7\n"
WESTERN = "number,customer,amount\nA1,Café Müller,12.50\nA2,Señor Ångström,7\n"


@pytest.fixture
def write(tmp_path):
    def write(content: bytes | str, name="orders.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return write


def read(path, **options):
    with open_table(path, **options) as table:
        return table, list(table.rows())


def refusal(path):
    with pytest.raises(UnreadableFile) as caught, open_table(path) as table:
        list(table.rows())
    return caught.value


def test_rows_come_with_the_line_they_begin_in(write):
    table, rows = read(write('number,note\nA1,"two\nlines"\n\nA2,one\n'))

    assert table.header == ("number", "note")
    assert rows == [Row(2, ["A1", "two\nlines"], None), Row(5, ["A2", "one"], None)]


def test_a_table_can_be_read_twice(write):
    with open_table(write("number\nA1\n")) as table:
        assert list(table.rows()) == list(table.rows()) == [Row(2, ["A1"], None)]


@pytest.mark.parametrize("content", [b"", b"\n\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_refused(write, content):
    assert refusal(write(content)).code is Refusal.EMPTY


def test_an_empty_zipped_file_is_refused(write):
    assert refusal(write(gzip.compress(b""), "orders.csv.gz")).code is Refusal.EMPTY


def test_a_header_without_lines_is_a_file_of_no_rows(write):
    table, rows = read(write("number,customer\n"))

    assert (table.header, rows) == (("number", "customer"), [])


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        (CHINESE, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (WESTERN, "cp1252", "cp1252"),
        ("number,customer,amount\nA1,£12 – “é”,1\n", "cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_recognised(write, text, encoding, found):
    table, rows = read(write(text, encoding=encoding))

    assert table.encoding == found
    lines = [",".join(cells) for cells in (table.header, *(row.cells for row in rows))]
    assert lines == text.splitlines()


def test_an_encoding_that_shows_only_far_below_is_recognised(write):
    text = "number,customer\n" + "A1,Ascii Ltd\n" * 200_000 + "A2,上海华兴有限公司\n"

    table, rows = read(write(text, encoding="gb18030"))

    assert table.encoding == "gb18030"
    assert rows[-1] == Row(200_002, ["A2", "上海华兴有限公司"], None)


def test_a_file_in_no_known_encoding_is_refused_with_its_line(write):
    noise = bytes(range(0x80, 0x100)) * 4

    error = refusal(write(b"number,customer\nA1,Good\nA2," + noise + b"\n"))

    assert (error.code, error.line) == (Refusal.ENCODING, 3)


def test_one_undecodable_line_costs_that_line_only(write):
    good = "A1,上海华兴有限公司\n".encode()

    table, rows = read(write(b"number,customer\n" + good * 3 + b"A2,\xe4\xb8broken\n" + good))

    assert table.encoding == "utf-8"
    assert [(row.line, row.problem) for row in rows if row.problem] == [(5, Problem.UNDECODABLE)]
    assert len(rows) == 5


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(write, delimiter):
    lines = [["number", "customer", "amount"], ["A1", "Smith & Sons", "1.5"], ["A2", "Li", "2"]]
    table, rows = read(write("".join(delimiter.join(line) + "\r\n" for line in lines)))

    assert table.delimiter == delimiter
    assert [row.cells for row in rows] == lines[1:]


def test_decimal_commas_do_not_pass_for_delimiters(write):
    table, rows = read(write("number;amount\nA1;12,50\nA2;7,25\n"))

    assert (table.delimiter, rows[0].cells) == (";", ["A1", "12,50"])


def test_the_delimiter_line_of_excel_is_no_header(write):
    table, rows = read(write("sep=;\nnumber;amount\nA1;12\n"))

    assert (table.header, rows) == (("number", "amount"), [Row(3, ["A1", "12"], None)])


def test_a_header_that_comes_twice_is_rejected_where_it_repeats(write):
    _, rows = read(write("number,amount\nA1,1\nnumber,amount\nA2,2\n"))

    assert [(row.line, row.problem) for row in rows] == [
        (2, None),
        (3, Problem.REPEATED_HEADER),
        (4, None),
    ]


@pytest.mark.parametrize("columns", [MOST_COLUMNS + 1, 1_000_000])
def test_a_million_columns_are_refused(write, columns):
    error = refusal(write(",".join(f"c{i}" for i in range(columns)) + "\n1\n"))

    assert (error.code, error.line) == (Refusal.TOO_MANY_COLUMNS, 1)


def test_a_header_longer_than_any_is_refused(write):
    assert refusal(write("n" * 200_000)).code is Refusal.LINE_TOO_LONG


def test_a_line_of_a_million_cells_costs_that_line_only(write):
    _, rows = read(write("number,amount\nA1,1\n" + "x," * 1_000_000 + "\nA2,2\n"))

    assert [(row.line, row.problem) for row in rows] == [
        (2, None),
        (3, Problem.LINE_TOO_LONG),
        (4, None),
    ]


def test_too_few_and_too_many_cells_are_told(write):
    _, rows = read(write("a,b\n1\n1,2,3\n1,2,,\n1,2\n"))

    assert [row.problem for row in rows] == [
        Problem.TOO_FEW_CELLS,
        Problem.TOO_MANY_CELLS,
        None,
        None,
    ]


def test_nul_bytes_cost_their_line_only(write):
    _, rows = read(write(b"number,amount\nA1,1\nA\x002,2\nA3,3\n"))

    assert [(row.line, row.problem) for row in rows] == [
        (2, None),
        (3, Problem.NUL_BYTE),
        (4, None),
    ]


def test_a_plain_file_cut_in_the_middle_loses_its_last_line(write):
    _, rows = read(write("number,customer,amount\nA1,Li,1\nA2,L"))

    assert [(row.line, row.problem) for row in rows] == [(2, None), (3, Problem.TOO_FEW_CELLS)]


def zipped(lines):
    return gzip.compress("".join(lines).encode(), mtime=0)


def test_a_zipped_file_cut_in_the_middle_keeps_what_came_before(write):
    lines = ["number,amount\n", *(f"A{i},{i * 7919 % 1000}\n" for i in range(20_000))]
    whole = zipped(lines)

    _, rows = read(write(whole[: len(whole) // 2], "orders.csv.gz"))

    *good, last = rows
    assert len(good) > 1000
    assert {row.problem for row in good} == {None}
    assert [f"{','.join(row.cells)}\n" for row in good] == lines[1 : len(good) + 1]
    assert (last.line, last.problem) == (len(good) + 2, Problem.FILE_CUT)


def test_a_zipped_file_that_lacks_only_its_end_is_told_as_cut(write):
    whole = zipped(["number,amount\n", "A1,1\n"])

    _, rows = read(write(whole[:-8], "orders.csv.gz"))

    assert rows == [Row(2, ["A1", "1"], None), Row(3, [], Problem.FILE_CUT)]


def test_a_damaged_zipped_file_is_refused(write):
    whole = bytearray(zipped(["number,amount\n", *(f"A{i},1\n" for i in range(5000))]))
    whole[len(whole) // 2] ^= 0xFF

    assert refusal(write(bytes(whole), "orders.csv.gz")).code is Refusal.DAMAGED


def test_a_quote_that_is_never_closed_costs_its_line_only(write):
    lines = "".join(f"A{i},good\n" for i in range(3, 400))

    _, rows = read(write('number,note\nA1,fine\nA2,"open\n' + lines))

    assert [row.line for row in rows] == list(range(2, 401))
    assert [row for row in rows if row.problem] == [Row(3, ["A2", '"open'], Problem.BROKEN_QUOTES)]


def test_an_open_quote_before_another_quote_costs_its_line_only(write):
    _, rows = read(write('number,note\nA1,"open\nA2,"fine"\nA3,fine\n'))

    assert [(row.line, row.problem) for row in rows] == [
        (2, Problem.BROKEN_QUOTES),
        (3, None),
        (4, None),
    ]


def test_an_open_quote_before_a_line_too_long_costs_both(write):
    long = "x" * (LONGEST_LINE + 10)

    _, rows = read(write(f'number,note\nA1,"open\nA2,good\n{long}\nA3,good\n'))

    assert [(row.line, row.problem) for row in rows] == [
        (2, Problem.BROKEN_QUOTES),
        (3, None),
        (4, Problem.LINE_TOO_LONG),
        (5, None),
    ]


@pytest.mark.parametrize(
    "start", [b"%PDF-1.7\n", b"\x89PNG\r\n", b"<html><table>", bytes(range(1, 32)) * 20]
)
def test_what_is_no_table_is_refused(write, start):
    assert refusal(write(start)).code is Refusal.NOT_A_TABLE


def test_an_old_excel_file_is_refused_by_name(write):
    assert (
        refusal(write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))).code is Refusal.OLD_EXCEL
    )
