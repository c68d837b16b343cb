"""Pure: what a chance of no order is made of, part by part, as the model that gave it has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from tiering.churn import mbg
from tiering.churn.features import FEATURES, Usual, features
from tiering.churn.fit import Params
from tiering.churn.logistic import Logistic
from tiering.churn.risk import ALERT_HORIZON, CHANCE_DECIMALS
from tiering.churn.slices import history_of, silence_chance


class Part(NamedTuple):
    """A figure of FEATURES: by how many deviations it lies above the mean of the customers
    learned from (None where it is not known or the same for all, when it adds nothing), and
    what it adds to the log odds of no order."""

    name: str
    above: float | None
    adds: float


@dataclass(frozen=True)
class ByRegression:
    """`base` (the log odds of the mean customer) and what the parts add make `log_odds`; parts
    are sorted by size. `by_model`: the chance by repeat buying alone, one of the figures."""

    base: float
    parts: tuple[Part, ...]
    by_model: float

    @property
    def log_odds(self) -> float:
        return self.base + sum(part.adds for part in self.parts)

    @property
    def chance(self) -> float:
        return round(float(expit(self.log_odds)), CHANCE_DECIMALS)


@dataclass(frozen=True)
class ByRepeats:
    """MBG/NBD: no order = has left, or has not and does not order in the horizon."""

    left: float
    orders_if_not: float

    @property
    def silent_though_not(self) -> float:
        return (1 - self.left) * (1 - self.orders_if_not)

    @property
    def chance(self) -> float:
        return round(self.left + self.silent_though_not, CHANCE_DECIMALS)


def by_regression(
    rhythm: pd.DataFrame, revenue_cents: int, params: Params, model: Logistic, usual: Usual
) -> ByRegression:
    """Of the one customer in the frame of `order_rhythm`."""
    by_model = silence_chance(rhythm, params, ALERT_HORIZON)
    revenue = pd.Series(revenue_cents, index=rhythm.index)
    row = features(rhythm, revenue, by_model, usual=usual)
    above = ((row - model.means) / model.deviations)[0]
    is_known = np.isfinite(row[0]) & np.isfinite(model.deviations)
    adds = dict(zip(FEATURES, model.contributions(row)[0].tolist(), strict=True))
    parts = [
        Part(name, float(z) if known else None, adds[name])
        for name, z, known in zip(FEATURES, above, is_known, strict=True)
    ]
    parts.sort(key=lambda part: -abs(part.adds))
    return ByRegression(model.intercept, tuple(parts), float(by_model[0]))


def by_repeats(rhythm: pd.DataFrame, params: Params) -> ByRepeats:
    """Of the one customer in the frame of `order_rhythm`."""
    x, tx, age = history_of(rhythm)
    alive = mbg.p_alive(params, x, tx, age)
    orders = mbg.p_order_if_alive(params, x, age, horizon=rhythm[f"ahead_{ALERT_HORIZON}"])
    return ByRepeats(1 - float(alive[0]), float(orders[0]))


def figures_of(rhythm: pd.DataFrame, revenue_cents: int) -> Mapping[str, int]:
    """The whole numbers behind FEATURES, to be told beside them."""
    row = rhythm.iloc[0]
    return {
        "silence": int(row["silence"]),
        "orders": int(row["order_days"]),
        "orders_90": int(row["order_days_90"]),
        "orders_180": int(row["order_days_180"]),
        "before": int(row["order_days_365"] - row["order_days_180"]),
        "season": int(row["order_days_season"]),
        "revenue_cents": revenue_cents,
    }
