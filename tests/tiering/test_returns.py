"""How often those who were away came back: cells by hand, and nothing of the future."""

from datetime import date

import numpy as np
import pytest

from tiering.churn.measures import interval
from tiering.churn.returns import AWAY, MONTHS, Cell, months_in, origins_closed, returns_of
from tiering.windows import day_number

AS_OF = date(2025, 3, 10)
TODAY = day_number(AS_OF)
NEWEST = TODAY - 180


def cells(orders, as_of=AS_OF):
    """By (class away, class of order days) what was seen; `orders`: (customer, day number)."""
    customers, days = (np.array(column, dtype=np.int64) for column in zip(*orders, strict=True))
    found = returns_of(customers, days, as_of=as_of)
    return {(c.away, c.orders): (c.n, c.seen, c.returned) for c in found if c.n}


def test_classes_begin_with_whole_months():
    assert [months_in(days) for days in AWAY] == list(MONTHS)
    assert [months_in(days - 1) for days in AWAY[1:]] == [months - 1 for months in MONTHS[1:]]


def test_the_newest_origin_is_closed_and_the_others_lie_months_before():
    origins = origins_closed(AS_OF)

    assert (origins[-1], origins[-2], len(origins)) == (NEWEST, NEWEST - 30, 36)


def test_one_silence_by_hand():
    # Away 10 days at the newest origin, 340 at no other: one cell, and back after 170 days.
    assert cells([(7, NEWEST - 10), (7, NEWEST + 160)]) == {(1, 1): (1, 1, 1)}
    # A day too late is no return; on the last day it is one.
    assert cells([(7, NEWEST - 10), (7, NEWEST + 181)]) == {(1, 1): (1, 1, 0)}
    assert cells([(7, NEWEST - 10), (7, NEWEST + 180)]) == {(1, 1): (1, 1, 1)}


def test_an_order_on_the_origin_ends_the_silence_before_it():
    found = cells([(7, NEWEST - 29), (7, NEWEST)])

    assert found == {(1, 2): (1, 1, 0)}


def test_a_silence_of_many_months_is_one_case_in_each_class():
    # 100 days before the newest origin: away 10, 40, 70 days, and 100 in the class after.
    found = cells([(7, NEWEST - 100)])

    assert found == {(1, 1): (1, 3, 0), (2, 1): (1, 1, 0)}


def test_order_days_are_counted_as_of_the_origin_each_day_once():
    days = [NEWEST - 20, NEWEST - 20, NEWEST - 21, NEWEST - 22, NEWEST - 23, NEWEST + 1]

    assert cells([(7, day) for day in days]) == {(1, 3): (1, 1, 1)}


def test_what_comes_after_the_horizon_changes_nothing_and_order_does_not_matter():
    rng = np.random.default_rng(3)
    book = [(int(c), int(d)) for c, d in rng.integers((1, TODAY - 1500), (80, TODAY), (900, 2))]
    later = [(int(c), TODAY + int(d)) for c, d in rng.integers((1, 1), (80, 400), (300, 2))]

    expected = cells(book)

    assert len(expected) > 5
    assert cells(book + later) == expected
    assert cells(book[::-1]) == expected


def test_against_a_plain_count():
    rng = np.random.default_rng(5)
    book = sorted(
        {(int(c), int(d)) for c, d in rng.integers((1, NEWEST - 900), (40, TODAY), (300, 2))}
    )
    slow = {}
    for origin in origins_closed(AS_OF):
        for customer in {c for c, _ in book}:
            known = [d for c, d in book if c == customer and d <= origin]
            if not known:
                continue
            back = any(origin < d <= origin + 180 for c, d in book if c == customer)
            away = sum(origin - known[-1] >= edge for edge in AWAY)
            orders = sum(len(known) >= edge for edge in (1, 2, 4, 10))
            silences, seen, returned = slow.get((away, orders), (set(), 0, 0))
            silences.add((customer, known[-1]))
            slow[away, orders] = (silences, seen + 1, returned + back)

    assert cells(book) == {key: (len(s), seen, r) for key, (s, seen, r) in slow.items()}


def test_the_interval_is_that_of_the_silences_not_of_their_months():
    cell = Cell(5, 2, n=40, seen=200, returned=50)

    assert cell.share == 0.25
    assert cell.interval == interval(10, 40)
    assert Cell(1, 1, 0, 0, 0).interval == (0.0, 1.0)


@pytest.mark.parametrize("orders", [[], [(1, TODAY)], [(1, TODAY + 5)], [(1, -40_000)]])
def test_odd_books_have_cells_too(orders):
    customers = np.array([c for c, _ in orders], dtype=np.int64)
    days = np.array([d for _, d in orders], dtype=np.int64)

    found = returns_of(customers, days, as_of=AS_OF)

    assert len(found) == 32
    assert sum(cell.returned for cell in found) == 0
