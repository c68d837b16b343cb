"""Pure: MBG/NBD, the chance that a customer does not order in the next days, in closed form.

While a customer is alive, orders come at a rate of its own; after every order, the first
included, it may drop out for good. Rates ~ Gamma(r, alpha), drop-out chances ~ Beta(a, b)
(Batislam, Denizel and Filiztekin 2007; the formulas stand in docs/grading.md). Arrays are
one entry per customer: x repeats, tx first to last order, age first order to today.
Times are in the unit the parameters were fitted in: days in this product.
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
    x, tx, age = _floats(x, tx, age)
    r, alpha, a, b = params
    alive = betaln(a, b + x + 1) - betaln(a, b) - (r + x) * np.log(alpha + age)
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    # The likelihood of being alive, divided by the chance of it, is that of both cases.
    return rate + alive - log_expit(_log_odds_alive(params, x, tx, age))


def p_alive(params: Params, x: npt.ArrayLike, tx: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
    """Chance that the customer has not dropped out. Never alert on it: use `p_none`."""
    return expit(_log_odds_alive(params, *_floats(x, tx, age)))


def p_none(
    params: Params,
    x: npt.ArrayLike,
    tx: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    horizon: npt.ArrayLike,
) -> FloatArray:
    """Chance of no order within `horizon` from today: dropped out, or alive and silent."""
    ordering = p_order_if_alive(params, x, age, horizon=horizon)
    return 1 - p_alive(params, x, tx, age) * ordering


def p_order_if_alive(
    params: Params, x: npt.ArrayLike, age: npt.ArrayLike, *, horizon: npt.ArrayLike
) -> FloatArray:
    """Chance of an order within `horizon` from today of a customer that has not dropped out."""
    x, age, horizon = _floats(x, age, horizon)
    return -np.expm1(-(params.r + x) * np.log1p(horizon / (params.alpha + age)))


def _floats(*columns: npt.ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(column, dtype=np.float64) for column in columns)


def _log_odds_alive(params: Params, x: FloatArray, tx: FloatArray, age: FloatArray) -> FloatArray:
    """ln(live / dead): the beta functions of the two cases differ by the factor (b + x) / a."""
    r, alpha, a, b = params
    return np.log(b + x) - np.log(a) - (r + x) * np.log1p((age - tx) / (alpha + tx))


def _with_partials(
    params: Params, x: FloatArray, tx: FloatArray, age: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log-likelihood of each row, and its derivatives by r, alpha, a and b (4 rows)."""
    r, alpha, a, b = params
    live = p_alive(params, x, tx, age)
    dead = 1 - live
    shared = psi(a + b) - psi(a + b + x + 1)
    partials = np.array(
        [
            psi(r + x)
            - psi(r)
            + np.log(alpha)
            - dead * np.log(alpha + tx)
            - live * np.log(alpha + age),
            r / alpha - (r + x) * (dead / (alpha + tx) + live / (alpha + age)),
            dead / a + shared,
            psi(b + x) + live / (b + x) - psi(b) + shared,
        ]
    )
    return log_likelihood(params, x, tx, age), partials
