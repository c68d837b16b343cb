"""The raw figures of the computed criteria, and how a customer behaves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.criteria import UNPAID, Dues, criteria
from tiering.ledger import NO_COST, Documents, Ledger
from tiering.points import COMPUTED, column

TODAY = 2_000


def figures_of(rows, *, dues=(), categories=None, profit=False):
    """Raw figures of customer 1 from (days ago, cents[, cost])."""
    columns = [(1, TODAY - ago, cents, *(cost or (NO_COST,))) for ago, cents, *cost in rows]
    documents = Documents(*(np.array(each, dtype=np.int64) for each in zip(*columns, strict=True)))
    ledger = Ledger(documents)
    ledger.advance(TODAY)
    due = [
        (1, TODAY - ago, UNPAID if paid is None else TODAY - paid, cents)
        for ago, paid, cents in dues
    ]
    found = criteria(
        ledger.facts(),
        documents,
        as_of=TODAY,
        value_is_profit=profit,
        dues=Dues(*np.array(due, dtype=np.int64).T) if due else None,
        categories=categories,
    )
    return found.loc[1].rename(lambda name: name.removeprefix("criterion_"))


def test_every_computed_criterion_has_a_column():
    assert set(figures_of([(0, 1)]).index) == set(COMPUTED)
    assert column("profit") == "criterion_profit"


def test_profit_and_margin():
    found = figures_of([(10, 1_000, 700), (20, 500, 350)], profit=True)

    assert (found["profit"], found["margin"]) == (450, 0.3)
    assert np.isnan(figures_of([(10, 1_000)])["margin"])


def test_continuity_is_a_year_less_the_longest_silence():
    assert figures_of([(700, 1), (200, 1), (100, 1)])["continuity"] == 365 - 165
    assert figures_of([(100, 1), (80, 1)])["continuity"] == 365 - 80
    assert np.isnan(figures_of([(89, 1), (80, 1)])["continuity"])


def test_loyalty_is_the_share_of_months_with_an_order():
    """Periods of 30 days from today back: 0 to 29, 30 to 59, …; after 100 days there are four."""
    assert figures_of([(100, 1), (95, 1), (29, 1), (30, 1)])["loyalty"] == 3 / 4
    assert figures_of([(800, 1), (359, 1), (360, 1), (0, 1)])["loyalty"] == 2 / 12


def test_growth_compares_with_the_same_season_of_the_year_before():
    known_long = figures_of([(700, 1), (450, 100), (100, 300), (300, 7_000)])
    known_a_year = figures_of([(400, 1), (300, 100), (100, 300)])

    assert known_long["growth"] == 0.5
    assert known_a_year["growth"] == 0.5
    assert np.isnan(figures_of([(359, 1), (100, 300)])["growth"])


def test_order_size_is_a_third_of_the_three_largest_order_days():
    found = figures_of([(400, 9_000), (30, 500), (30, 100), (20, 300), (10, 200), (5, 1), (3, -50)])

    assert found["order_size"] == (600 + 300 + 200) / 3


def test_promptness_is_the_mean_lateness_by_amount():
    """100 paid on the day, 100 ten days late, 200 forty days overdue: 8,000 + 1,000 by 400."""
    found = figures_of([(50, 1_000)], dues=[(60, 60, 100), (30, 20, 100), (40, None, 200)])

    assert found["promptness"] == -(10 * 100 + 40 * 200) / 400
    assert found["credit"] == 1 - 200 / 1_000


def test_early_is_not_late_and_nothing_is_late_by_more_than_ninety_days():
    dues = [(10, 300, 100), (300, None, 100)]

    assert figures_of([(50, 1_000)], dues=dues)["promptness"] == -45


def test_a_payment_that_comes_later_has_not_come():
    found = figures_of([(50, 1_000)], dues=[(20, -5, 100), (-3, None, 900)])

    assert (found["promptness"], found["credit"]) == (-20, 0.9)


def test_whoever_owes_and_buys_no_more_has_no_credit():
    assert figures_of([(500, 1_000)], dues=[(400, None, 100)])["credit"] == 0
    assert figures_of([(500, 1_000)], dues=[(300, 310, 100)])["credit"] == 1


def test_without_due_dates_nothing_is_known_of_payment():
    assert figures_of([(50, 1_000)])[["promptness", "credit"]].isna().all()


def test_breadth_is_the_number_of_categories():
    assert figures_of([(50, 1)], categories=pd.Series({1: 4}))["breadth"] == 4


rows = st.lists(st.tuples(st.integers(0, 800), st.integers(1, 1_000)), min_size=1, max_size=15)


@given(rows, st.integers(1, 1_000))
def test_a_new_order_today_lowers_no_figure(rows, cents):
    before, after = figures_of(rows), figures_of([*rows, (0, cents)])

    known = before.notna()
    assert (after[known] >= before[known]).all()


@given(rows, st.randoms())
def test_the_order_of_documents_does_not_matter(rows, random):
    shuffled = figures_of(random.sample(rows, len(rows)))

    pd.testing.assert_series_equal(figures_of(rows), shuffled)


@pytest.mark.parametrize("name", ["continuity", "loyalty", "growth", "order_size"])
def test_what_comes_after_today_is_not_known(name):
    rows = [(700, 5), (450, 10), (100, 30)]

    assert figures_of([*rows, (-10, 1_000)])[name] == figures_of(rows)[name]
