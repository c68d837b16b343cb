"""Pure: how right a list of customers was, once the horizon is over.

`scores` rank customers, higher means sooner; `labels` are True for those who did not order.
Equal scores across an edge count with the mean of their group. A figure that does not exist
(nobody, or all of one kind) is None.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from tiering.churn.fit import FloatArray

Labels = npt.NDArray[np.bool_]

TOP = 10
SHOWN = 0.95
CAUTIOUS = 0.90
BINS = 10


@dataclass(frozen=True)
class Bin:
    """Customers of like chance: how many, their mean chance, and the share that fell silent."""

    n: int
    chance: float
    share: float


def auc(scores: FloatArray, labels: Labels) -> float | None:
    """Chance that a customer who fell silent scores above one who did not; ties count half."""
    silent, others = scores[labels], np.sort(scores[~labels])
    if not len(silent) or not len(others):
        return None
    below = np.searchsorted(others, silent, side="left")
    not_above = np.searchsorted(others, silent, side="right")
    return float((below + not_above).mean() / 2 / len(others))


def in_top(scores: FloatArray, *, per_cent: int = TOP) -> FloatArray:
    """How much of each customer is in the top per cent, rounded up to whole customers:
    1, 0, or the same part of each of those with the score of the edge."""
    count = -(-len(scores) * per_cent // 100)
    if not count:
        return np.zeros(len(scores))
    edge = np.sort(scores)[-count]
    above, tied = scores > edge, scores == edge
    return above + tied * ((count - above.sum()) / tied.sum())


def precision_at(scores: FloatArray, labels: Labels, *, per_cent: int = TOP) -> float | None:
    """Share of the top per cent by score that fell silent."""
    inside = in_top(scores, per_cent=per_cent)
    return float(inside[labels].sum() / inside.sum()) if len(scores) else None


def value_capture_at(
    scores: FloatArray, values: FloatArray, labels: Labels, *, per_cent: int = TOP
) -> float | None:
    """Share of the value of all who fell silent that the top per cent by score holds.

    Values below 0 count as 0.
    """
    lost = np.maximum(values, 0) * labels
    if not lost.sum():
        return None
    return float((in_top(scores, per_cent=per_cent) * lost).sum() / lost.sum())


def brier(chances: FloatArray, labels: Labels) -> float | None:
    """Mean squared distance of chance and outcome."""
    return float(((chances - labels) ** 2).mean()) if len(labels) else None


def recall(is_flagged: Labels, labels: Labels) -> float | None:
    """Share of those who fell silent that was flagged."""
    silent = int(labels.sum())
    return int((is_flagged & labels).sum()) / silent if silent else None


def calibration(chances: FloatArray, labels: Labels, *, bins: int = BINS) -> list[Bin]:
    """Customers by chance in groups of like size, lowest first; as many groups as they fill."""
    order = np.argsort(chances, kind="stable")
    groups = [each for each in np.array_split(order, bins) if len(each)]
    return [
        Bin(len(each), float(chances[each].mean()), float(labels[each].mean())) for each in groups
    ]


def interval(hits: float, n: int, *, level: float = SHOWN) -> tuple[float, float] | None:
    """Two-sided interval of a precision of `hits` in `n` (Wilson 1927)."""
    return _wilson(hits, n, float(ndtri((1 + level) / 2))) if n else None


def lower_bound(hits: int, n: int, *, level: float = CAUTIOUS) -> float | None:
    """One-sided lower bound of a precision (Wilson 1927), for thresholds."""
    return _wilson(hits, n, float(ndtri(level)))[0] if n else None


def _wilson(hits: float, n: int, z: float) -> tuple[float, float]:
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * float(np.sqrt(share * (1 - share) / n + spread / n / 4))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
