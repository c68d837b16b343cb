"""Pure: how a customer behaves, beside what it is worth: one of four, each with its advice.

The first rule that fits decides:

sleeping    has ordered, but not within 180 days
promising   has never ordered; or its first order is less than 180 days ago; or its owner
            rates its potential 4 or 5 and its value is below the median of the eligible
growing     revenue of 180 days up by 30 per cent or more, on two order days or more
loyal       everybody else
"""

import numpy as np
import pandas as pd

from tiering.points import column

BEHAVIOURS = ("loyal", "growing", "sleeping", "promising")
ASLEEP = 180
NEW = 180
HIGH_POTENTIAL = 4
# (130 - 100) / (130 + 100): growth is measured as a share of both halves, see `criteria`.
FAST = 30 / 230
ORDER_DAYS_OF_GROWTH = 2


def behaviour(facts: pd.DataFrame) -> pd.Series:
    """One of BEHAVIOURS for every customer; index as `facts`.

    Reads order_days, order_days_180, order_days_365, age and silent_days (of customers
    with an order day), value_cents and criterion_growth; criterion_potential where kept.
    """
    ordered = facts["order_days"] > 0
    asleep = ordered & (facts["silent_days"] >= ASLEEP)
    new = ~ordered | (facts["age"] < NEW)
    fast = facts[column("growth")] >= FAST
    growing = fast & (facts["order_days_180"] >= ORDER_DAYS_OF_GROWTH)
    names = np.select(
        [asleep, new | _small_with_potential(facts), growing],
        ["sleeping", "promising", "growing"],
        "loyal",
    )
    return pd.Series(names.astype(object), index=facts.index, name="behaviour")


def _small_with_potential(facts: pd.DataFrame) -> pd.Series:
    if column("potential") not in facts:
        return pd.Series(False, index=facts.index)
    middle = facts["value_cents"][facts["order_days_365"] > 0].median()
    high = facts[column("potential")] >= HIGH_POTENTIAL
    return high & (facts["value_cents"] < middle)
