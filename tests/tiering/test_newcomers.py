"""When a second order is due: the first gaps of the book."""

import numpy as np
import pytest

from tests.tiering.test_cadence import rhythm_of
from tiering.churn.cadence import book_cadence, own_cadence
from tiering.churn.newcomers import first_gap, with_first_gaps


def newcomers_of(gaps_by_customer):
    rhythm = rhythm_of(gaps_by_customer)
    return first_gap(rhythm, book_cadence(rhythm))


def test_only_the_first_gap_of_each_customer_counts():
    rhythm = rhythm_of([[7, 99], [], [30]])

    assert rhythm["first_gap"].tolist() == [7, pytest.approx(np.nan, nan_ok=True), 30]


def test_from_twenty_first_gaps_on_they_speak_for_themselves():
    book = [[days, 400, 400] for days in range(1, 21)]

    # Half of 1 … 20 are at most 10.5; 18 of 20 are at most 18.
    assert newcomers_of(book) == (10.5, 19)


def test_few_first_gaps_lean_on_the_book():
    alone = newcomers_of([[20] * 30, [20] * 30])
    pulled = newcomers_of([[5] + [20] * 30, [5] + [20] * 30])

    assert alone.usual == pytest.approx(20)
    assert 5 < pulled.usual < 20
    assert pulled.usual < pulled.most_under


def test_a_customer_with_one_order_day_waits_as_long_as_newcomers_do():
    rhythm = rhythm_of([*([days, 400] for days in range(1, 21)), []])
    book = book_cadence(rhythm)

    shown = with_first_gaps(own_cadence(rhythm, book), rhythm, book)

    assert shown.loc[21, ["usual_gap", "most_gaps_under"]].tolist() == [10.5, 19]
    before = own_cadence(rhythm, book)
    assert shown.loc[1:20, "usual_gap"].equals(before.loc[1:20, "usual_gap"])


def test_a_book_without_any_gap_knows_nothing():
    rhythm = rhythm_of([[], []])

    assert first_gap(rhythm, None) is None
    assert with_first_gaps(own_cadence(rhythm, None), rhythm, None)["usual_gap"].isna().all()
