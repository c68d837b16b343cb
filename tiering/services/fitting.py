"""The parameters of the churn model: fitted once a week, or why there are none."""

from dataclasses import asdict
from datetime import date, timedelta

import numpy as np
import pandas as pd

from tiering.churn import mbg
from tiering.churn.cadence import BookCadence
from tiering.churn.features import FEATURES, Usual
from tiering.churn.fit import SAMPLE, Fit, Params, Reason
from tiering.churn.ladder import Ladder, climb, without_model
from tiering.churn.logistic import Logistic
from tiering.churn.slices import Book, IntArray, history_of, sample_of
from tiering.models import ChurnFit, NightRun, Policy
from tiering.services.backtesting import read_book
from tiering.services.looking_back import LookBack
from tiering.services.quality import BACK, measure
from tiering.windows import YEAR, day_number

WEEK = timedelta(days=7)
STATES = {
    Reason.FITTED: ChurnFit.State.FITTED,
    Reason.TOO_LITTLE_DATA: ChurnFit.State.TOO_LITTLE,
    Reason.NOT_FINITE: ChurnFit.State.NO_ANSWER,
    Reason.NO_CONVERGENCE: ChurnFit.State.NO_ANSWER,
}


def fit_of_the_week(*, rhythm: pd.DataFrame, policy: Policy, past: LookBack) -> ChurnFit:
    """The newest fit while it is younger than a week and has an answer, else a new one, with how
    right alerts would have been under the policy. `past` looks back from the day that is fitted."""
    as_of = past.as_of
    newest = ChurnFit.objects.filter(as_of__lte=as_of).order_by("-as_of").first()
    if newest and newest.state == ChurnFit.State.FITTED and as_of - newest.as_of < WEEK:
        return newest
    found = mbg.fit(*history_of(rhythm))
    if not found.converged:
        return _kept_fit(as_of, found, without_model(found.reason))
    training = _training(past.customers, as_of)
    fit = _kept_fit(as_of, found, climb(training, as_of=day_number(as_of)))
    measure(fit, policy, past=past, training=training)
    return fit


def params_of(fit: ChurnFit) -> Params | None:
    """None where there is no model; then nobody has a chance of no order, and no alert opens."""
    if fit.r is None or fit.alpha is None or fit.a is None or fit.b is None:
        return None
    return Params(fit.r, fit.alpha, fit.a, fit.b)


def regression_of(fit: ChurnFit) -> Logistic | None:
    """None below rung A; then MBG/NBD alone says how likely silence goes on."""
    kept = fit.logistic
    if fit.rung != ChurnFit.Rung.LOGISTIC or not kept or kept["names"] != list(FEATURES):
        return None
    # A figure that was the same for all has no deviation, and says nothing.
    deviations = [np.inf if each is None else each for each in kept["deviations"]]
    columns = (kept["means"], deviations, kept["coefficients"])
    means, spread, weights = (np.array(each, dtype=np.float64) for each in columns)
    return Logistic(means, spread, weights, kept["intercept"])


def usual_to_keep(usual: Usual, holidays: IntArray, *, as_of: date) -> dict[str, object]:
    """With the holidays since the first order and of the year to come, as day numbers."""
    today = day_number(as_of)
    near = (holidays > today - usual.history) & (holidays <= today + YEAR)
    kept = {"cadence": usual.cadence and asdict(usual.cadence), "history": usual.history}
    return kept | {"holidays": holidays[near].tolist()}


def holidays_of(run: NightRun) -> IntArray:
    """Those that the figures of a night leave out, as far as one customer's lean on them."""
    return np.array((run.usual or {}).get("holidays", []), dtype=np.int64)


def usual_of(run: NightRun) -> Usual | None:
    """What the figures of that night leaned on; None where it was not kept yet."""
    kept = run.usual
    if not kept:
        return None
    return Usual(kept["cadence"] and BookCadence(**kept["cadence"]), kept["history"])


def _kept_fit(as_of: date, found: Fit, ladder: Ladder) -> ChurnFit:
    fields = _fields(found) | _chosen(ladder)
    return ChurnFit.objects.update_or_create(as_of=as_of, defaults=fields)[0]


def _training(customers: IntArray, as_of: date) -> Book:
    """The whole book, or a sample of a large one."""
    chosen = sample_of(customers, limit=SAMPLE)
    is_whole = len(chosen) == len(customers)
    return read_book(as_of=as_of, customers=None if is_whole else chosen.tolist(), back=BACK)


def _chosen(ladder: Ladder) -> dict[str, object]:
    names = ("slices", "rows", "positives", "auc_mbg", "auc_logistic")
    figures = {name: getattr(ladder, name) for name in names}
    kept = ladder.model and _kept(ladder.model)
    return figures | {"rung": ladder.rung.value, "why": ladder.why.value, "logistic": kept}


def _kept(model: Logistic) -> dict[str, object]:
    return {
        "names": list(FEATURES),
        "means": model.means.tolist(),
        "deviations": [each if np.isfinite(each) else None for each in model.deviations.tolist()],
        "coefficients": model.coefficients.tolist(),
        "intercept": model.intercept,
    }


def _fields(found: Fit) -> dict[str, object]:
    params = found.params._asdict() if found.params else dict.fromkeys(Params._fields)
    return params | {
        "state": STATES[found.reason],
        "log_likelihood": found.log_likelihood,
        "customers": found.customers,
        "repeats": found.repeats,
    }
