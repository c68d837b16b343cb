"""What a policy can measure."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.bases import BASES, measured, monthly_average
from tiering.churn.fit import Params
from tiering.churn.risk import chances
from tiering.rules import BASES as BASIS_CODES
from tiering.rules import PointRules, Policy
from tiering.scoring import grade
from tiering.windows import order_rhythm

BOOK = Params(r=0.73, alpha=68.0, a=0.22, b=3.4)
POINTS = PointRules({"profit": 100}, {"profit": ((0, 0), (50_000, 100))})
VALUE_BASES = ["continuing_value", "value", "revenue", "arpu"]


def facts_of(value=0, **others):
    figures = {
        "value_cents": value,
        "revenue_cents": value,
        "p_none_180": 0.25,
        "age": 700.0,
        "order_days_365": 1,
    }
    rows = max(np.size(each) for each in [value, *others.values()])
    index = pd.RangeIndex(1, rows + 1, name="customer")
    frame = pd.DataFrame(figures | others, index=index)
    return frame.assign(criterion_profit=frame["value_cents"])


def scores_of(basis, facts):
    return measured(facts, Policy(basis=basis, points=POINTS)).tolist()


def test_every_basis_of_a_policy_can_be_measured():
    assert set(BASES) == set(BASIS_CODES)


def test_the_bases_of_one_customer():
    facts = facts_of([40_000], revenue_cents=[60_000])

    assert scores_of("continuing_value", facts) == [30_000]
    assert scores_of("value", facts) == [40_000]
    assert scores_of("revenue", facts) == [60_000]
    assert scores_of("arpu", facts) == [5_000]
    assert scores_of("points", facts) == [8_000]


def test_a_monthly_average_is_over_the_months_known_three_to_twelve():
    """365/12 days are a month; a day more begins another one."""
    found = monthly_average([36_000] * 6, [0, 90, 91, 182, 364, np.nan])

    assert found.tolist() == [12_000, 12_000, 9_000, 5_143, 3_000, 3_000]


def test_nothing_is_left_of_nothing_whether_or_not_a_chance_is_known():
    facts = facts_of([-500, 0, 500], p_none_180=[np.nan, np.nan, 0.5])

    assert scores_of("continuing_value", facts) == [0, 0, 250]


@pytest.mark.parametrize(
    ("basis", "missing"), [("continuing_value", "p_none_180"), ("revenue", "revenue_cents")]
)
def test_a_missing_figure_is_an_error_and_no_silent_default(basis, missing):
    facts = facts_of([500]).assign(**{missing: np.nan})

    with pytest.raises(ValueError, match=basis):
        scores_of(basis, facts)


# Whole money and per cent, so that no amount that follows from a chance has to be rounded.
amounts = st.lists(st.integers(-100, 5_000).map(lambda whole: 12 * 100 * whole), min_size=1)


@given(amounts.filter(len), st.integers(2, 1_000), st.sampled_from(VALUE_BASES), st.data())
def test_the_currency_moves_nobody(values, factor, basis, data):
    percent = data.draw(st.lists(st.integers(0, 100), min_size=len(values), max_size=len(values)))
    facts = facts_of(values, p_none_180=np.array(percent) / 100)
    money = ["value_cents", "revenue_cents"]
    scaled = facts.assign(**{name: facts[name] * factor for name in money})
    policy = Policy(basis=basis)

    before, after = (grade(book, policy=policy)["computed_grade"] for book in (facts, scaled))

    assert before.tolist() == after.tolist()


days = st.sets(st.integers(0, 900), min_size=1, max_size=20)
orders = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 10**6)), min_size=1, max_size=20)


def own_facts(orders, as_of=900):
    """The facts of one customer with these (day, cents)."""
    bought = np.array(sorted({day for day, _ in orders}))
    rhythm = order_rhythm(np.ones(len(bought), dtype=int), bought, as_of=as_of)
    value = sum(cents for day, cents in orders if day > as_of - 365)
    facts = rhythm.join(chances(rhythm, BOOK))
    return facts.assign(value_cents=value, revenue_cents=value, criterion_profit=value)


@given(orders, st.integers(1, 10**6), st.sampled_from([*VALUE_BASES, "points"]))
def test_more_profit_never_lowers_a_score(orders, more, basis):
    richer = [(orders[0][0], orders[0][1] + more), *orders[1:]]

    assert scores_of(basis, own_facts(richer)) >= scores_of(basis, own_facts(orders))


@given(orders, st.integers(1, 10**6), st.sampled_from([*VALUE_BASES, "points"]))
def test_a_new_order_today_never_lowers_a_score(orders, cents, basis):
    again = [*orders, (900, cents)]

    assert scores_of(basis, own_facts(again)) >= scores_of(basis, own_facts(orders))
