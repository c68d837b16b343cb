"""What lines and payments say of a customer, by hand."""

import numpy as np
import pandas as pd

from tiering.signals.payments import Owed, Settled, payment_figures
from tiering.signals.trade import (
    FIGURES,
    Lines,
    TradeOverTime,
    taken_together,
    trade_figures,
)

AS_OF = 1_000
TEA, CUPS, POTS, SOAP = 1, 2, 3, 4
CATEGORIES = pd.Series({TEA: 0, CUPS: 1, POTS: 2})


def said(*lines, last_order):
    """Of customer 7; a line is product, day, worth."""
    product, day, worth = (np.array(each) for each in zip(*lines, strict=True))
    found = Lines(np.full(len(day), 7), product, day, worth.astype(float))
    last = pd.Series(last_order, index=[7])
    figures = trade_figures(taken_together(found), last, CATEGORIES)
    return figures.loc[7].tolist()


def test_the_windows_end_with_the_last_order():
    lines = [
        (TEA, 900, 5),
        (CUPS, 721, 5),
        (SOAP, 721, 5),
        (POTS, 720, 5),
        (TEA, 541, 5),
        (CUPS, 540, 5),
    ]

    assert said(*lines, last_order=900)[2:] == [2.0, 2.0]


def test_lines_of_one_day_are_one_purchase():
    twice = [(TEA, 600, 40), (TEA, 600, 40), (TEA, 610, 10), (CUPS, 900, 10)]

    assert np.isnan(said(*twice, last_order=900)[0])
    assert said(*twice, (TEA, 630, 10), last_order=900)[:2] == [TEA, 630]


def test_a_key_item_is_a_tenth_of_all():
    bought = [(TEA, 600, 1), (TEA, 610, 1), (TEA, 620, 1)]

    assert said(*bought, (CUPS, 900, 27), last_order=900)[:2] == [TEA, 620]
    assert np.isnan(said(*bought, (CUPS, 900, 28), last_order=900)[0])


def test_what_is_older_than_545_days_is_forgotten():
    bought = [(TEA, 356, 9), (TEA, 400, 9), (TEA, 500, 9), (CUPS, 900, 1)]

    assert said(*bought, last_order=900)[:2] == [TEA, 500]
    assert np.isnan(said(*bought, last_order=901)[0])


def test_an_item_that_comes_at_its_longest_gap_is_not_lost():
    bought = [(TEA, 500, 9), (TEA, 700, 9), (TEA, 710, 9), (CUPS, 910, 1)]

    assert np.isnan(said(*bought, last_order=910)[0])
    assert said(*bought, last_order=911)[:2] == [TEA, 710]


def test_the_rhythm_of_an_item_is_its_own():
    bought = [(TEA, 400, 1), (CUPS, 600, 9), (CUPS, 610, 9), (CUPS, 620, 9), (POTS, 700, 1)]

    assert said(*bought, last_order=700)[:2] == [CUPS, 620]


def test_nothing_is_said_of_no_lines():
    none = Lines(*(np.empty(0, dtype=code) for code in ("i8", "i8", "i8", "f8")))

    figures = trade_figures(taken_together(none), pd.Series(dtype=float), CATEGORIES)

    assert figures.empty
    assert list(figures) == FIGURES
    assert set(figures.dtypes) == {np.dtype("f8")}


def paid(owed, settled, as_of=AS_OF):
    """Of customer 7; owed: due, cents; settled: number of the document, day, cents, a payment?"""
    due, cents = np.array(owed).T
    owed = Owed(np.arange(len(due)), np.full(len(due), 7), due, due, cents)
    columns = [np.array(each) for each in zip(*settled, strict=True)] or [np.empty(0, int)] * 4
    settled = Settled(*columns[:3], columns[3].astype(bool))
    return payment_figures(owed, settled, as_of=as_of).loc[7].tolist()


def test_days_late_weigh_by_amount():
    owed = [(900, 300), (900, 100), (820, 100)]
    settled = [(0, 904, 300, True), (1, 880, 50, True), (1, 920, 50, True), (2, 830, 100, True)]

    assert paid(owed, settled) == [(4 * 300 + 20 * 50) / 400, 10.0, 2.0, 1.0]


def test_what_is_not_paid_is_late_until_today_and_by_90_days_at_most():
    owed = [(990, 100), (830, 100), (700, 100)]

    assert paid(owed, [(1, 900, 100, False)]) == [(10 + 0) / 2, 90.0, 2.0, 1.0]


def test_a_payment_of_a_later_day_has_not_come_yet():
    assert paid([(990, 100)], [(0, 1_001, 100, True)])[0] == 10


def test_what_fell_due_545_days_ago_is_forgotten():
    late, before, *dues = paid([(456, 100), (455, 100), (990, 100), (1_001, 100)], [])

    assert (late, before, dues) == (10.0, 90.0, [1.0, 1.0])


def test_one_day_after_another_says_what_each_day_says_alone():
    draw = np.random.default_rng(5)
    size = 900
    bought = taken_together(
        Lines(
            draw.integers(1, 13, size),
            draw.integers(1, 6, size),
            np.sort(draw.integers(0, 900, size)),
            draw.random(size),
        )
    )
    over_time = TradeOverTime(bought, CATEGORIES)

    for day in (700, 707, 707, 714, 900, 650, 714, 12):
        seen = pd.Series(bought.day[bought.day <= day]).groupby(bought.customer[bought.day <= day])
        last = seen.max().where(lambda each, day=day: each > day - 20).astype(float)
        alone = trade_figures(bought, last, CATEGORIES)
        pd.testing.assert_frame_equal(over_time.on(last), alone, check_index_type=False)
