"""Pure: weighted points over criteria, for owners who want weights.

Every criterion gives 0 to 100 points; a score is their mean by weight. All is reckoned in
whole hundredths: points, weights and contributions, so that contributions add up to the
score exactly. A criterion of which nothing is known for a customer (NaN) is left out, and
its weight is shared out over the others in proportion.

Raw figures come in columns `criterion_<code>` of the facts, a larger figure is better:
see `tiering.criteria` for the computed ones; a rated one is 1 to 5.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.rules import PointRules, PolicyError, exact

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Breakpoints = Sequence[tuple[float, float]]

COMPUTED = (
    "profit",
    "margin",
    "continuity",
    "promptness",
    "growth",
    "loyalty",
    "breadth",
    "order_size",
    "credit",
)
RATED = ("fit", "potential", "identification", "strength", "influence", "relationship")
CRITERIA = (*COMPUTED, *RATED)
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "profit": 30,
    "continuity": 10,
    "promptness": 10,
    "growth": 10,
    "loyalty": 10,
    "order_size": 10,
    "fit": 10,
    "potential": 10,
}
HUNDREDTHS = 100
RATING_POINTS: Breakpoints = ((1, 0), (5, 100))
# Finer at the top, where the few that make most of the value have to be told apart.
QUANTILES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100)


@dataclass(frozen=True)
class Breakdown:
    """Frames with one row per customer and one column per weighted criterion.

    points          hundredths of a point; NaN where nothing is known
    weights         per cent that each known criterion counts for this customer, 0 where unknown
    contributions   whole hundredths of a point; they add up to the score
    score           int64, hundredths of a point, 0 to 10,000; 0 where nothing is known
    """

    points: pd.DataFrame
    weights: pd.DataFrame
    contributions: pd.DataFrame
    score: pd.Series


def column(criterion: str) -> str:
    """The column of the facts that holds the raw figure."""
    return f"criterion_{criterion}"


def check(rules: PointRules) -> None:
    """Raises PolicyError for weights or breakpoints that cannot give points."""
    if not set(rules.weights) <= set(CRITERIA):
        raise PolicyError("unknown_criterion")
    if any(not 0 < weight <= 100 for weight in rules.weights.values()):
        raise PolicyError("weight_not_positive")
    weights = [exact(weight) * HUNDREDTHS for weight in rules.weights.values()]
    if any(weight.denominator != 1 for weight in weights):
        raise PolicyError("weight_too_fine")
    if sum(weights) != 100 * HUNDREDTHS:
        raise PolicyError("weights_do_not_add_up")
    for criterion in set(rules.weights) & set(COMPUTED):
        _check_breakpoints(rules.breakpoints.get(criterion, ()))


def points(facts: pd.DataFrame, rules: PointRules) -> pd.DataFrame:
    """Hundredths of a point by weighted criterion, whole; NaN where nothing is known.

    Between two breakpoints points rise in a straight line; outside they stay.
    """
    columns = {name: _points_of(facts, name, rules) for name in _weighted(rules)}
    return pd.DataFrame(columns, index=facts.index)


def breakdown(facts: pd.DataFrame, rules: PointRules) -> Breakdown:
    """Points, weights as they count, contributions and score of every customer."""
    check(rules)
    found = points(facts, rules)
    own = np.array([int(exact(rules.weights[name]) * HUNDREDTHS) for name in _weighted(rules)])
    known = found.notna().to_numpy()
    weights = known * own
    contributions = shared_out(weights * found.fillna(0).to_numpy().astype(np.int64), weights)
    total = np.maximum(weights.sum(axis=1), 1)
    return Breakdown(
        points=found,
        weights=_frame(100 * weights / total[:, None], found),
        contributions=_frame(contributions, found),
        score=pd.Series(contributions.sum(axis=1), index=facts.index, name="score"),
    )


def shared_out(products: IntArray, weights: IntArray) -> IntArray:
    """Whole contributions of each row that add up to its rounded weighted mean.

    `products` are weight x points. Every contribution is rounded down, and what is then
    missing goes, one each, to the largest remainders (of equal ones to the first).
    """
    total = np.maximum(weights.sum(axis=1), 1)[:, None]
    whole, rest = np.divmod(products, total)
    mean = (2 * products.sum(axis=1) + total[:, 0]) // (2 * total[:, 0])
    missing = mean - whole.sum(axis=1)
    place = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1, kind="stable")
    return whole + (place < missing[:, None])


def propose_breakpoints(facts: pd.DataFrame, criteria: Iterable[str]) -> dict[str, Breakpoints]:
    """Breakpoints from the eligible customers of one night, to be frozen in a policy.

    A figure that q per cent of them do not exceed gives q points; the lowest figure gives
    0 and the highest 100. A computed criterion of which nothing is known is left out.
    """
    eligible = facts[facts["order_days_365"] > 0]
    wanted = [name for name in COMPUTED if name in set(criteria)]
    found = {name: _proposed(eligible[column(name)].dropna().to_numpy()) for name in wanted}
    return {name: edges for name, edges in found.items() if edges}


def _proposed(figures: FloatArray) -> Breakpoints:
    if not len(figures):
        return ()
    edges = np.quantile(figures, np.array(QUANTILES) / 100, method="inverted_cdf")
    values, inverse = np.unique(edges, return_inverse=True)
    if len(values) == 1:
        return ((float(values[0]), 50.0),)
    # A figure that many share stands for the mean of their places.
    given = np.bincount(inverse, weights=QUANTILES) / np.bincount(inverse)
    given[0], given[-1] = 0, 100
    return tuple(zip(values.tolist(), given.tolist(), strict=True))


def _weighted(rules: PointRules) -> list[str]:
    """In one order whatever order the weights were stored in."""
    return [name for name in CRITERIA if name in rules.weights]


def _points_of(facts: pd.DataFrame, name: str, rules: PointRules) -> FloatArray:
    edges = RATING_POINTS if name in RATED else rules.breakpoints[name]
    figures, given = np.array(edges, dtype=np.float64).T
    raw = facts[column(name)].to_numpy(dtype=np.float64)
    return np.where(np.isnan(raw), np.nan, np.rint(np.interp(raw, figures, given) * HUNDREDTHS))


def _check_breakpoints(edges: Breakpoints) -> None:
    if not edges:
        raise PolicyError("breakpoints_missing")
    if not np.isfinite(np.array(edges, dtype=np.float64)).all():
        raise PolicyError("breakpoint_not_a_number")
    if any(left[0] >= right[0] or left[1] > right[1] for left, right in pairwise(edges)):
        raise PolicyError("breakpoints_cross")
    if not 0 <= edges[0][1] <= edges[-1][1] <= 100:
        raise PolicyError("breakpoint_out_of_range")


def _frame(values: npt.NDArray[np.generic], like: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(values, index=like.index, columns=like.columns)
