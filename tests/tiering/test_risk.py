"""Chances become money at risk, and say who is at risk."""

import numpy as np
import pandas as pd
import pytest

from tiering.churn.fit import Params
from tiering.churn.risk import chances, continuing_value, is_at_risk, value_at_risk
from tiering.windows import order_rhythm

BOOK = Params(r=0.73, alpha=68.0, a=0.22, b=3.4)


def rhythm_of(days, as_of=1_000):
    return order_rhythm(np.ones(len(days), dtype=int), np.array(days), as_of=as_of)


def test_value_at_risk_is_the_expected_loss_of_90_days():
    assert value_at_risk([0.5, 1.0, 0.6], [365_000, 36_500, -10]).tolist() == [45_000, 9_000, 0]


def test_the_example_of_the_document():
    assert value_at_risk([0.62], [84_200_00]).tolist() == [12_872_22]


def test_continuing_value_never_falls_below_nothing():
    assert continuing_value([100_00, -5_00, 0], [0.2, 0.2, 0.9]).tolist() == [80_00, 0, 0]


def test_a_chance_is_reckoned_with_as_it_is_stored():
    found = chances(rhythm_of([700, 760, 800]), BOOK)

    assert found.map(lambda chance: chance == float(f"{chance:.6f}")).all(axis=None)
    assert found.loc[1, "p_none_180"] < found.loc[1, "p_none_90"] < 1


def test_a_frequent_buyer_fallen_silent_is_at_risk_before_a_rare_one():
    frequent = chances(rhythm_of(range(500, 880, 20)), BOOK).loc[1, "p_none_90"]
    rare = chances(rhythm_of([500, 690, 880]), BOOK).loc[1, "p_none_90"]

    assert frequent > rare


@pytest.mark.parametrize(
    ("days", "chance", "at_risk"),
    [
        ([700, 900], 0.60, True),
        ([700, 900], 0.59, False),
        ([500, 636], 0.99, True),
        ([500, 635], 0.99, False),
        ([700], 0.99, False),
        ([910, 950], 0.99, True),
        ([911, 950], 0.99, False),
    ],
    ids=[
        "at the threshold",
        "below it",
        "silent for a year less a day",
        "silent for a year",
        "bought once",
        "known for 90 days",
        "known for 89 days",
    ],
)
def test_at_risk_is_who_bought_within_a_year_and_is_not_new(days, chance, at_risk):
    rhythm = rhythm_of(days)

    found = is_at_risk(rhythm, pd.Series(chance, index=rhythm.index))

    assert found.tolist() == [at_risk]
