"""Order days become one row of rhythm figures per customer."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.windows import day_number, is_live, order_rhythm, worked_between

AS_OF = 1_000

order_days = st.lists(
    st.tuples(st.integers(1, 6), st.integers(-200, 1_100)), unique=True, max_size=60
)


def rhythm_of(pairs, as_of=AS_OF):
    ordered = sorted(pairs)
    customers = np.array([customer for customer, _ in ordered], dtype=np.int64)
    days = np.array([day for _, day in ordered], dtype=np.int64)
    return order_rhythm(customers, days, as_of=as_of)


def test_figures_that_can_be_checked_by_hand():
    days = [600, 610, 630, 640, 940]
    row = rhythm_of([(7, day) for day in days]).loc[7]

    assert row["first_order_day"] == 600
    assert row["last_order_day"] == 940
    assert (row["order_days"], row["repeats"]) == (5, 4)
    assert (row["order_days_365"], row["order_days_180"], row["order_days_90"]) == (2, 1, 1)
    assert (row["age"], row["recency"], row["silent_days"]) == (400, 340, 60)
    assert row["gap_median"] == 15  # gaps 10, 20, 10, 300
    assert row["gap_nine_tenths"] == 300
    assert row["log_gap_mean"] == pytest.approx(np.log([10, 20, 10, 300]).mean())


@pytest.mark.parametrize(("silent", "seen"), [(364, 1), (365, 0)])
def test_a_window_of_365_days_leaves_out_the_day_365_days_ago(silent, seen):
    assert rhythm_of([(1, AS_OF - silent)])["order_days_365"].tolist() == [seen]


def test_nine_of_ten_gaps_are_counted_and_not_interpolated():
    gaps = [5, 6, 7, 8, 9, 10, 11, 12, 13, 400]
    days = np.cumsum([0, *gaps])

    assert rhythm_of([(1, int(day)) for day in days]).loc[1, "gap_nine_tenths"] == 13


def test_orders_after_the_day_are_unknown_to_it():
    past = [(1, 900), (1, 950), (2, 990)]

    later = rhythm_of([*past, (1, 1_001), (2, 1_050), (3, 1_001)])

    pd.testing.assert_frame_equal(later, rhythm_of(past))


def test_an_empty_book_has_no_rows_and_all_columns():
    empty = rhythm_of([])

    assert len(empty) == 0
    assert list(empty) == list(rhythm_of([(1, 1)]))
    assert is_live(empty).tolist() == []


def test_a_single_order_has_no_gaps():
    row = rhythm_of([(1, 900)]).loc[1]

    assert row["repeats"] == 0
    assert row[["log_gap_mean", "log_gap_squares", "gap_median", "gap_nine_tenths"]].isna().all()


@pytest.mark.parametrize(
    "pairs", [[(1, 5), (1, 5)], [(1, 6), (1, 5)], [(2, 5), (1, 6)], [(1, 5), (2, 6), (1, 7)]]
)
def test_days_that_are_double_or_unsorted_are_refused(pairs):
    customers, days = np.array(pairs).T

    with pytest.raises(ValueError, match="distinct and sorted"):
        order_rhythm(customers, days, as_of=AS_OF)


@pytest.mark.parametrize(
    ("days", "live"),
    [([820, 819, 1], True), ([819, 818, 1], False), ([999, 998], False)],
)
def test_live_is_three_order_days_and_silent_180_days_at_most(days, live):
    assert is_live(rhythm_of([(1, day) for day in days])).tolist() == [live]


def test_days_before_1970_are_negative():
    assert day_number(date(1969, 12, 31)) == -1
    assert day_number(date(2011, 12, 9)) == np.datetime64("2011-12-09", "D").astype(int)


@given(order_days)
def test_every_customer_is_as_if_computed_alone(pairs):
    together = rhythm_of(pairs)

    for customer, row in together.iterrows():
        alone = rhythm_of([pair for pair in pairs if pair[0] == customer])
        pd.testing.assert_series_equal(alone.loc[customer], row)


@given(order_days)
def test_figures_equal_a_slow_and_plain_computation(pairs):
    rhythm = rhythm_of(pairs)
    known = sorted(pair for pair in pairs if pair[1] <= AS_OF)

    assert rhythm.index.tolist() == sorted({customer for customer, _ in known})
    for customer, row in rhythm.iterrows():
        days = np.array([day for buyer, day in known if buyer == customer])
        gaps = np.diff(days)
        assert row["order_days_180"] == sum(AS_OF - 180 < day <= AS_OF for day in days)
        if len(gaps):
            assert row["gap_median"] == np.median(gaps)
            assert row["gap_nine_tenths"] == np.quantile(gaps, 0.9, method="inverted_cdf")
            logs = np.log(gaps)
            assert row["log_gap_squares"] == pytest.approx(logs.var() * len(logs), abs=1e-9)


def test_holidays_are_no_silence_and_no_gap():
    holidays = np.array([20, 21, 22, 95])
    customers, days = np.array([1, 1, 1, 2, 2]), np.array([10, 30, 90, 20, 22])

    found = order_rhythm(customers, days, as_of=100, holidays=holidays)

    assert found["silent_days"].tolist() == [10, 78]
    assert found["silence"].tolist() == [9, 77]
    # 20 days less 3 holidays, 60 days; two orders within one holiday lie a day apart.
    assert found["first_gap"].tolist() == [17, 1]
    assert found.loc[1, "gap_median"] == 38.5
    assert found["recency"].tolist() == [80, 2]
    plain = order_rhythm(customers, days, as_of=100)
    assert plain["silence"].equals(plain["silent_days"])


def test_every_day_of_a_silence_counts_once():
    last = np.arange(0, 11)
    holidays = np.array([-3, 4, 5, 10, 12])
    by_hand = [sum(day not in holidays for day in range(day + 1, 11)) for day in last]

    assert worked_between(last, 10, holidays).tolist() == by_hand
