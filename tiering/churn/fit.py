"""Pure: maximum likelihood for models of repeat buying with four positive parameters.

A model is a function of (params, x, tx, age) that returns each customer's log-likelihood
and its four partial derivatives. x counts repeats, tx is the time of the last order and
age the time of observation, both since the first order and in one unit: days in this
product. `alpha` is in that unit too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult, minimize

FloatArray = npt.NDArray[np.float64]

MINIMUM_CUSTOMERS = 100
MINIMUM_REPEATS = 200
SAMPLE = 50_000
# Of log parameters, time in units of the mean age. Wide enough that a book without
# drop-outs, or of equal buyers, ends here as a usable limit and not as an overflow.
EDGE = 12.0
FLAT = 1e-4
STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.1, 0.5, 3.0), (3.0, 1.0, 0.1, 10.0))


class Params(NamedTuple):
    """Rate ~ Gamma(r, alpha); drop-out after an order ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float


Model = Callable[[Params, FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


class Reason(StrEnum):
    """Why a fit ended as it did; a code for storage, to be worded on the page."""

    FITTED = "fitted"
    TOO_LITTLE_DATA = "too_little_data"
    NOT_FINITE = "not_finite"
    NO_CONVERGENCE = "no_convergence"


@dataclass(frozen=True)
class Fit:
    """The outcome of a fit. `params` is None unless it converged; nothing raises.

    `customers` and `repeats` describe the book; `fitted_on` is the number of customers
    the likelihood was taken over (fewer where the book was sampled).
    """

    reason: Reason
    customers: int
    repeats: int
    fitted_on: int = 0
    params: Params | None = None
    log_likelihood: float | None = None

    @property
    def converged(self) -> bool:
        return self.params is not None


class _Rows(NamedTuple):
    """Distinct (x, tx, age) with the number of customers that share each."""

    x: FloatArray
    tx: FloatArray
    age: FloatArray
    weight: FloatArray


def enough_data(x: npt.ArrayLike) -> bool:
    """At least 100 customers with 200 repeats between them; below it no fit and no alert."""
    repeats = np.asarray(x)
    return len(repeats) >= MINIMUM_CUSTOMERS and bool(repeats.sum() >= MINIMUM_REPEATS)


def fit(
    model: Model,
    x: npt.ArrayLike,
    tx: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    sample: int = SAMPLE,
    seed: int = 0,
) -> Fit:
    """Fit by L-BFGS on log parameters; the result depends on no order of customers.

    Of more than `sample` customers a sample drawn with `seed` is used. Where the data do
    not suffice or the likelihood does not settle, the Fit says so and has no params.
    """
    columns = np.array([x, tx, age], dtype=np.float64)
    if not np.isfinite(columns).all():
        return Fit(Reason.NOT_FINITE, columns.shape[1], 0)
    book = Fit(Reason.TOO_LITTLE_DATA, columns.shape[1], int(columns[0].sum()))
    if not enough_data(columns[0]):
        return book
    rows = _distinct(_sampled(columns, sample, seed))
    return _best(model, rows, replace(book, fitted_on=int(rows.weight.sum())))


def _sampled(columns: FloatArray, sample: int, seed: int) -> FloatArray:
    ordered = columns[:, np.lexsort(columns)]
    if ordered.shape[1] <= sample:
        return ordered
    drawn = np.random.default_rng(seed).choice(ordered.shape[1], size=sample, replace=False)
    return ordered[:, np.sort(drawn)]


def _distinct(ordered: FloatArray) -> _Rows:
    """`ordered` has equal customers side by side."""
    is_new = np.ones(ordered.shape[1], dtype=bool)
    is_new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    x, tx, age = ordered[:, is_new]
    counts = np.diff(np.flatnonzero(is_new), append=ordered.shape[1])
    return _Rows(x, tx, age, counts.astype(np.float64))


def _best(model: Model, rows: _Rows, book: Fit) -> Fit:
    """Try the starts in turn; the first that settles is taken."""
    scale = float(np.average(rows.age, weights=rows.weight)) or 1.0
    scaled = rows._replace(tx=rows.tx / scale, age=rows.age / scale)
    reason = Reason.NOT_FINITE
    for start in STARTS:
        found = _maximum(model, scaled, start)
        if np.isfinite(found.fun) and _settled(found):
            return _in_own_unit(book, found, rows, scale)
        if np.isfinite(found.fun):
            reason = Reason.NO_CONVERGENCE
    return replace(book, reason=reason)


def _maximum(model: Model, rows: _Rows, start: tuple[float, ...]) -> OptimizeResult:
    return minimize(
        _loss,
        np.log(start),
        args=(model, rows),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-EDGE, EDGE)] * len(start),
        options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500},
    )


def _loss(log_params: FloatArray, model: Model, rows: _Rows) -> tuple[float, FloatArray]:
    """Mean negative log-likelihood, and its gradient by log parameters."""
    values = np.exp(log_params)
    likelihood, partials = model(Params(*values), rows.x, rows.tx, rows.age)
    customers = rows.weight.sum()
    loss = -(rows.weight @ likelihood) / customers
    return loss, -(partials @ rows.weight) * values / customers


def _settled(found: OptimizeResult) -> bool:
    """Flat in every direction that is still open; the line search may end sooner by rounding."""
    outward = np.sign(found.x) * found.jac < 0
    pressed = (np.abs(found.x) >= EDGE) & outward
    return bool(found.success or (np.abs(found.jac[~pressed]) < FLAT).all())


def _in_own_unit(book: Fit, found: OptimizeResult, rows: _Rows, scale: float) -> Fit:
    """Undo the scaling of time; a density of x orders scales by 1/scale each."""
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    log_likelihood = -found.fun * rows.weight.sum() - (rows.x @ rows.weight) * np.log(scale)
    return replace(
        book,
        reason=Reason.FITTED,
        params=Params(r, alpha * scale, a, b),
        log_likelihood=float(log_likelihood),
    )
