"""Headers of other systems, mapping files, and lines with their reasons."""

from dataclasses import replace
from datetime import UTC

import pytest

from crm.sheets import checking, mapping
from crm.sheets.columns import COLUMNS, guess, guess_kind
from crm.sheets.dates import DateOrder
from crm.sheets.mapping import ColumnMapping
from crm.sheets.names import NAMES
from crm.sheets.problems import Problem, Refusal, RowProblem, UnreadableFile
from crm.sheets.reading import open_table

ONLINE_RETAIL = (
    "Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country",
)  # fmt: skip
ORDER_KINDS = ("orders", "order_lines")


def test_every_name_belongs_to_a_column():
    assert {
        kind: set(names) - {c.name for c in COLUMNS[kind]} for kind, names in NAMES.items()
    } == {kind: set() for kind in COLUMNS}


@pytest.mark.parametrize("kind", COLUMNS)
def test_canonical_names_mean_themselves(kind):
    header = [column.name for column in COLUMNS[kind]]

    assert guess(header, kind) == dict(zip(header, header, strict=True))
    assert guess_kind(header) == kind


def test_the_columns_of_online_retail_are_recognised():
    found = mapping.from_header(ONLINE_RETAIL, ORDER_KINDS)

    assert found.kind == "order_lines"
    assert found.columns == {
        "number": "Invoice",
        "customer": "Customer ID",
        "ordered_on": "InvoiceDate",
        "sku": "StockCode",
        "product": "Description",
        "quantity": "Quantity",
        "unit_price": "Price",
        "customer_region": "Country",
    }


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["订单号", "客户编号", "订单日期", "金额"], "orders"),
        (["單號", "客戶編號", "日期", "貨號", "品名", "數量", "單價"], "order_lines"),
        (["客户编号", "客户名称", "业务员", "电话"], "customers"),
        (["客戶代碼", "拜訪人", "拜訪時間", "方式", "拜訪內容"], "visits"),
        (["订单号", "收款日期", "收款金额"], "payments"),
        (["ORDER_NO", "Customer-Code", "Order Date", "Total"], "orders"),
    ],
)
def test_kinds_are_known_by_their_header_in_three_languages(header, kind):
    assert guess_kind(header) == kind
    assert sorted(guess(header, kind).values()) == sorted(header)


def toml(text, header=ONLINE_RETAIL, kinds=ORDER_KINDS):
    return mapping.from_toml(text, header=header, kinds=kinds)


def test_a_mapping_file_names_columns_values_and_options():
    found = toml(
        """
        kind = "order_lines"
        date_order = "dmy"
        decimal = ","
        encoding = "gb18030"

        [columns]
        number = "Invoice"
        customer = "Customer ID"

        [values]
        currency = "GBP"
        """
    )

    assert found == ColumnMapping(
        kind="order_lines",
        columns={"number": "Invoice", "customer": "Customer ID"},
        values={"currency": "GBP"},
        encoding="gb18030",
        date_order="dmy",
        decimal=",",
    )
    assert found.order_of_dates is DateOrder.DAY_FIRST
    assert mapping.from_dict(found.as_dict()) == found


def test_a_mapping_file_may_leave_out_table_and_kind():
    found = toml(
        'number = "Invoice"\nsku = "StockCode"\nquantity = "Quantity"\nunit_price = "Price"'
    )

    assert (found.kind, found.columns["number"]) == ("order_lines", "Invoice")


def test_columns_that_a_mapping_leaves_out_are_taken_by_their_own_names():
    found = mapping.completed(toml('number = "Ref"\nsku = "StockCode"'), [*ONLINE_RETAIL, "Ref"])

    assert found.columns["number"] == "Ref"
    assert found.columns["customer"] == "Customer ID"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns = [", "toml"),
        ('kind = "visits"', "kind"),
        ('colour = "Invoice"', "column"),
        ("[columns]\nnumber = 5", "column"),
        ('columns = "Invoice"', "column"),
        ('number = "Invoice"\ndate_order = "ymd"', "date_order"),
        ('number = "Invoice"\ndecimal = "x"', "decimal"),
        ('number = "Invoice"\nencoding = "klingon"', "encoding"),
        ('number = "Invoice"\ndelimiter = "--"', "delimiter"),
    ],
)
def test_a_bad_mapping_file_is_refused_with_its_reason(text, reason):
    with pytest.raises(UnreadableFile) as caught:
        toml(text)

    assert (caught.value.code, caught.value.details["reason"]) == (Refusal.BAD_MAPPING, reason)


PAYMENTS = ColumnMapping("payments", {"order": "Order", "paid_on": "Day", "amount": "Sum"})


@pytest.mark.parametrize(
    ("header", "code", "columns"),
    [
        (["Order", "Day"], Refusal.UNKNOWN_COLUMNS, ["Sum"]),
        (["Order", "Day", "Sum", "SUM"], Refusal.DUPLICATE_COLUMN, ["Sum"]),
    ],
)
def test_a_header_that_does_not_fit_the_mapping_is_refused(header, code, columns):
    with pytest.raises(UnreadableFile) as caught:
        PAYMENTS.positions(header)

    assert (caught.value.code, caught.value.line) == (code, 1)
    assert caught.value.details["columns"] == columns


def test_a_mapping_without_a_needed_column_is_refused():
    with pytest.raises(UnreadableFile) as caught:
        ColumnMapping("payments", {"order": "Order"}).positions(["Order"])

    assert caught.value.code is Refusal.MISSING_COLUMNS
    assert caught.value.details["columns"] == ["paid_on", "amount"]


@pytest.fixture
def checked(tmp_path):
    def checked(text, found):
        path = tmp_path / "file.csv"
        path.write_text(text)
        with open_table(path) as table:
            order = checking.order_of_dates(table, found)
            return list(checking.check(table, found, order=order, zone=UTC))

    return checked


def test_lines_are_told_apart_into_good_ones_and_reasons(checked):
    text = 'Order,Day,Sum\nA1,2011-12-09,"1,200"\nA2,soon,NaN\n,2011-12-09,3\nA4,2011-12-09\n'

    [chunk] = checked(text, PAYMENTS)

    assert chunk.read == 4
    assert chunk.lines == [2]
    assert chunk.columns == {"order": ["A1"], "paid_on": ["2011-12-09"], "amount": ["1200"]}
    assert set(chunk.problems) == {
        (3, RowProblem(Problem.BAD_DATE, "paid_on", "soon")),
        (3, RowProblem(Problem.NOT_FINITE, "amount", "NaN")),
        (4, RowProblem(Problem.MISSING, "order", "")),
        (5, RowProblem(Problem.TOO_FEW_CELLS)),
    }


def test_dates_in_three_formats_stand_in_one_column(checked):
    text = "Order,Day,Sum\nA1,2011-12-09,1\nA2,03/04/2011,1\nA3,20111209,1\nA4,25/12/2011,1\n"

    [chunk] = checked(text, PAYMENTS)

    assert chunk.columns["paid_on"] == ["2011-12-09", "2011-04-03", "2011-12-09", "2011-12-25"]
    assert not chunk.problems


def test_only_dates_that_depend_on_it_ask_for_the_order(checked, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Order,Day,Sum\nA1,2011-12-09,1\nA2,25/12/2011,x\nA3,03/04/2011,1\n")
    with open_table(path) as table:
        [chunk] = checking.check(table, PAYMENTS, order=DateOrder.UNKNOWN, zone=UTC)

    assert checking.needs_order_of_dates(chunk)
    assert not checking.needs_order_of_dates(replace(chunk, problems=chunk.problems[:0]))


def test_dates_that_nothing_decides_are_rejected_not_guessed(checked):
    [chunk] = checked("Order,Day,Sum\nA1,03/04/2011,1\nA2,2011-12-09,1\n", PAYMENTS)

    assert chunk.lines == [3]
    assert chunk.problems == [(2, RowProblem(Problem.AMBIGUOUS_DATE, "paid_on", "03/04/2011"))]


def test_a_value_for_all_lines_fills_empty_cells(checked):
    found = ColumnMapping(
        "payments",
        {"order": "Order", "paid_on": "Day"},
        values={"amount": "5", "paid_on": "2011-01-01"},
    )

    [chunk] = checked("Order,Day\nA1,2011-12-09\nA2,\n", found)

    assert chunk.columns == {
        "order": ["A1", "A2"],
        "paid_on": ["2011-12-09", "2011-01-01"],
        "amount": ["5", "5"],
    }
