"""Amounts, dates, codes and choices as people write them."""

from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.sheets import dates, values
from crm.sheets.columns import CUSTOMERS, VISITS, Reading
from crm.sheets.dates import DateOrder
from crm.sheets.problems import Problem
from crm.sheets.values import Remembered

SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", ""),
        ("  ", ""),
        ("0", "0"),
        ("-0.00", "0"),
        ("12", "12"),
        ("12.50", "12.50"),
        ("007", "7"),
        ("+5", "5"),
        (".5", "0.5"),
        ("1,234.56", "1234.56"),
        ("12,345,678", "12345678"),
        ("1,234", "1234"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("1234,50", "1234.5"),
        ("1 234 567,5", "1234567.5"),
        ("1'234.50", "1234.5"),
        ("１２３４．５０", "1234.5"),
        ("１，２３４", "1234"),
        ("￥1,234.50", "1234.5"),
        ("¥12", "12"),
        ("CNY 12.3", "12.3"),
        ("12.3 元", "12.3"),
        ("NT$1,000", "1000"),
        ("€ 1.234,00", "1234"),
        ("£12", "12"),
        ("-12.5", "-12.5"),
        ("−12.5", "-12.5"),
        ("－１２", "-12"),
        ("12.5-", "-12.5"),
        ("(1,234.50)", "-1234.5"),
        ("（1,234）", "-1234"),
        ("-$12", "-12"),
        ("$-12", "-12"),
        ("($12)", "-12"),
        ("1.2万", "12000"),
        ("3億", "300000000"),
        ("1.5E+05", "150000"),
        ("1e-05", "0.00001"),
        ("999999999999.99", "999999999999.99"),
        ("1000000000000", Problem.NUMBER_TOO_LARGE),
        ("1E99", Problem.NUMBER_TOO_LARGE),
        ("9" * 5000, Problem.NUMBER_TOO_LARGE),
        ("nan", Problem.NOT_FINITE),
        ("-Infinity", Problem.NOT_FINITE),
        ("INF", Problem.NOT_FINITE),
        ("∞", Problem.NOT_FINITE),
        ("abc", Problem.BAD_NUMBER),
        ("1,23,456", Problem.BAD_NUMBER),
        ("12.3.4", Problem.BAD_NUMBER),
        ("--5", Problem.BAD_NUMBER),
        ("5%", Problem.BAD_NUMBER),
        ("-", Problem.BAD_NUMBER),
        (".", Problem.BAD_NUMBER),
        ("1 2", Problem.BAD_NUMBER),
        ("#REF!", Problem.BAD_NUMBER),
        ("0x10", Problem.BAD_NUMBER),
        ("1_000", Problem.BAD_NUMBER),
        ("²", "2"),
        ("٣", Problem.BAD_NUMBER),
    ],
)
def test_amounts(cell, expected):
    assert values.number()(cell) == expected


def test_with_a_decimal_comma_the_point_groups():
    parse = values.number(decimal_comma=True)

    assert [parse(cell) for cell in ("1.234", "1,234", "1.234,5", "12")] == [
        "1234",
        "1.234",
        "1234.5",
        "12",
    ]


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=4))
def test_an_amount_comes_back_as_it_was_in_every_spelling(amount):
    parse = values.number()
    spellings = [f"{amount:f}", f"{amount:,f}", f"¥{abs(amount):,f}" + "-" * (amount < 0)]

    assert {Decimal(parse(spelling)) for spelling in spellings} == {amount}


@given(st.text(max_size=12))
def test_no_text_at_all_breaks_the_parsers(cell):
    for parse in (values.number(), dates.day(), dates.instant(), values.code(at_most=5)):
        assert isinstance(parse(cell), str | Problem)


def test_limits_of_a_number():
    minutes = values.number(low=0, high=1440, whole=True)

    assert [minutes(cell) for cell in ("30", "30.0", "30.5", "-1", "1441")] == [
        "30",
        "30",
        Problem.NOT_WHOLE,
        Problem.OUT_OF_RANGE,
        Problem.OUT_OF_RANGE,
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", ""),
        ("2011-12-09", "2011-12-09"),
        ("2011-12-09 08:26:00", "2011-12-09"),
        ("2011-12-09T08:26:00.123", "2011-12-09"),
        ("2011/12/09", "2011-12-09"),
        ("2011/1/9 8:26", "2011-01-09"),
        ("2011.1.9", "2011-01-09"),
        ("20111209", "2011-12-09"),
        ("20111209 08:26", "2011-12-09"),
        ("09.12.2011", "2011-12-09"),
        ("9.1.2011 8:26", "2011-01-09"),
        ("2011年12月9日", "2011-12-09"),
        ("2011年1月9日 下午3:05", "2011-01-09"),
        ("2011年1月9日08:05", "2011-01-09"),
        ("２０１１－１２－０９", "2011-12-09"),
        ("25/12/2011", "2011-12-25"),
        ("12/25/2011", "2011-12-25"),
        ("7/7/2011", "2011-07-07"),
        ("12/25/2011 3:05 PM", "2011-12-25"),
        ("40886", "2011-12-09"),
        ("40886.35", "2011-12-09"),
        ("2012-02-29", "2012-02-29"),
        ("2011-12-09T23:30:00Z", "2011-12-10"),
        ("2011-12-09T23:30:00+08:00", "2011-12-09"),
        ("03/04/2011", Problem.AMBIGUOUS_DATE),
        ("3-4-2011", Problem.AMBIGUOUS_DATE),
        ("2011-02-29", Problem.BAD_DATE),
        ("2011-13-01", Problem.BAD_DATE),
        ("31/11/2011", Problem.BAD_DATE),
        ("2011-12-09 25:00", Problem.BAD_DATE),
        ("2011-12-09 morning", Problem.BAD_DATE),
        ("0000-00-00", Problem.DATE_OUT_OF_RANGE),
        ("1899-12-31", Problem.DATE_OUT_OF_RANGE),
        ("9999-12-31", Problem.DATE_OUT_OF_RANGE),
        ("9/12/11", Problem.TWO_DIGIT_YEAR),
        ("soon", Problem.BAD_DATE),
        ("12345678901", Problem.BAD_DATE),
    ],
)
def test_days(cell, expected):
    assert dates.day(zone=SHANGHAI)(cell) == expected


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2011", "25/12/2011"], DateOrder.DAY_FIRST),
        (["03/04/2011", "12/25/2011 8:26"], DateOrder.MONTH_FIRST),
        (["03-04-2011", "25-12-2011"], DateOrder.DAY_FIRST),
        (["03/04/2011", "2011-12-25"], DateOrder.UNKNOWN),
        (["03/04/2011", "25.12.2011"], DateOrder.UNKNOWN),
        (["25/12/2011", "12/25/2011"], DateOrder.UNKNOWN),
        ([], DateOrder.UNKNOWN),
    ],
)
def test_one_cell_decides_day_or_month_first_for_all(cells, order):
    assert dates.date_order(cells) is order


@pytest.mark.parametrize(
    ("order", "expected"),
    [(DateOrder.DAY_FIRST, "2011-04-03"), (DateOrder.MONTH_FIRST, "2011-03-04")],
)
def test_the_order_settles_ambiguous_days(order, expected):
    assert dates.day(order=order)("03/04/2011") == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2011-12-09 08:26", "2011-12-09T00:26:00+00:00"),
        ("2011-12-09", "2011-12-08T16:00:00+00:00"),
        ("2011-12-09T08:26:00Z", "2011-12-09T08:26:00+00:00"),
        ("2011-12-09 08:26 -0500", "2011-12-09T13:26:00+00:00"),
        ("2011年12月9日 下午3:05", "2011-12-09T07:05:00+00:00"),
        ("12/25/2011 12:05 AM", "2011-12-24T16:05:00+00:00"),
        ("2011-12-09 08:26 +24:00", Problem.BAD_DATE),
        ("40886.5", "2011-12-09T04:00:00+00:00"),
    ],
)
def test_instants_without_an_offset_are_of_the_companys_zone(cell, expected):
    assert dates.instant(zone=SHANGHAI)(cell) == expected


def test_codes_are_folded_and_texts_kept():
    assert values.code(at_most=5)("  Ａ１\u3000 2 ") == "A1 2"
    assert values.text(at_most=5)("\u3000Ａ１ ") == "Ａ１"
    assert values.code(at_most=5)("123456") is Problem.TOO_LONG
    assert values.text(at_most=5)("123456") is Problem.TOO_LONG


def parser(columns, name):
    column = next(column for column in columns if column.name == name)
    return column.parser(Reading(zone=UTC))


def test_choices_are_known_by_their_words_in_three_languages():
    channel = parser(VISITS, "channel")

    assert [channel(word) for word in ("on_site", "Phone call", "微信", "到訪", "", "pigeon")] == [
        "on_site",
        "phone",
        "message",
        "came_to_us",
        "",
        Problem.NOT_A_CHOICE,
    ]


def test_places_mail_addresses_and_currencies_are_checked():
    assert parser(CUSTOMERS, "latitude")("91") is Problem.OUT_OF_RANGE
    assert parser(CUSTOMERS, "latitude")("31.2304") == "31.2304"
    assert parser(CUSTOMERS, "email")("li@example.com") == "li@example.com"
    assert parser(CUSTOMERS, "email")("li at example") is Problem.BAD_EMAIL
    assert [values.currency(word) for word in (" gbp", "人民币", "", "Taler")] == [
        "GBP",
        "CNY",
        "",
        Problem.NOT_A_CURRENCY,
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("'=1+1", "=1+1"),
        ("'+86 21", "+86 21"),
        ("'-7", "-7"),
        ("'@home", "@home"),
        ("'＝1", "＝1"),
        ("'\t=1", "=1"),
        ("'\r7", "7"),
        ("'\n7", "7"),
        ("' =1", "=1"),
        ("''=1", "''=1"),
        ("'7", "'7"),
        ("'t Hooft", "'t Hooft"),
        ("=1", "=1"),
        ("'", "'"),
    ],
)
def test_the_apostrophe_of_our_own_exports_is_no_part_of_the_cell(cell, expected):
    assert Remembered(values.text(at_most=20))[cell] == expected


def test_a_guarded_amount_is_an_amount():
    assert Remembered(values.number())["'-5 元"] == "-5"


def test_a_column_is_parsed_once_for_each_distinct_cell():
    seen = []
    answers = Remembered(lambda cell: seen.append(cell) or cell.upper())

    assert [answers[cell] for cell in ("a", "b", "a", "a")] == ["A", "B", "A", "A"]
    assert seen == ["a", "b"]
