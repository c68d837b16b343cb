"""Pure: what customers just inside a line are like, to compare others with."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.bases import months_known
from tiering.explain.shapes import HUNDREDTHS
from tiering.points import points
from tiering.rules import Policy

NEIGHBOURS = 15


def typical(graded: pd.DataFrame, policy: Policy, edges: dict[str, float]) -> dict[str, Any]:
    """By level, medians of the fifteen eligible customers with the lowest scores from its
    edge on, as JSON keeps them; None where nobody stands there.

    order_days and as the basis needs continuity, months, points: see `shapes.Typical`.
    `graded` has the figures of the basis and the columns of `scoring.grade`.
    """
    rows = np.flatnonzero(graded["eligible"].to_numpy())
    scores = graded["score"].to_numpy()[rows]
    # Among equal scores by customer, so that the order of rows is nothing.
    order = np.lexsort((graded.index.to_numpy()[rows], scores))
    rows, scores = rows[order], scores[order]
    return {
        code: _of_neighbours(graded.iloc[rows[_nearest(scores, edge)]], policy)
        for code, edge in edges.items()
    }


def _nearest(scores: npt.NDArray[np.float64], edge: float) -> slice:
    """Of rising scores; nothing for an edge that is NaN, as no score is there."""
    first = int(np.searchsorted(scores, edge, side="left"))
    return slice(first, first + NEIGHBOURS)


def _of_neighbours(near: pd.DataFrame, policy: Policy) -> dict[str, Any] | None:
    if not len(near):
        return None
    found: dict[str, Any] = {"order_days": float(near["order_days_365"].median())}
    if policy.basis == "continuing_value":
        found["continuity"] = _known(1 - near["p_none_180"].median())
    if policy.basis == "arpu":
        found["months"] = float(np.median(months_known(near["age"])))
    if policy.basis == "points" and policy.points:
        medians = (points(near, policy.points).median() / HUNDREDTHS).dropna()
        found["points"] = {str(name): float(each) for name, each in medians.items()}
    return found


def _known(figure: float) -> float | None:
    return None if pd.isna(figure) else float(figure)
