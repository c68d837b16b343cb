"""Why an alert says what it says: the figures of its night, put into the pure explanation.

The night keeps its model and what was usual in the book; the figures of the customer follow
from its documents up to that day. Where these were changed since, the parts no longer make
the chance that was told, and that is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from tiering.churn.explained import ByRegression, ByRepeats, by_regression, by_repeats, figures_of
from tiering.facts import IntArray
from tiering.models import ChurnAlert, NightRun
from tiering.services.fitting import params_of, regression_of, usual_of
from tiering.windows import YEAR, day_number, order_rhythm, without_holidays

ROUNDING = 1.5e-6  # of a chance that is kept to the millionth
Documents = Sequence[tuple[date, Decimal]]


@dataclass(frozen=True)
class Gap:
    """Days between two order days that follow each other, without holidays."""

    since: date
    until: date
    days: int


@dataclass(frozen=True)
class AlertWhy:
    """parts     None where the night kept too little, see `explained_by`
    figures   the whole numbers behind the parts
    agrees    whether the parts make the chance that the alert tells
    gaps      all own gaps, oldest first, and `silence` in the same days
    """

    parts: ByRegression | ByRepeats | None
    figures: Mapping[str, int]
    agrees: bool
    gaps: list[Gap]
    silence: int


def why_alert(alert: ChurnAlert, documents: Documents, holidays: IntArray) -> AlertWhy | None:
    """From the customer's documents that count, oldest first; None where no order is left up to
    the day of the alert's figures."""
    as_of = alert.seen_on
    known = [(day, amount) for day, amount in documents if day <= as_of]
    days = sorted({day for day, amount in known if amount > 0})
    if not days:
        return None
    rhythm = _rhythm(days, as_of, holidays)
    revenue = _revenue_cents(known, as_of)
    parts = explained_by(alert, rhythm, revenue)
    return AlertWhy(
        parts=parts,
        figures=figures_of(rhythm, revenue),
        agrees=parts is None or abs(parts.chance - alert.p_none) <= ROUNDING,
        gaps=_gaps(days, holidays),
        silence=int(rhythm["silence"].iloc[0]),
    )


def explained_by(
    alert: ChurnAlert, rhythm: pd.DataFrame, revenue_cents: int
) -> ByRegression | ByRepeats | None:
    """The parts of its chance by the model of its night; None where that is not kept."""
    run = NightRun.objects.select_related("fit").filter(as_of=alert.seen_on).first()
    params = params_of(run.fit) if run and run.fit else None
    if run is None or run.fit is None or params is None:
        return None
    if alert.signal == ChurnAlert.Signal.MBG:
        return by_repeats(rhythm, params)
    model, usual = regression_of(run.fit), usual_of(run)
    if model is None or usual is None:
        return None
    return by_regression(rhythm, revenue_cents, params, model, usual)


def _rhythm(days: list[date], as_of: date, holidays: IntArray) -> pd.DataFrame:
    numbers = np.array([day_number(day) for day in days])
    one = np.zeros(len(days), dtype=np.int64)
    return order_rhythm(one, numbers, as_of=day_number(as_of), holidays=holidays)


def _revenue_cents(known: Documents, as_of: date) -> int:
    return round(sum(amount * 100 for day, amount in known if (as_of - day).days < YEAR))


def _gaps(days: list[date], holidays: IntArray) -> list[Gap]:
    working = without_holidays(np.array([day_number(day) for day in days]), holidays)
    lengths = np.maximum(np.diff(working), 1).tolist()
    return [Gap(*each) for each in zip(days[:-1], days[1:], lengths, strict=True)]
