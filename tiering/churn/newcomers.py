"""Pure: when a second order is due, from the first gaps of the book.

ln(first gap) is taken as normal in the book; few first gaps lean on all gaps of the book as
if `PSEUDO_GAPS` more had been seen (empirical Bayes).
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from tiering.churn.cadence import PSEUDO_GAPS, WHOLE_DAY_VARIANCE, BookCadence

OBSERVED = 20


class FirstGap(NamedTuple):
    """Days from first to second order: half of the customers need at most `usual`, 9 in 10
    fewer than `most_under`."""

    usual: float
    most_under: float


def first_gap(rhythm: pd.DataFrame, book: BookCadence | None) -> FirstGap | None:
    """What is usual in the book between first and second order; None without a single gap.

    `rhythm` is the frame of `order_rhythm`. From 20 first gaps on the figures are the observed
    median and nine-tenths gap, before that those of the model.
    """
    if book is None:
        return None
    gaps = rhythm["first_gap"].dropna().to_numpy(dtype=np.float64)
    if len(gaps) >= OBSERVED:
        ninth = np.partition(gaps, place := (9 * len(gaps) + 9) // 10 - 1)[place]
        return FirstGap(float(np.median(gaps)), float(ninth) + 1)
    logs = np.log(gaps)
    weight = len(gaps) + PSEUDO_GAPS
    mean = (math.fsum(logs) + PSEUDO_GAPS * book.mean) / weight
    spread = math.fsum((logs - mean) ** 2) + PSEUDO_GAPS * (book.between + book.within)
    deviation = math.sqrt(max(spread / weight, WHOLE_DAY_VARIANCE * math.exp(-2 * mean)))
    most = math.exp(mean + float(ndtri(0.9)) * deviation)
    return FirstGap(math.exp(mean), math.floor(most) + 1.0)


def with_first_gaps(
    cadence: pd.DataFrame, rhythm: pd.DataFrame, book: BookCadence | None
) -> pd.DataFrame:
    """The frame of `own_cadence`; for customers with one order day the gap of newcomers
    stands in `usual_gap` and `most_gaps_under`."""
    usual = first_gap(rhythm, book)
    if usual is None:
        return cadence
    new = rhythm["repeats"] == 0
    return cadence.assign(
        usual_gap=cadence["usual_gap"].mask(new, usual.usual),
        most_gaps_under=cadence["most_gaps_under"].mask(new, usual.most_under),
    )
