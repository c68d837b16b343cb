"""Pure: how right alerts have been in fact, without those on which somebody acted.

A customer saved by a visit looks like a false alarm, so alerts acted on say nothing of how
right alerts are. The others are reweighted: in each band of chances, a tenth wide, those told of
and left alone and those that the budget held back speak for all that were told of.
"""

from typing import NamedTuple

import numpy as np

from tiering.churn.fit import FloatArray
from tiering.churn.slices import IntArray, Mask

BANDS = 10
ENOUGH = 30
# How far behind the wanted precision the realised one may stay.
TOLERANCE = 0.05


class Cases(NamedTuple):
    """Judged alerts.

    chance    when raised
    told      whether somebody was told within its 90 days
    acted     whether somebody acted in that time
    right     whether no order followed in that time
    """

    chance: FloatArray
    told: Mask
    acted: Mask
    right: Mask

    def chosen(self, rows: Mask) -> "Cases":
        return Cases(self.chance[rows], self.told[rows], self.acted[rows], self.right[rows])


class Band(NamedTuple):
    """Alerts of like chance: how many, and how many without an order after, of those acted on
    and of those left alone."""

    least: float
    acted: int
    acted_right: int
    alone: int
    alone_right: int


def bands_of(chance: FloatArray) -> IntArray:
    """0 to 9; a chance on an edge belongs to the band above it."""
    return np.minimum(np.floor(chance * BANDS + 1e-9), BANDS - 1).astype(np.int64)


def realised(cases: Cases) -> float | None:
    """Share of the alerts told of that would have been right without help; None without a
    case left alone.

    Each case left alone in a band weighs as many as were told of in the band, divided by those
    left alone in it. A band in which nobody was told of, or in which all were acted on, is left
    out; without any other band all cases left alone weigh the same.
    """
    band, alone = bands_of(cases.chance), ~cases.acted
    if not alone.any():
        return None
    told = np.bincount(band[cases.told], minlength=BANDS)
    left = np.bincount(band[alone], minlength=BANDS)
    weight = (told / np.maximum(left, 1))[band[alone]]
    right = cases.right[alone]
    return float(np.average(right, weights=weight) if weight.any() else right.mean())


def is_below(share: float | None, alone: int, wanted: float | None) -> bool:
    """Whether enough cases left alone say that it is clearly less than what is wanted."""
    if share is None or wanted is None or alone < ENOUGH:
        return False
    return share < round(wanted - TOLERANCE, 4)


def by_band(cases: Cases) -> list[Band]:
    """The bands in which there is an alert, lowest first."""
    band = bands_of(cases.chance)
    return [
        Band(
            float(each) / BANDS,
            int((inside & cases.acted).sum()),
            int((inside & cases.acted & cases.right).sum()),
            int((inside & ~cases.acted).sum()),
            int((inside & ~cases.acted & cases.right).sum()),
        )
        for each in np.unique(band)
        if (inside := band == each).any()
    ]


def difference(bands: list[Band]) -> float | None:
    """How much rarer it was that no order followed where somebody acted, at like chances: mean
    over the alerts acted on. Only bands with both kinds; None without one."""
    both = [each for each in bands if each.acted and each.alone]
    if not both:
        return None
    gaps = [each.alone_right / each.alone - each.acted_right / each.acted for each in both]
    return float(np.average(gaps, weights=[each.acted for each in both]))
