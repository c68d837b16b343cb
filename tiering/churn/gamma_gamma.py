"""Pure: Gamma-Gamma, the mean amount of an order that a customer's past and its book suggest.

A measured alternative, which no page shows: grades go by what was bought, see docs/grading.md.
Amounts of a customer scatter around a mean of its own; the means are spread over the book
(Fader, Hardie and Lee 2005). x counts the orders of a customer, m is their mean amount, both
one entry per customer with an order and above 0; amounts in one currency.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

from tiering.churn.fit import EDGE, FloatArray


class Spread(NamedTuple):
    """Amounts ~ Gamma(p, n), n ~ Gamma(q, v); `v` is in the unit of the amounts."""

    p: float
    q: float
    v: float


def fit(x: npt.ArrayLike, m: npt.ArrayLike) -> Spread | None:
    """Maximum likelihood over a whole book; None where the search does not settle."""
    count, mean = np.asarray(x, dtype=np.float64), np.asarray(m, dtype=np.float64)
    scale = float(mean.mean()) if mean.size else np.nan
    if not (np.isfinite(scale) and np.isfinite(count).all() and (mean > 0).all()):
        return None

    def loss(logs: FloatArray) -> float:
        return -float(log_likelihood(Spread(*np.exp(logs)), count, mean / scale).mean())

    found = minimize(
        loss, np.zeros(3), method="L-BFGS-B", bounds=[(-EDGE, EDGE)] * 3, options={"ftol": 1e-13}
    )
    p, q, v = (float(value) for value in np.exp(found.x))
    return Spread(p, q, v * scale) if found.success else None


def log_likelihood(spread: Spread, x: npt.ArrayLike, m: npt.ArrayLike) -> FloatArray:
    """ln of the likelihood of each customer's mean amount."""
    p, q, v = spread
    shape, mean = p * np.asarray(x, dtype=np.float64), np.asarray(m, dtype=np.float64)
    total = np.asarray(x, dtype=np.float64) * mean
    constant = gammaln(shape + q) - gammaln(shape) - gammaln(q) - np.log(mean)
    return constant + q * np.log(v) + shape * np.log(total) - (shape + q) * np.log(v + total)


def expected_amount(spread: Spread, x: npt.ArrayLike, m: npt.ArrayLike) -> FloatArray:
    """The mean amount to be expected of each customer; that of the book where x is 0."""
    p, q, v = spread
    count, mean = np.asarray(x, dtype=np.float64), np.asarray(m, dtype=np.float64)
    return p * (v + count * mean) / (p * count + q - 1)
