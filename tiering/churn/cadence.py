"""Pure: is today's silence long by this customer's own habit?

ln(gap) of a customer is normal around a mean of its own, and these means are normal in
the book. A customer with few gaps leans on the book, one with many on itself (empirical
Bayes). It is a badge, "later than usual", and no alert: docs/grading.md says why.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr, ndtri

FloatArray = npt.NDArray[np.float64]

LATE = 0.95
OWN_GAPS_FOR_LATE = 2
OWN_GAPS_FOR_QUANTILE = 5
PSEUDO_GAPS = 6
WHOLE_DAY_VARIANCE = 1 / 12
FAR = 5.0


@dataclass(frozen=True)
class BookCadence:
    """ln(gap in days) over the book: its mean, and the variance between and within customers."""

    mean: float
    between: float
    within: float


def book_cadence(rhythm: pd.DataFrame) -> BookCadence | None:
    """What is usual in the book, from the moments that `order_rhythm` gives; None without a gap.

    Variances by the method of moments. Where nobody has two gaps all variance counts as within.
    """
    seen = rhythm[rhythm["repeats"] > 0]
    if seen.empty:
        return None
    count, means = seen["repeats"].to_numpy(), seen["log_gap_mean"].to_numpy()
    gaps = int(count.sum())
    mean = math.fsum(count * means) / gaps
    spread = math.fsum(count * (means - mean) ** 2)
    spare = gaps - len(seen)
    if spare == 0:
        return BookCadence(mean, 0.0, spread / max(gaps - 1, 1))
    within = math.fsum(seen["log_gap_squares"]) / spare
    effective = gaps - math.fsum(count.astype(float) ** 2) / gaps
    excess = spread - (len(seen) - 1) * within
    return BookCadence(mean, max(excess / effective, 0.0) if effective else 0.0, within)


def own_cadence(rhythm: pd.DataFrame, book: BookCadence | None) -> pd.DataFrame:
    """One row per customer, index as `rhythm` (the frame of `order_rhythm`).

    silence_quantile   share of this customer's own gaps that are shorter than its silence,
                       both without holidays
    usual_gap          median gap in days
    most_gaps_under    9 of 10 of its gaps are under this number of whole days
    gaps_observed      True: both from five own gaps or more; False: from the model
    later_than_usual   silence_quantile >= .95, from two own gaps on

    Without any gap in the book the figures are NaN and nobody is late.
    """
    if book is None:
        return _nothing_known(rhythm.index)
    mean, deviation = _shrunk(rhythm, book)
    quantile = ndtr((_log_silence(rhythm) - mean) / deviation)
    observed = rhythm["repeats"].to_numpy() >= OWN_GAPS_FOR_QUANTILE
    nine_tenths = np.exp(mean + ndtri(0.9) * deviation)
    columns = {
        "silence_quantile": quantile,
        "usual_gap": np.where(observed, rhythm["gap_median"], np.exp(mean)),
        "most_gaps_under": np.floor(np.where(observed, rhythm["gap_nine_tenths"], nine_tenths)) + 1,
        "gaps_observed": observed,
        "later_than_usual": (quantile >= LATE) & (rhythm["repeats"] >= OWN_GAPS_FOR_LATE),
    }
    return pd.DataFrame(columns, index=rhythm.index)


def cadence_z(rhythm: pd.DataFrame, book: BookCadence | None) -> FloatArray:
    """By how many deviations ln(silence) lies above the customer's own ln(gap), from -5 to 5.

    0, as long as usual, where the book has no gap to learn from.
    """
    if book is None:
        return np.zeros(len(rhythm))
    mean, deviation = _shrunk(rhythm, book)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (_log_silence(rhythm) - mean) / deviation
    return np.clip(np.nan_to_num(z), -FAR, FAR)


def _log_silence(rhythm: pd.DataFrame) -> FloatArray:
    silence = rhythm["silence"].to_numpy(dtype=np.float64)
    return np.log(silence, out=np.full(len(silence), -np.inf), where=silence > 0)


def _shrunk(rhythm: pd.DataFrame, book: BookCadence) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of ln(gap) of each customer, leaning on the book."""
    count = rhythm["repeats"].to_numpy(dtype=np.float64)
    own = rhythm["log_gap_mean"].fillna(book.mean).to_numpy()
    squares = rhythm["log_gap_squares"].fillna(0).to_numpy()
    total = count * book.between + book.within
    weight = np.divide(count * book.between, total, out=np.zeros(len(count)), where=total > 0)
    mean = weight * own + (1 - weight) * book.mean
    freedom = np.maximum(count - 1, 0) + PSEUDO_GAPS
    variance = (squares + PSEUDO_GAPS * book.within) / freedom
    # Days are whole: even a clockwork gap is known to half a day and no better.
    return mean, np.sqrt(np.maximum(variance, WHOLE_DAY_VARIANCE * np.exp(-2 * mean)))


def _nothing_known(index: pd.Index) -> pd.DataFrame:
    unknown = {
        "silence_quantile": np.nan,
        "usual_gap": np.nan,
        "most_gaps_under": np.nan,
    }
    return pd.DataFrame(unknown | {"gaps_observed": False, "later_than_usual": False}, index=index)
