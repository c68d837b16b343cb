"""One of four for every customer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.behaviour import BEHAVIOURS, FAST, behaviour

STEADY = {
    "order_days": 20,
    "order_days_180": 5,
    "order_days_365": 10,
    "age": 900.0,
    "silent_days": 20.0,
    "value_cents": 500_00,
    "criterion_growth": 0.0,
    "criterion_potential": np.nan,
}


def behaviours_of(*customers):
    return behaviour(pd.DataFrame([STEADY | each for each in customers])).tolist()


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ({}, "loyal"),
        ({"silent_days": 179}, "loyal"),
        ({"silent_days": 180}, "sleeping"),
        ({"age": 179}, "promising"),
        ({"age": 180}, "loyal"),
        ({"order_days": 0, "age": np.nan, "silent_days": np.nan}, "promising"),
        ({"criterion_growth": 30 / 230}, "growing"),
        ({"criterion_growth": 29 / 229}, "loyal"),
        ({"criterion_growth": 1.0, "order_days_180": 1}, "loyal"),
        ({"criterion_growth": np.nan}, "loyal"),
        ({"criterion_growth": 1.0, "age": 100}, "promising"),
        ({"silent_days": 180, "age": 180, "criterion_potential": 5}, "sleeping"),
    ],
)
def test_the_first_rule_that_fits_decides(customer, expected):
    assert behaviours_of(customer) == [expected]


def test_small_with_potential_is_promising():
    small, large = {"value_cents": 100}, {"value_cents": 900}

    found = behaviours_of(
        small | {"criterion_potential": 4},
        small | {"criterion_potential": 3},
        large | {"criterion_potential": 5},
        large,
    )

    assert found == ["promising", "loyal", "loyal", "loyal"]


def test_without_ratings_everybody_still_has_a_behaviour():
    facts = pd.DataFrame([STEADY]).drop(columns="criterion_potential")

    assert behaviour(facts).tolist() == ["loyal"]


def test_thirty_per_cent_more_is_fast():
    assert pytest.approx(1.3) == (1 + FAST) / (1 - FAST)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "order_days": st.integers(0, 3),
                "silent_days": st.integers(0, 400) | st.just(np.nan),
                "age": st.integers(0, 800) | st.just(np.nan),
                "criterion_growth": st.floats(-1, 1) | st.just(np.nan),
                "criterion_potential": st.integers(1, 5) | st.just(np.nan),
                "value_cents": st.integers(-10, 10),
            }
        ),
        min_size=1,
        max_size=20,
    )
)
def test_everybody_is_exactly_one_of_four(customers):
    assert set(behaviours_of(*customers)) <= set(BEHAVIOURS)
