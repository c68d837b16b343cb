"""Bad files and bad lines: a clear reason with the line, the rest is kept, nothing is half done."""

import gzip
import zipfile
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter

from crm.models import Order
from crm.sheets.problems import UnreadableFile
from tests.crm.import_files import HEADER, amounts, bring_in, counts, rejected_lines
from tests.factories import CustomerFactory, OrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somebody_buys():
    return CustomerFactory(code="C1")


def test_an_empty_file_is_refused(orders):
    with pytest.raises(UnreadableFile):
        orders(b"")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "big5"])
def test_another_encoding_is_read(encoding, orders):
    CustomerFactory(code="上海")

    batch = orders("1,上海,2025-03-01,5\n", encoding=encoding)

    assert counts(batch) == {"rows": 1, "created": 1}


def test_undecodable_characters_cost_their_line(orders):
    good = "".join(f"{n},C1,2025-03-01,5\n" for n in range(2, 9))

    batch = orders(f"{HEADER}中,C1,2025-03-01,5\n{good}9,".encode() + b"\xe4\xb8,2025-03-01,5\n")

    assert counts(batch) == {"rows": 9, "created": 8, "rejected": 1}
    assert rejected_lines(batch) == [
        ("10", "The line contains characters that are damaged in this encoding.")
    ]


def test_a_header_twice_is_rejected_with_its_line(orders):
    batch = orders(f"1,C1,2025-03-01,5\n{HEADER}2,C1,2025-03-01,6\n")

    assert counts(batch) == {"rows": 3, "created": 2, "rejected": 1}
    assert rejected_lines(batch) == [("3", "The line repeats the header.")]


def test_a_million_columns_are_refused(orders):
    with pytest.raises(UnreadableFile):
        orders("1\n", header=",".join(f"c{n}" for n in range(1_000_000)) + "\n")


def test_a_bomb_is_refused_before_it_unpacks(tmp_path):
    good, bomb = tmp_path / "good.xlsx", tmp_path / "bomb.xlsx"
    with xlsxwriter.Workbook(good) as book:
        book.add_worksheet().write_row(0, 0, ["number"])
    with (
        zipfile.ZipFile(good) as source,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(
                name, source.read(name) if "sheet1" not in name else b"<row/>" * 50_000_000
            )

    with pytest.raises(UnreadableFile) as refused:
        bring_in(bomb, "orders")

    assert refused.value.code.value == "unpacks_too_large"


def test_dates_in_three_formats_are_read(orders):
    batch = orders("1,C1,2025-03-01,5\n2,C1,03/04/2025,5\n3,C1,2025年3月5日,5\n4,C1,25/12/2024,5\n")

    assert counts(batch) == {"rows": 4, "created": 4}
    assert dict(Order.objects.values_list("number", "ordered_on")) == {
        "1": date(2025, 3, 1),
        "2": date(2025, 4, 3),
        "3": date(2025, 3, 5),
        "4": date(2024, 12, 25),
    }


def test_dates_that_may_be_either_are_not_guessed(orders):
    batch = orders("1,C1,03/04/2025,5\n2,C1,2025-03-01,5\n")

    assert list(amounts()) == ["2"]
    [(line, reason)] = rejected_lines(batch)
    assert line == "2"
    assert "“03/04/2025” may be day/month or month/day" in reason


def test_amounts_are_read_as_people_write_them(orders):
    batch = orders(
        '1,C1,2025-03-01,"1,234.50"\n2,C1,2025-03-01,１２３４．５\n3,C1,2025-03-01,(7)\n'
    )

    assert counts(batch) == {"rows": 3, "created": 3}
    assert amounts() == {"1": Decimal("1234.50"), "2": Decimal("1234.50"), "3": Decimal("-7.00")}


def test_negative_and_zero_amounts_are_returns_and_documents_of_nothing(orders):
    batch = orders("1,C1,2025-03-01,-5\n2,C1,2025-03-01,0\n")

    assert counts(batch) == {"rows": 2, "created": 2}
    assert [order.number for order in Order.objects.returns()] == ["1"]


@pytest.mark.parametrize("amount", ["NaN", "inf", "12abc", "1e30", ""])
def test_amounts_that_are_none_cost_their_line(amount, orders):
    batch = orders(f"1,C1,2025-03-01,{amount}\n2,C1,2025-03-01,6\n")

    assert counts(batch) == {"rows": 2, "created": 1, "rejected": 1}
    assert rejected_lines(batch)[0][0] == "2"


def test_an_unknown_customer_costs_the_line(orders):
    batch = orders("1,C9,2025-03-01,5\n2,C1,2025-03-01,6\n")

    assert list(amounts()) == ["2"]
    assert rejected_lines(batch) == [("2", "There is no customer “C9”.")]


def test_an_unknown_customer_is_made_when_asked_for(orders, alice):
    batch = orders("1,C9,2025-03-01,5\n", create_customers=True, owner=alice)

    order = Order.objects.get()
    assert (order.customer.code, order.customer.name, order.customer.owner) == ("C9", "C9", alice)
    assert batch.customers_created == 1


def test_a_customer_without_an_address_is_not_made(orders):
    batch = orders("1,N/A,2025-03-01,5\n2,.,2025-03-01,5\n", create_customers=True)

    assert [reason for _, reason in rejected_lines(batch)] == [
        "customer: “N/A” cannot be a code; slashes are not allowed.",
        "customer: “.” cannot be a code; slashes are not allowed.",
    ]


def test_a_number_twice_in_one_file_names_both_lines(orders):
    batch = orders("1,C1,2025-03-01,5\n2,C1,2025-03-01,6\n1,C1,2025-03-02,7\n")

    assert amounts() == {"1": 5, "2": 6}
    assert rejected_lines(batch) == [
        ("4", "number “1” stands in line 2 already; that line counts."),
    ]


def test_an_order_with_another_amount_is_said_to_change_and_changes(orders, somebody_buys):
    OrderFactory(number="1", customer=somebody_buys, ordered_on="2025-03-01", amount=5)
    text = "1,C1,2025-03-01,7\n2,C1,2025-03-01,6\n"

    dry = orders(text, state="checking")
    assert counts(dry) == {"rows": 2, "created": 1, "updated": 1}
    assert amounts() == {"1": 5}

    batch = orders(text)
    assert counts(batch) == {"rows": 2, "created": 1, "updated": 1}
    assert amounts() == {"1": 7, "2": 6}
    assert Order.objects.get(number="1").base_amount == 7


def test_nul_bytes_cost_their_line(orders):
    batch = orders(HEADER.encode() + b"1,C1,2025-03-01,5\n\x002,C1,2025-03-01,6\n")

    assert list(amounts()) == ["1"]
    assert rejected_lines(batch) == [("3", "The line contains NUL bytes.")]


def test_a_file_cut_in_the_middle_keeps_its_whole_lines(orders):
    batch = orders("1,C1,2025-03-01,5\n2,C1,2025-")

    assert list(amounts()) == ["1"]
    assert rejected_lines(batch) == [("3", "The line has fewer cells than the header.")]


def test_a_zipped_file_cut_in_the_middle_keeps_its_whole_lines(orders):
    lines = "".join(f"{n},C1,2025-03-01,{n * 7919 % 977}\n" for n in range(8_000))
    whole = gzip.compress((HEADER + lines).encode())

    batch = orders(whole[: len(whole) // 2], name="orders.csv.gz")

    assert batch.created == Order.objects.count() > 1000
    assert batch.rejected == 1
    assert rejected_lines(batch) == [
        (str(batch.created + 2), "The file ends here in the middle: it was cut off.")
    ]


def test_a_damaged_zipped_file_changes_nothing(orders):
    whole = bytearray(gzip.compress((HEADER + "1,C1,2025-03-01,5\n").encode()))
    whole[-6] ^= 0xFF  # of the check sum

    with pytest.raises(UnreadableFile):
        orders(bytes(whole), name="orders.csv.gz")

    assert not Order.objects.exists()


def test_several_reasons_against_one_line_are_all_told(orders):
    batch = orders("1,C1,soon,much\n")

    [(line, reasons)] = rejected_lines(batch)
    assert line == "2"
    assert "ordered_on: “soon” is not a date." in reasons
    assert "amount: “much” is not a number." in reasons


def test_a_currency_without_a_rate_costs_the_line(orders):
    batch = orders("1,C1,2025-03-01,5,XAU\n", header="number,customer,ordered_on,amount,currency\n")

    assert rejected_lines(batch) == [("2", "There is no exchange rate for XAU 2025-03-01.")]
