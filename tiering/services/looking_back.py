"""What the weekly replays look at: a sample of a book, drawn and read once for all of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from django.conf import settings

from tiering.bulk import copy_out
from tiering.churn.fit import FloatArray
from tiering.churn.slices import IntArray
from tiering.churn.weeks import Owners, grades_of
from tiering.facts import WHOLE, Past, Shard
from tiering.rules import Policy
from tiering.services.figures import figures_of_night
from tiering.services.trading import WEEK, last_orders, with_payments
from tiering.signal_records import Events
from tiering.signals import flagged, known_of
from tiering.signals.trade import TradeOverTime
from tiering.trade_records import trade_since
from tiering.windows import day_number

MONTH, HORIZON = timedelta(days=30), timedelta(days=90)
# Of so many months it is measured how often signals were right, of so many weeks what badges add.
MONTHS_LOOKED, WEEKS_LOOKED = 12, 26
# Whole books of salespeople, as the budget of a week is theirs.
SAMPLE = 20_000
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


def books_drawn(customers: IntArray, owner: IntArray, *, limit: int) -> Sample:
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


class Replay:
    """The signals of past days, each from what was known then; everything is read once.

    days    those that will be asked for
    until   the last day that is read
    """

    def __init__(self, days: Sequence[date], *, until: date, shard: Shard = WHOLE):
        self._past = Past(days, until=until, shard=shard)
        self._trade = trade_since(min(days), shard, as_of=until)
        self._bought = TradeOverTime(self._trade.lines, self._trade.categories)
        self._events = Events(days, shard)

    def shown(self, day: date, policy: Policy | None = None) -> pd.DataFrame:
        """Signals of the customers eligible on the day, and `base`, which they all have; with a
        policy their `grade` by value."""
        figures = figures_of_night(self._past.facts(day), params=None, threshold=1.0)
        figures = figures[figures["order_days_365"] > 0]
        said = with_payments(self._bought.on(last_orders(figures)), self._trade, as_of=day)
        known = known_of(figures, [said, *self._events.on(day_number(day))])
        shown = flagged(known, as_of=day_number(day)).assign(base=True)
        return shown if policy is None else shown.assign(grade=grades_of(figures, policy))

    def fell_silent(self, day: date, index: pd.Index) -> np.ndarray:
        """Who of the index has no order day in the horizon after the day."""
        return ~index.isin(self._past.ordered(day, days=HORIZON.days))


class LookBack:
    """A book as the replays of one night look back on it; nothing is read before it is asked for.

    customers   with an order day, ascending
    """

    def __init__(self, customers: IntArray, *, as_of: date):
        self.customers, self.as_of = customers, as_of
        newest = as_of - HORIZON
        self.months = [newest - MONTH * number for number in range(MONTHS_LOOKED)]
        self.weeks = [newest - WEEK * number for number in range(WEEKS_LOOKED)]

    @cached_property
    def owners(self) -> Owners:
        return owners_of(self.customers)

    @cached_property
    def sample(self) -> Sample:
        return books_drawn(self.customers, self.owners.owner, limit=SAMPLE)

    @property
    def is_whole(self) -> bool:
        return len(self.sample.customers) == len(self.customers)

    @cached_property
    def replay(self) -> Replay:
        shard = WHOLE if self.is_whole else Shard(customers=tuple(self.sample.customers.tolist()))
        days = sorted({*self.months, *self.weeks})
        return Replay(days, until=self.as_of, shard=shard)
