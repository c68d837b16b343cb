"""Pure: how right each signal would have been, on past days whose horizon is over.

All that is fitted for an origin is fitted on what was known on its day.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tiering.churn import bgnbd, mbg
from tiering.churn.cadence import book_cadence, own_cadence
from tiering.churn.features import features
from tiering.churn.fit import FloatArray, Params
from tiering.churn.ladder import Ladder, climb, without_model
from tiering.churn.measures import auc, brier, precision_at, value_capture_at
from tiering.churn.risk import CHANCE_DECIMALS
from tiering.churn.slices import Book, Mask, history_of, silence_chance
from tiering.windows import is_live

APART = 90
POOLS = ("all", "live", "top20")
SIGNALS = ("days_silent", "own_gap_ratio", "bgnbd", "mbg", "logistic", "shipped")
# The others say how long or how odd a silence is, and not how likely it goes on.
CHANCES = ("mbg", "logistic", "shipped")
TOP_VALUE = 20

Figures = dict[str, float | int | None]


@dataclass(frozen=True)
class Origin:
    """One origin, judged.

    scores   index `customer`, ascending: all with an order day by then; the columns of
             `scores_on`
    labels   True for those without an order day in the horizon
    """

    day: int
    ladder: Ladder
    scores: pd.DataFrame
    labels: Mask

    def pool(self, name: str) -> Mask:
        return self.scores[f"in_{name}"].to_numpy()

    def figures(self, pool: str, signal: str) -> Figures:
        """n, base, auc, precision_at_10, value_capture_at_10, brier, value_precision_at_10;
        all but n and base None where the signal does not exist."""
        inside = self.pool(pool)
        chosen, labels = self.scores[inside], self.labels[inside]
        score, value = chosen[signal].to_numpy(), chosen["value_cents"].to_numpy(dtype=np.float64)
        sizes: Figures = {"n": len(labels), "base": float(labels.mean()) if len(labels) else None}
        if np.isnan(score).any():
            return sizes | dict.fromkeys(JUDGED)
        is_chance = signal in CHANCES and (signal != "shipped" or self.ladder.rung != "cadence")
        return sizes | _judged(score, value, labels, is_chance=is_chance)


JUDGED = ("auc", "precision_at_10", "value_capture_at_10", "brier", "value_precision_at_10")


def _judged(score: FloatArray, value: FloatArray, labels: Mask, *, is_chance: bool) -> Figures:
    """A chance is ranked by chance x value where money counts, a baseline by itself."""
    ranked = score * np.maximum(value, 0) if is_chance else score
    found = (
        auc(score, labels),
        precision_at(score, labels),
        value_capture_at(ranked, value, labels),
        brier(score, labels) if is_chance else None,
        precision_at(ranked, labels),
    )
    return dict(zip(JUDGED, found, strict=True))


def origins_of(as_of: int, *, horizon: int, count: int) -> list[int]:
    """`count` days, 90 apart, the last one a horizon before `as_of`; oldest first."""
    last = as_of - horizon
    return [last - APART * number for number in reversed(range(count))]


def backtest(book: Book, training: Book, *, as_of: int, count: int) -> Iterator[Origin]:
    """Judge every signal on `count` origins. `training` is the book, or a sample of it.

    Both have the horizon of the test, and no documents after `as_of` are looked at.
    """
    for day in origins_of(as_of, horizon=book.horizon, count=count):
        scores, ladder = scores_on(day, book, training)
        yield Origin(day, ladder, scores, book.fell_silent(day, scores.index))


@dataclass(frozen=True)
class Fitted:
    """What could be fitted on a day: parameters of MBG/NBD and BG/NBD, None where there is no
    answer, and the ladder."""

    params: Params | None
    dropping: Params | None
    ladder: Ladder


def fitted_on(day: int, frame: pd.DataFrame, training: Book) -> Fitted:
    """`frame` is the book as known on the day."""
    history = history_of(frame)
    fit = mbg.fit(*history)
    ladder = climb(training, as_of=day) if fit.params else without_model(fit.reason)
    return Fitted(fit.params, bgnbd.fit(*history).params, ladder)


def scores_on(day: int, book: Book, training: Book) -> tuple[pd.DataFrame, Ladder]:
    """`scored`, by what was known on the day alone."""
    frame = book.known_on(day)
    fitted = fitted_on(day, frame, training)
    return scored(frame, fitted, book.horizon), fitted.ladder


def scored(frame: pd.DataFrame, fitted: Fitted, horizon: int) -> pd.DataFrame:
    """One row per customer with an order day by then; higher means sooner lost.

    days_silent     days
    own_gap_ratio   days silent / own median gap; of those without a gap, by the median of the
                    medians of the book
    bgnbd           1 - P(alive)
    mbg             P(no order in the horizon)
    logistic        the same by the regression, also of those who are not live
    shipped         what the product shows: `logistic` of the live, `mbg` of the others, or
                    all by the rung below; on rung C the share of own gaps that were shorter
    value_cents     value of 365 days
    in_all, in_live, in_top20
                    the pools; the last: the top 20 per cent by value of those with an order
                    day in 365 days

    NaN where a signal does not exist.
    """
    chance, learned = _unknown(frame), _unknown(frame)
    ladder = fitted.ladder
    if fitted.params:
        chance = silence_chance(frame, fitted.params, horizon)
        if ladder.model:
            rows = features(frame, frame["revenue_cents"], chance)
            learned = ladder.model.chances(rows)
    live = is_live(frame).to_numpy()
    columns = {
        "days_silent": frame["silent_days"].to_numpy(dtype=np.float64),
        "own_gap_ratio": _gap_ratio(frame),
        "bgnbd": _dropped_out(frame, fitted.dropping),
        "mbg": chance.round(CHANCE_DECIMALS),
        "logistic": learned.round(CHANCE_DECIMALS),
        "shipped": _shipped(frame, ladder, live, chance, learned).round(CHANCE_DECIMALS),
        "value_cents": frame["value_cents"].to_numpy(),
        "in_all": np.ones(len(frame), dtype=bool),
        "in_live": live,
        "in_top20": _top_by_value(frame),
    }
    return pd.DataFrame(columns, index=frame.index)


def _unknown(frame: pd.DataFrame) -> FloatArray:
    return np.full(len(frame), np.nan)


def _shipped(
    frame: pd.DataFrame, ladder: Ladder, live: Mask, chance: FloatArray, learned: FloatArray
) -> FloatArray:
    if ladder.rung == "cadence":
        cadence = own_cadence(frame, book_cadence(frame))
        return cadence["silence_quantile"].to_numpy(dtype=np.float64)
    return np.where(live, learned, chance) if ladder.shipped else chance


def _gap_ratio(frame: pd.DataFrame) -> FloatArray:
    gaps = frame["gap_median"]
    return (frame["silent_days"] / gaps.fillna(gaps.median())).to_numpy(dtype=np.float64)


def _dropped_out(frame: pd.DataFrame, params: Params | None) -> FloatArray:
    return 1 - bgnbd.p_alive(params, *history_of(frame)) if params else _unknown(frame)


def _top_by_value(frame: pd.DataFrame) -> Mask:
    """Equal values at the edge are all inside."""
    active = (frame["order_days_365"] > 0).to_numpy()
    value = frame["value_cents"].to_numpy()
    places = -(-int(active.sum()) * TOP_VALUE // 100)
    edge = np.sort(value[active])[-places] if places else 0
    return active & (value >= edge)
