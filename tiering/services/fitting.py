"""The parameters of the churn model: fitted once a week, or why there are none."""

from datetime import date, timedelta

import pandas as pd

from tiering.churn import mbg
from tiering.churn.fit import Fit, Params, Reason
from tiering.models import ChurnFit

WEEK = timedelta(days=7)
STATES = {
    Reason.FITTED: ChurnFit.State.FITTED,
    Reason.TOO_LITTLE_DATA: ChurnFit.State.TOO_LITTLE,
    Reason.NOT_FINITE: ChurnFit.State.NO_ANSWER,
    Reason.NO_CONVERGENCE: ChurnFit.State.NO_ANSWER,
}


def fit_of_the_week(*, as_of: date, rhythm: pd.DataFrame) -> ChurnFit:
    """The newest fit while it is younger than a week and has an answer, else a new one."""
    newest = ChurnFit.objects.filter(as_of__lte=as_of).order_by("-as_of").first()
    if newest and newest.state == ChurnFit.State.FITTED and as_of - newest.as_of < WEEK:
        return newest
    found = mbg.fit(rhythm["repeats"], rhythm["recency"], rhythm["age"])
    return ChurnFit.objects.update_or_create(as_of=as_of, defaults=_fields(found))[0]


def params_of(fit: ChurnFit) -> Params | None:
    """None where there is no model; then nobody has a chance of no order, and no alert opens."""
    if fit.r is None or fit.alpha is None or fit.a is None or fit.b is None:
        return None
    return Params(fit.r, fit.alpha, fit.a, fit.b)


def _fields(found: Fit) -> dict[str, object]:
    params = found.params._asdict() if found.params else dict.fromkeys(Params._fields)
    return params | {
        "state": STATES[found.reason],
        "log_likelihood": found.log_likelihood,
        "customers": found.customers,
        "repeats": found.repeats,
    }
