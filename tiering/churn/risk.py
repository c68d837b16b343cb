"""Pure: from chances to money at risk. Chances are of no order day in a horizon of days.

Money is whole cents of the base currency; results are rounded once, half to even.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.churn import mbg
from tiering.churn.fit import FloatArray, Params
from tiering.churn.slices import history_of, silence_chance
from tiering.windows import YEAR

ALERT_HORIZON = 90
GRADE_HORIZON = 180
ALERT_THRESHOLD = 0.60
NEW_DAYS = 90
HABIT_ORDER_DAYS = 2
# A chance is stored, shown and reckoned with at this precision, so that whoever
# recomputes a figure from a stored chance gets the same figure.
CHANCE_DECIMALS = 6


def chances(rhythm: pd.DataFrame, params: Params) -> pd.DataFrame:
    """One row per customer, index as `rhythm`: p_alive, p_none_90, p_none_180.

    `params` were fitted in days without holidays, see `history_of`.
    """
    columns = {
        "p_alive": mbg.p_alive(params, *history_of(rhythm)),
        "p_none_90": silence_chance(rhythm, params, ALERT_HORIZON),
        "p_none_180": silence_chance(rhythm, params, GRADE_HORIZON),
    }
    return pd.DataFrame(columns, index=rhythm.index).round(CHANCE_DECIMALS)


def is_at_risk(
    rhythm: pd.DataFrame, p_none_90: pd.Series, *, threshold: float = ALERT_THRESHOLD
) -> pd.Series:
    """Customers with an order day in 365 days whose chance of no order in 90 reaches the threshold.

    Newcomers are left out, as they have no habit to break: those with one order day, or
    with the first one less than 90 days ago.
    """
    is_new = (rhythm["age"] < NEW_DAYS) | (rhythm["order_days"] < HABIT_ORDER_DAYS)
    return (rhythm["order_days_365"] > 0) & ~is_new & (p_none_90 >= threshold)


def continuing_value(value_cents: npt.ArrayLike, p_none_180: npt.ArrayLike) -> FloatArray:
    """max(value, 0) x (1 - p_none of 180 days): the annual value likely to go on, in cents."""
    return np.rint(_positive(value_cents) * (1 - np.asarray(p_none_180)))


def value_at_risk(p_none_90: npt.ArrayLike, value_cents: npt.ArrayLike) -> FloatArray:
    """p_none of 90 days x max(value, 0) x 90/365: expected loss within the horizon, in cents."""
    share_of_year = ALERT_HORIZON / YEAR
    return np.rint(np.asarray(p_none_90) * _positive(value_cents) * share_of_year)


def _positive(value_cents: npt.ArrayLike) -> FloatArray:
    return np.maximum(np.asarray(value_cents, dtype=np.float64), 0)
