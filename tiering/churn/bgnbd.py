"""Pure: BG/NBD, a baseline for backtests; alerts use MBG/NBD.

As MBG/NBD, but nobody drops out before the first repeat, so that whoever bought once
counts as alive for ever (Fader, Hardie and Lee 2005). Arrays and units as in `mbg`.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit, gammaln, log_expit, psi

from tiering.churn.fit import SAMPLE, Fit, FloatArray, Params
from tiering.churn.fit import fit as fit_model


def fit(
    x: npt.ArrayLike,
    tx: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    sample: int = SAMPLE,
    seed: int = 0,
) -> Fit:
    """Maximum likelihood over a whole book; never raises for lack of data, see `Fit`."""
    return fit_model(_with_partials, x, tx, age, sample=sample, seed=seed)


def log_likelihood(
    params: Params, x: npt.ArrayLike, tx: npt.ArrayLike, age: npt.ArrayLike
) -> FloatArray:
    """ln of the likelihood of each customer's history."""
    x, tx, age = (np.asarray(column, dtype=np.float64) for column in (x, tx, age))
    r, alpha, a, b = params
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    return rate + alive - log_expit(_log_odds_alive(params, x, tx, age))


def p_alive(params: Params, x: npt.ArrayLike, tx: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
    """Chance that the customer has not dropped out; 1 for everybody who bought once."""
    columns = (np.asarray(column, dtype=np.float64) for column in (x, tx, age))
    return expit(_log_odds_alive(params, *columns))


def _log_odds_alive(params: Params, x: FloatArray, tx: FloatArray, age: FloatArray) -> FloatArray:
    r, alpha, a, b = params
    repeated = x > 0
    before = b + np.where(repeated, x, 1) - 1
    odds = np.log(before) - np.log(a) - (r + x) * np.log1p((age - tx) / (alpha + tx))
    return np.where(repeated, odds, np.inf)


def _with_partials(
    params: Params, x: FloatArray, tx: FloatArray, age: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log-likelihood of each row, and its derivatives by r, alpha, a and b (4 rows)."""
    r, alpha, a, b = params
    live = p_alive(params, x, tx, age)
    dead = 1 - live
    before = b + np.where(x > 0, x, 1) - 1
    shared = psi(a + b) - psi(a + b + x)
    partials = np.array(
        [
            psi(r + x)
            - psi(r)
            + np.log(alpha)
            - dead * np.log(alpha + tx)
            - live * np.log(alpha + age),
            r / alpha - (r + x) * (dead / (alpha + tx) + live / (alpha + age)),
            dead / a + shared,
            psi(b + x) - dead / before - psi(b) + shared,
        ]
    )
    return log_likelihood(params, x, tx, age), partials
