"""Pure: what a policy measures, for every customer of a night.

The facts frame has one row per customer. A basis reads these of its columns:

value_cents       int64, whole cents of the base currency, so that sums and ties are
                  exact: net amounts of the last 365 days, gross profit where costs are
                  known; may be negative
revenue_cents     int64, the same in net revenue, whatever value is measured in
p_none_180        chance of no order day in 180 days; read where value_cents is above 0
age               days since the first order day; NaN without one
criterion_<code>  raw figures of the criteria, see `tiering.points`

A score is float64, a whole number of its unit: cents, or hundredths of a point.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.churn.risk import continuing_value
from tiering.points import breakdown
from tiering.rules import Policy, PolicyError

FloatArray = npt.NDArray[np.float64]

MONTHS = 12
DAYS_OF_MONTH = 365 / MONTHS
# A customer of a week has no monthly average yet.
FEWEST_MONTHS = 3


def measured(facts: pd.DataFrame, policy: Policy) -> pd.Series:
    """The score of every customer; index as `facts`.

    Raises ValueError where a figure that the basis needs is missing: nothing is assumed.
    """
    scores = pd.Series(BASES[policy.basis](facts, policy), index=facts.index, name="score")
    if scores.isna().any():
        raise ValueError(f"Basis {policy.basis} needs figures that are missing.")
    return scores


def amounts(facts: pd.DataFrame, scores: pd.Series, policy: Policy) -> pd.Series:
    """What the cumulative scheme adds up: money, and for points the value in cents."""
    return facts["value_cents"] if policy.basis == "points" else scores


def monthly_average(revenue_cents: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
    """Revenue of 365 days per month known, from 3 to 12 of them; whole cents."""
    return np.rint(np.asarray(revenue_cents, dtype=np.float64) / months_known(age))


def months_known(age: npt.ArrayLike) -> FloatArray:
    """Months begun since the first order, 3 to 12 of them; 12 where there is none (NaN)."""
    known = np.ceil((np.asarray(age, dtype=np.float64) + 1) / DAYS_OF_MONTH)
    return np.clip(np.nan_to_num(known, nan=math.inf), FEWEST_MONTHS, MONTHS)


def _value(facts: pd.DataFrame, _: Policy) -> FloatArray:
    return facts["value_cents"].to_numpy(dtype=np.float64)


def _continuing_value(facts: pd.DataFrame, _: Policy) -> FloatArray:
    """Nothing is left of nothing, whether or not a chance is known."""
    chances = facts["p_none_180"].where(facts["value_cents"] > 0, 0)
    return continuing_value(facts["value_cents"], chances)


def _revenue(facts: pd.DataFrame, _: Policy) -> FloatArray:
    return facts["revenue_cents"].to_numpy(dtype=np.float64)


def _arpu(facts: pd.DataFrame, _: Policy) -> FloatArray:
    return monthly_average(facts["revenue_cents"], facts["age"])


def _points(facts: pd.DataFrame, policy: Policy) -> FloatArray:
    if policy.points is None:
        raise PolicyError("no_weights")
    return breakdown(facts, policy.points).score.to_numpy(dtype=np.float64)


BASES: Mapping[str, Callable[[pd.DataFrame, Policy], FloatArray]] = {
    "continuing_value": _continuing_value,
    "value": _value,
    "revenue": _revenue,
    "arpu": _arpu,
    "points": _points,
}
