"""How right alerts would have been on the company's own past, measured with each weekly fit."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings

from tiering.bulk import copy_out
from tiering.churn.compared import calibrated, compared
from tiering.churn.earned import Badge, badges_at, earned_of
from tiering.churn.fit import FloatArray
from tiering.churn.measures import interval
from tiering.churn.shown_list import LEAST, STEPS, Weeks, measured
from tiering.churn.slices import MONTH, Book, IntArray
from tiering.churn.threshold import tried
from tiering.churn.weeks import MONTHS, Owners, Past
from tiering.facts import WHOLE, Shard
from tiering.models import AlertQuality, ChurnFit, Policy
from tiering.services.backtesting import read_book
from tiering.services.badges import with_badges
from tiering.windows import EPOCH, day_number

# Whole books of salespeople, as the budget of a week is theirs.
SAMPLE = 20_000
BACK = MONTH * MONTHS
NOTHING = {"weeks": 0, "lists": [], "badges": [], "tried": [], "compared": {}, "calibration": []}
OWNERS = "SELECT id, coalesce(owner_id, 0)::bigint FROM crm_customer ORDER BY id"
CHANGES = """
SELECT customer_id, ((changed_at AT TIME ZONE %(zone)s)::date - date '1970-01-01')::bigint,
    coalesce(from_owner_id, 0)::bigint
FROM crm_ownerchange ORDER BY customer_id, changed_at, id
"""


class Sample(NamedTuple):
    """Customers, ascending, and of the one owner whose book was too large to be taken whole the
    share that was taken."""

    customers: IntArray
    cut_owner: int | None = None
    share: float = 1.0

    def budgets(self, owner: IntArray, budget: int | None) -> FloatArray:
        """By row, how many alerts a week its owner is told of."""
        if budget is None:
            return np.full(len(owner), np.inf)
        return np.where(owner == self.cut_owner, np.ceil(budget * self.share), budget)


def books_drawn(customers: IntArray, owner: IntArray, *, limit: int = SAMPLE) -> Sample:
    """All customers of a small book; of a large one whole books of salespeople drawn by a seed,
    until there are as many as the limit: the last book in part."""
    if len(customers) <= limit:
        return Sample(customers)
    chance = np.random.default_rng(0)
    sizes = dict(zip(*np.unique(owner, return_counts=True), strict=True))
    taken: list[IntArray] = []
    left = limit
    for each in chance.permutation(sorted(sizes)):
        own = customers[owner == each]
        if len(own) > left:
            part = chance.choice(own, size=left, replace=False)
            chosen = np.sort(np.concatenate([*taken, part]))
            return Sample(chosen, int(each), left / len(own))
        taken.append(own)
        left -= len(own)
    return Sample(np.sort(np.concatenate(taken)))


def owners_of(customers: IntArray) -> Owners:
    """Of these customers, ascending; the changes of all."""
    today = copy_out(OWNERS, {}, {"customer": "i8", "owner": "i8"})
    place = np.searchsorted(today["customer"], customers)
    types = {"changed": "i8", "changed_day": "i8", "former": "i8"}
    changes = copy_out(CHANGES, {"zone": settings.TIME_ZONE}, types)
    return Owners(customers, today["owner"][place], **changes)


def measure(fit: ChurnFit, policy: Policy, *, customers: IntArray, training: Book) -> AlertQuality:
    """Replay the list as it is shown over the weeks whose 90 days are over, and keep the figures.

    `customers` have an order day, ascending; `training` is the book that the fit learned from.
    """
    fields = _replayed(fit.as_of, policy, customers=customers, training=training)
    return AlertQuality.objects.update_or_create(fit=fit, defaults=fields)[0]


def replay_list(*, as_of: date, policy: Policy) -> dict[str, Any]:
    """What `measure` would keep for a fit of that day; nothing is saved. The lists are worded as
    shares, with the interval of 95 per cent of the precision."""
    book = read_book(as_of=as_of, customers=None, back=BACK)
    customers = book.known_on(day_number(as_of)).index.to_numpy(dtype=np.int64)
    found = _replayed(as_of, policy, customers=customers, training=book)
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


def _replayed(
    as_of: date, policy: Policy, *, customers: IntArray, training: Book
) -> dict[str, Any]:
    owners = owners_of(customers)
    sample = books_drawn(customers, owners.owner)
    book, shard = training, WHOLE
    if len(sample.customers) < len(customers):
        chosen = sample.customers.tolist()
        book, shard = read_book(as_of=as_of, customers=chosen, back=BACK), Shard(customers=chosen)
    past = Past(book, owners, policy.rules(), day_number(as_of))
    fields: dict[str, Any] = NOTHING
    if past.concerned() >= LEAST:
        rows = with_badges(past.weeks(), shard=shard, until=as_of)
        fields = _figures(Weeks(rows, horizon=book.horizon), sample, policy)
    return fields | {"budget": policy.alert_budget, "customers": len(sample.customers)}


def _figures(weeks: Weeks, sample: Sample, policy: Policy) -> dict[str, Any]:
    budget = sample.budgets(weeks.owner, policy.alert_budget)
    thresholds = sorted({*STEPS, float(policy.alert_threshold)})
    badges = _badges(weeks, budget, thresholds, policy)
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
    weeks: Weeks, budget: FloatArray, thresholds: list[float], policy: Policy
) -> dict[float, list[Badge]]:
    """By threshold what each badge would have added to the list."""
    asked = policy.alert_precision
    wanted = None if asked is None else float(asked)
    return {at: badges_at(weeks, budget=budget, threshold=at, wanted=wanted) for at in thresholds}
