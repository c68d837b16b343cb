"""Pure: what is known of a customer on a day, as nine numbers that a person can follow.

Whatever happened after the day is not in the frame that is read here, so it cannot enter.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logit

from tiering.churn.cadence import BookCadence, book_cadence, cadence_z
from tiering.churn.fit import FloatArray
from tiering.windows import YEAR

FEATURES = (
    "silence",
    "cadence",
    "orders",
    "orders_90",
    "orders_180",
    "chance",
    "trend",
    "revenue",
    "season",
)
# Odds of more than a million to one are no news.
SURE = 1e-6
# The season of a year ago, and a quarter before it for the book to have begun.
SEASON_HISTORY = YEAR + 91


class Usual(NamedTuple):
    """What the figures of one customer lean on: the cadence of the book (None without a gap),
    and the days since its first order."""

    cadence: BookCadence | None
    history: int


def usual_in(rhythm: pd.DataFrame) -> Usual:
    return Usual(book_cadence(rhythm), int(rhythm["age"].max()) if len(rhythm) else 0)


def features(
    rhythm: pd.DataFrame,
    revenue_cents: pd.Series,
    p_none: FloatArray,
    of: pd.Series | None = None,
    *,
    usual: Usual | None = None,
) -> FloatArray:
    """One row per customer of the frame of `order_rhythm`, one column per name of FEATURES.

    silence      ln(1 + days silent without holidays)
    cadence      deviations of the silence from the customer's own cadence, see `cadence_z`
    orders, orders_90, orders_180
                 ln(1 + order days), ever and in the window
    chance       ln odds of no order in the horizon by MBG/NBD (`p_none`, as `of`)
    trend        ln((1 + order days of 180 days) / (1 + those of the 185 days before))
    revenue      ln(1 + net revenue of 365 days in base currency; 0 where it is negative)
    season       ln(1 + order days a year ago in the same 90 days that come now);
                 NaN for the whole book until it has 15 months behind it

    `of` says of which customers (True); all others only say what is usual in the book, where
    `usual` does not say it.
    """
    usual = usual or usual_in(rhythm)
    chosen = rhythm if of is None else rhythm[of]
    revenue = revenue_cents.reindex(chosen.index).to_numpy(dtype=np.float64) / 100
    recent = chosen["order_days_180"].to_numpy()
    before = chosen["order_days_365"].to_numpy() - recent
    columns = {
        "silence": np.log1p(chosen["silence"]),
        "cadence": cadence_z(chosen, usual.cadence),
        "orders": np.log1p(chosen["order_days"]),
        "orders_90": np.log1p(chosen["order_days_90"]),
        "orders_180": np.log1p(recent),
        "chance": logit(np.clip(p_none, SURE, 1 - SURE)),
        "trend": np.log1p(recent) - np.log1p(before),
        "revenue": np.log1p(np.maximum(revenue, 0)),
        "season": _season(chosen, usual.history),
    }
    return np.column_stack([np.asarray(columns[name], dtype=np.float64) for name in FEATURES])


def _season(chosen: pd.DataFrame, history: int) -> FloatArray:
    if history < SEASON_HISTORY:
        return np.full(len(chosen), np.nan)
    return np.log1p(chosen["order_days_season"].to_numpy(dtype=np.float64))
