"""Pure: the signals beside each other, on the customers whom alerts could have concerned."""

from dataclasses import asdict

import numpy as np

from tiering.churn.fit import FloatArray
from tiering.churn.measures import auc, calibration, in_top, value_capture_at
from tiering.churn.shown_list import BASELINES
from tiering.churn.slices import Mask
from tiering.churn.told import Weeks


def compared(weeks: Weeks) -> dict[str, dict[str, float | None]]:
    """By signal, over all customers whom an alert could have concerned on the newest closed day:
    auc, and the precision and the value caught of the tenth that it puts first. Chances are ranked
    by chance x value where money counts, baselines by themselves."""
    newest = weeks.newest()
    if newest is None:
        return {}
    labels, value = weeks.labels[newest], weeks.value[newest]
    scores = {name: weeks.rows[name].to_numpy()[newest] for name in ("shipped", "mbg", *BASELINES)}
    return {
        name: {
            "auc": auc(score, labels),
            "precision": _precision(score, labels),
            "value": value_capture_at(score if name in BASELINES else score * value, value, labels),
        }
        for name, score in scores.items()
        if not np.isnan(score).any()
    }


def calibrated(weeks: Weeks) -> list[dict[str, float]]:
    """Ten groups of customers and weeks by their chance: n, chance, share that fell silent."""
    return [asdict(each) for each in calibration(weeks.rows["shipped"].to_numpy(), weeks.labels)]


def _precision(score: FloatArray, labels: Mask) -> float:
    inside = in_top(score)
    return float(inside[labels].sum() / inside.sum())
