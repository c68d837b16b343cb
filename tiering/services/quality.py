"""How right alerts would have been on the company's own past, measured with each weekly fit."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np

from tiering.churn.compared import calibrated, compared
from tiering.churn.earned import Badge, InFact, badges_at, earned_of
from tiering.churn.fit import FloatArray
from tiering.churn.measures import interval
from tiering.churn.shown_list import LEAST, STEPS, measured
from tiering.churn.slices import MONTH, Book
from tiering.churn.threshold import tried
from tiering.churn.told import Weeks
from tiering.churn.weeks import MONTHS, Past
from tiering.models import AlertQuality, ChurnFit, Policy
from tiering.services.backtesting import read_book
from tiering.services.badges import with_badges
from tiering.services.looking_back import LookBack, Sample
from tiering.services.thresholds import badges_in_fact
from tiering.windows import EPOCH, day_number

BACK = MONTH * MONTHS
NOTHING = {"weeks": 0, "lists": [], "badges": [], "tried": [], "compared": {}, "calibration": []}


def measure(fit: ChurnFit, policy: Policy, *, past: LookBack, training: Book) -> AlertQuality:
    """Replay the list as it is shown over the weeks whose 90 days are over, and keep the figures.

    `past` looks back from the day of the fit; `training` is the book that the fit learned from.
    """
    fields = _replayed(past, policy, training)
    return AlertQuality.objects.update_or_create(fit=fit, defaults=fields)[0]


def replay_list(*, as_of: date, policy: Policy) -> dict[str, Any]:
    """What `measure` would keep for a fit of that day; nothing is saved. The lists are worded as
    shares, with the interval of 95 per cent of the precision."""
    book = read_book(as_of=as_of, customers=None, back=BACK)
    customers = book.known_on(day_number(as_of)).index.to_numpy(dtype=np.int64)
    found = _replayed(LookBack(customers, as_of=as_of), policy, book)
    days = {name: str(found[name]) for name in ("first_on", "last_on") if found.get(name)}
    return found | days | {"lists": [as_shares(row) for row in found["lists"]]}


def as_shares(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a list with its counts as shares; None of nothing."""
    low, high = interval(row["right"], row["n"]) or (None, None)
    named = {name: row[name] for name in ("list", "threshold", "part", "n", "right", "warning")}
    return named | {
        "precision": row["right"] / row["n"] if row["n"] else None,
        "low": low,
        "high": high,
        "recall": row["caught"] / row["lost"] if row["lost"] else None,
        "value_caught": row["caught_value"] / row["lost_value"] if row["lost_value"] else None,
    }


def _replayed(past: LookBack, policy: Policy, training: Book) -> dict[str, Any]:
    sample, book = past.sample, training
    if not past.is_whole:
        book = read_book(as_of=past.as_of, customers=sample.customers.tolist(), back=BACK)
    silences = Past(book, past.owners, policy.rules(), day_number(past.as_of))
    fields: dict[str, Any] = NOTHING
    if silences.concerned() >= LEAST:
        rows = with_badges(silences.weeks(), past)
        weeks = Weeks(rows, horizon=book.horizon)
        fields = _figures(weeks, sample, policy, badges_in_fact(past.as_of))
    return fields | {"budget": policy.alert_budget, "customers": len(sample.customers)}


def _figures(weeks: Weeks, sample: Sample, policy: Policy, in_fact: InFact) -> dict[str, Any]:
    budget = sample.budgets(weeks.owner, policy.alert_budget)
    thresholds = sorted({*STEPS, float(policy.alert_threshold)})
    badges = _badges(weeks, budget, thresholds, policy, in_fact)
    earned = {at: earned_of(found) for at, found in badges.items()}
    lists = measured(weeks, budget=budget, thresholds=thresholds, earned=earned)
    days = weeks.rows["day"].unique()
    return {
        "first_on": EPOCH + timedelta(days=int(days[0])) if len(days) else None,
        "last_on": EPOCH + timedelta(days=int(days[-1])) if len(days) else None,
        "weeks": len(days),
        "lists": [asdict(row) for row in lists],
        "badges": [each.kept for found in badges.values() for each in found],
        "tried": [asdict(each) for each in tried(weeks)],
        "compared": compared(weeks),
        "calibration": calibrated(weeks),
    }


def _badges(
    weeks: Weeks, budget: FloatArray, thresholds: list[float], policy: Policy, in_fact: InFact
) -> dict[float, list[Badge]]:
    """By threshold what each badge would have added to the list, and how right it was in fact."""
    asked = policy.alert_precision
    wanted = None if asked is None else float(asked)
    return {
        at: badges_at(weeks, budget=budget, threshold=at, wanted=wanted, in_fact=in_fact)
        for at in thresholds
    }
