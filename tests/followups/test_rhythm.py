from datetime import date, timedelta
from decimal import Decimal

from followups.rhythm import first_month, rhythm

UNTIL = date(2025, 3, 10)


def days_ago(*days):
    return [(UNTIL - timedelta(days=n), Decimal(100)) for n in days]


def test_the_chart_begins_with_the_month_two_years_back():
    assert first_month(UNTIL) == date(2023, 4, 1)
    assert first_month(date(2025, 12, 31)) == date(2024, 1, 1)


def test_gaps_are_days_between_order_days():
    shown = rhythm(days_ago(30, 12, 5), until=UNTIL, usual_gap=None)

    assert [day.gap for day in shown.days] == [None, 18, 7]
    assert shown.silent_days == 5


def test_several_orders_of_a_day_are_one_and_returns_are_none():
    documents = [(UNTIL, Decimal(70)), (UNTIL, Decimal(30)), (UNTIL, Decimal(-20))]
    documents += [(UNTIL - timedelta(days=3), Decimal(-5))]

    shown = rhythm(documents, until=UNTIL, usual_gap=None)

    assert [(day.on, day.amount) for day in shown.days] == [(UNTIL, Decimal(100))]
    assert shown.months[-1].amount == Decimal(75)


def test_every_document_of_the_two_years_is_in_exactly_one_month():
    documents = [(date(2023, 3, 31), Decimal(9)), (date(2023, 4, 1), Decimal(1))]
    documents += [(date(2024, 2, 29), Decimal(2)), (UNTIL, Decimal(4))]
    documents += [(UNTIL + timedelta(days=1), Decimal(8))]

    months = rhythm(documents, until=UNTIL, usual_gap=None).months

    assert len(months) == 24
    assert sum(month.amount for month in months) == Decimal(7)
    assert (months[10].first, months[10].last, months[10].amount) == (
        date(2024, 2, 1),
        date(2024, 2, 29),
        Decimal(2),
    )


def test_as_many_orders_are_missing_as_usual_gaps_have_passed():
    shown = rhythm(days_ago(63), until=UNTIL, usual_gap=18.0)

    assert [UNTIL - day for day in shown.missing] == [timedelta(days=n) for n in (45, 27, 9)]


def test_holidays_miss_no_order():
    holidays = frozenset(UNTIL - timedelta(days=n) for n in range(40, 47))  # seven of the 63 days

    shown = rhythm(days_ago(63), until=UNTIL, usual_gap=18.0, holidays=holidays)

    # 56 days count: three gaps of 18; the first would have ended on a holiday.
    assert [UNTIL - day for day in shown.missing] == [timedelta(days=n) for n in (38, 20, 2)]


def test_nothing_is_missing_before_the_first_gap_has_passed():
    assert rhythm(days_ago(17), until=UNTIL, usual_gap=18.0).missing == []
    assert rhythm([], until=UNTIL, usual_gap=18.0).missing == []
    assert rhythm(days_ago(17), until=UNTIL, usual_gap=None).missing == []


def test_a_long_silence_does_not_fill_the_chart_with_missing_orders():
    assert len(rhythm(days_ago(600), until=UNTIL, usual_gap=2.0).missing) == 12


def test_the_chart_of_a_new_customer_begins_with_its_first_order():
    shown = rhythm(days_ago(40), until=UNTIL, usual_gap=None, first_order_on=date(2025, 1, 29))

    assert [month.first for month in shown.months] == [
        date(2025, 1, 1),
        date(2025, 2, 1),
        date(2025, 3, 1),
    ]
