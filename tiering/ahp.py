"""Pure: weights from comparisons in pairs (analytic hierarchy process).

T. L. Saaty, The Analytic Hierarchy Process, McGraw-Hill 1980: weights are the principal
eigenvector of the matrix of judgements, and judgements are consistent enough when the
consistency ratio, (λ - n) / (n - 1) over that of random matrices, is below .1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tiering.rules import PolicyError

FloatArray = npt.NDArray[np.float64]

# Mean index of random reciprocal matrices with 1, 2, … 15 rows (Saaty 1980).
RANDOM_INDEX = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
CONSISTENT = 0.1
STRONGEST = 9
# A third, typed as .33, is a third.
SLACK = 0.02
HUNDREDTHS = 100


@dataclass(frozen=True)
class Weighing:
    """The outcome of comparisons in pairs.

    weights   per cent by criterion with two decimals; they add up to exactly 100
    ratio     consistency ratio; 0 is perfectly consistent
    """

    weights: Mapping[str, float]
    ratio: float

    @property
    def is_consistent(self) -> bool:
        return self.ratio < CONSISTENT


def matrix_of(criteria: Sequence[str], judgements: Mapping[tuple[str, str], float]) -> FloatArray:
    """The reciprocal matrix from one judgement for each pair: how much more the first counts.

    Raises PolicyError where a pair is missing or judged twice.
    """
    place = {name: row for row, name in enumerate(criteria)}
    matrix = np.full((len(criteria), len(criteria)), np.nan)
    np.fill_diagonal(matrix, 1)
    for (first, second), times in judgements.items():
        if first not in place or second not in place or first == second:
            raise PolicyError("unknown_criterion")
        if (second, first) in judgements:
            raise PolicyError("pair_judged_twice")
        if not times > 0:
            raise PolicyError("judgement_out_of_range")
        matrix[place[first], place[second]] = times
        matrix[place[second], place[first]] = 1 / times
    if np.isnan(matrix).any():
        raise PolicyError("pair_missing")
    return matrix


def weigh(criteria: Sequence[str], matrix: npt.ArrayLike) -> Weighing:
    """Weights of the criteria, one row and column each, in this order.

    Raises PolicyError for a matrix that is no set of judgements: not square, of more than
    15 criteria, with an entry outside 1/9 to 9, or not reciprocal.
    """
    judged = np.asarray(matrix, dtype=np.float64)
    _check(criteria, judged)
    values, vectors = np.linalg.eig(judged)
    largest = int(np.argmax(values.real))
    vector = np.abs(vectors[:, largest].real)
    ratio = _ratio(float(values[largest].real), len(criteria))
    hundredths = _rounded(vector / vector.sum(), 100 * HUNDREDTHS)
    weights = (float(share) / HUNDREDTHS for share in hundredths)
    return Weighing(dict(zip(criteria, weights, strict=True)), ratio)


def _ratio(largest: float, size: int) -> float:
    """0 for one or two criteria, which cannot contradict each other."""
    random = RANDOM_INDEX[size - 1]
    return max((largest - size) / (size - 1) / random, 0.0) if random else 0.0


def _rounded(shares: FloatArray, total: int) -> npt.NDArray[np.int64]:
    """Whole numbers that add up to `total`: rounded down, the rest to the largest remainders."""
    exact = shares * total
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - whole.sum()]] += 1
    return whole


def _check(criteria: Sequence[str], judged: FloatArray) -> None:
    size = len(criteria)
    if not 1 <= size <= len(RANDOM_INDEX) or len(set(criteria)) != size:
        raise PolicyError("wrong_criteria")
    if judged.shape != (size, size):
        raise PolicyError("not_square")
    low, high = (1 - SLACK) / STRONGEST, STRONGEST * (1 + SLACK)
    if not ((judged >= low) & (judged <= high)).all():
        raise PolicyError("judgement_out_of_range")
    if (np.abs(judged * judged.T - 1) > SLACK).any():
        raise PolicyError("not_reciprocal")
