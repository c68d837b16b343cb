"""Pure: logistic regression by iteratively reweighted least squares, on standardised features.

Minimises sum of log loss + |coefficients|²/2C with C = 1; the intercept is not penalised.
A figure that is not known (NaN) counts as the mean of those that are, and so says nothing.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from tiering.churn.fit import FloatArray, Reason

PENALTY = 1.0
ROUNDS, HALVINGS = 60, 30
SETTLED = 1e-8


@dataclass(frozen=True)
class Logistic:
    """What a fit leaves behind; arrays have one entry per feature."""

    means: FloatArray
    deviations: FloatArray
    coefficients: FloatArray
    intercept: float

    def chances(self, features: FloatArray) -> FloatArray:
        """Chance of a positive label for each row of `features`."""
        return expit(self.intercept + self.contributions(features).sum(axis=1))

    def contributions(self, features: FloatArray) -> FloatArray:
        """coefficient x (figure - mean) / deviation: what each feature adds to the log odds."""
        return _standard(features, self.means, self.deviations) * self.coefficients


@dataclass(frozen=True)
class LogisticFit:
    """The outcome; `model` is None unless it converged. Nothing raises."""

    reason: Reason
    rows: int = 0
    positives: int = 0
    model: Logistic | None = field(default=None, compare=False)


def fit(features: FloatArray, labels: npt.NDArray[np.bool_]) -> LogisticFit:
    """Fit on rows of features; labels of one kind only are too little data."""
    rows, positives = len(labels), int(labels.sum())
    if not 0 < positives < rows:
        return LogisticFit(Reason.TOO_LITTLE_DATA, rows, positives)
    if np.isinf(features).any():
        return LogisticFit(Reason.NOT_FINITE, rows, positives)
    means, deviations = _scale(features)
    design = np.column_stack([np.ones(rows), _standard(features, means, deviations)])
    found = _maximum(design, labels.astype(np.float64))
    if isinstance(found, Reason):
        return LogisticFit(found, rows, positives)
    model = Logistic(means, deviations, found[1:], float(found[0]))
    return LogisticFit(Reason.FITTED, rows, positives, model)


def _scale(features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of the known figures of each feature; 0 and 1 of none."""
    known = ~np.isnan(features)
    count = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, features, 0).sum(axis=0) / count
    spread = np.where(known, features - means, 0)
    deviations = np.sqrt((spread**2).sum(axis=0) / count)
    # What is the same for all, up to rounding, tells nobody from anybody.
    return means, np.where(deviations > 1e-9 * (1 + np.abs(means)), deviations, np.inf)


def _standard(features: FloatArray, means: FloatArray, deviations: FloatArray) -> FloatArray:
    return np.nan_to_num((features - means) / deviations)


def _maximum(design: FloatArray, labels: FloatArray) -> FloatArray | Reason:
    """Newton steps, halved while they lead uphill."""
    penalty = np.full(design.shape[1], PENALTY)
    penalty[0] = 0
    at = np.zeros(design.shape[1])
    loss = _loss(design, labels, penalty, at)
    for _ in range(ROUNDS):
        chance = expit(design @ at)
        slope = design.T @ (chance - labels) + penalty * at
        if np.abs(slope).max() < SETTLED * len(labels):
            return at
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        try:
            step = np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError:
            return Reason.NOT_FINITE
        at, loss, moved = _downhill(design, labels, penalty, at, loss, step)
        if not moved:
            return Reason.NO_CONVERGENCE
    return Reason.NO_CONVERGENCE


def _downhill(
    design: FloatArray,
    labels: FloatArray,
    penalty: FloatArray,
    at: FloatArray,
    loss: float,
    step: FloatArray,
) -> tuple[FloatArray, float, bool]:
    for halved in range(HALVINGS):
        tried = at - step / 2**halved
        found = _loss(design, labels, penalty, tried)
        if found <= loss:
            return tried, found, True
    return at, loss, False


def _loss(design: FloatArray, labels: FloatArray, penalty: FloatArray, at: FloatArray) -> float:
    odds = design @ at
    return float((np.logaddexp(0, odds) - labels * odds).sum() + (penalty * at**2).sum() / 2)
