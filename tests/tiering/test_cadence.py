"""Own cadence: a badge for a silence that is long by the customer's own habit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.churn.cadence import BookCadence, book_cadence, own_cadence
from tiering.windows import order_rhythm

BOOK = BookCadence(mean=np.log(30), between=0.5, within=0.3)

gap_lists = st.lists(st.lists(st.integers(1, 400), max_size=12), max_size=12)


def rhythm_of(gaps_by_customer, *, silent=10):
    """Customers 1, 2, … with these gaps, all silent for the same number of days."""
    pairs = [
        (customer, day - sum(gaps) - silent)
        for customer, gaps in enumerate(gaps_by_customer, start=1)
        for day in np.cumsum([0, *gaps])
    ]
    customers, days = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return order_rhythm(customers, days, as_of=0)


def cadence_of(gaps, *, silent, book=BOOK):
    return own_cadence(rhythm_of([gaps], silent=silent), book).loc[1]


def test_variances_of_the_book_are_those_that_made_it():
    rng = np.random.default_rng(3)
    habits = rng.normal(np.log(40), np.sqrt(0.6), 4_000)
    gaps = [np.exp(rng.normal(habit, np.sqrt(0.4), rng.integers(1, 12))) for habit in habits]
    book = book_cadence(rhythm_of([np.maximum(np.rint(own), 1).astype(int) for own in gaps]))

    assert (book.mean, book.between, book.within) == pytest.approx((np.log(40), 0.6, 0.4), rel=0.06)


def test_a_customer_with_few_gaps_leans_on_the_book_and_one_with_many_on_itself():
    few, many = cadence_of([100, 100], silent=1), cadence_of([100] * 4, silent=1)

    assert 30 < few["usual_gap"] < many["usual_gap"] < 100


def test_five_own_gaps_are_shown_as_they_were():
    row = cadence_of([10, 20, 30, 40, 200], silent=1)

    assert (row["usual_gap"], row["most_gaps_under"], row["gaps_observed"]) == (30, 201, True)


def test_nine_of_ten_gaps_really_are_under_the_number_shown():
    gaps = [5, 8, 8, 9, 11, 13, 14, 21, 40, 90]
    shown = cadence_of(gaps, silent=1)["most_gaps_under"]

    assert sum(gap < shown for gap in gaps) == 9


def test_fewer_gaps_are_filled_in_by_the_model():
    row = cadence_of([30, 30], silent=1)

    assert not row["gaps_observed"]
    assert row["usual_gap"] == pytest.approx(30)
    deviation = np.sqrt(6 * 0.3 / 7)
    assert row["most_gaps_under"] == np.floor(30 * np.exp(1.2815516 * deviation)) + 1


@pytest.mark.parametrize(("silent", "late"), [(30, False), (60, False), (200, True)])
def test_late_is_beyond_nineteen_of_twenty_own_gaps(silent, late):
    assert bool(cadence_of([25, 30, 35, 30], silent=silent)["later_than_usual"]) is late


def test_the_example_of_the_document():
    assert cadence_of([25, 30, 35, 30], silent=60)["silence_quantile"] == pytest.approx(
        0.938, abs=5e-4
    )


@pytest.mark.parametrize("gaps", [[], [30]])
def test_without_two_own_gaps_nobody_is_late(gaps):
    row = cadence_of(gaps, silent=5_000)

    assert row["silence_quantile"] > 0.99
    assert not row["later_than_usual"]


def test_a_silence_of_no_days_is_shorter_than_every_gap():
    assert cadence_of([30, 30, 30], silent=0)["silence_quantile"] == 0


def test_clockwork_buyers_are_late_after_a_missed_beat_and_not_before():
    clockwork = [[30] * 10] * 200

    on_time = rhythm_of(clockwork, silent=30)
    missed = rhythm_of(clockwork, silent=45)

    cadence = own_cadence(on_time, book_cadence(on_time))
    assert cadence["silence_quantile"].to_numpy() == pytest.approx(0.5)
    assert not cadence["later_than_usual"].any()
    assert own_cadence(missed, book_cadence(missed))["later_than_usual"].all()


@pytest.mark.parametrize("gaps", [[], [[]], [[], [], []]], ids=["empty", "one", "no gaps"])
def test_a_book_without_gaps_has_no_cadence(gaps):
    rhythm = rhythm_of(gaps)
    cadence = own_cadence(rhythm, book_cadence(rhythm))

    assert book_cadence(rhythm) is None
    assert len(cadence) == len(gaps)
    assert cadence["usual_gap"].isna().all()
    assert not cadence["later_than_usual"].any()


@given(gap_lists, st.integers(0, 500))
def test_any_book_gives_a_share_for_everybody(gaps, silent):
    rhythm = rhythm_of(gaps, silent=silent)
    cadence = own_cadence(rhythm, book_cadence(rhythm))

    if any(gaps):
        assert cadence["silence_quantile"].between(0, 1).all()
        assert (cadence["most_gaps_under"] >= 1).all()


@given(gap_lists, st.randoms())
def test_order_of_rows_does_not_matter(gaps, random):
    rhythm = rhythm_of(gaps)
    shuffled = rhythm.loc[random.sample(list(rhythm.index), len(rhythm))]

    assert book_cadence(rhythm) == book_cadence(shuffled)
    cadence = own_cadence(shuffled, book_cadence(shuffled)).loc[rhythm.index]
    expected = own_cadence(rhythm, book_cadence(rhythm))
    pd.testing.assert_frame_equal(cadence, expected, check_exact=True)
