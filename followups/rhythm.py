"""Pure: when a customer orders, and how much a month, for the chart of its page.

A document is a pair of day and amount in base currency; cancelled ones are left out by
the caller. An order day is a day with at least one positive document.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

MONTHS = 24
MOST_MISSING = 12


@dataclass(frozen=True)
class OrderDay:
    """`gap`: days since the order day before; None for the first one shown."""

    on: date
    amount: Decimal
    gap: int | None


@dataclass(frozen=True)
class Month:
    """Net of returns. `first` and `last` are its days."""

    first: date
    last: date
    amount: Decimal


@dataclass(frozen=True)
class Rhythm:
    """`missing`: days on which orders were to be expected since the last one."""

    since: date
    until: date
    days: list[OrderDay]
    months: list[Month]
    missing: list[date]

    @property
    def last_on(self) -> date | None:
        return self.days[-1].on if self.days else None

    @property
    def silent_days(self) -> int | None:
        return (self.until - self.last_on).days if self.last_on else None


def first_month(until: date) -> date:
    """The first day of the 24 months that end with the month of `until`."""
    return _month_on(until, 1 - MONTHS)


def rhythm(
    documents: Iterable[tuple[date, Decimal]],
    *,
    until: date,
    usual_gap: float | None,
    first_order_on: date | None = None,
    holidays: frozenset[date] = frozenset(),
) -> Rhythm:
    """What the chart shows of the documents of the last 24 months, up to and with `until`.

    It begins with the month of the first order where that is later. The usual gap is one
    without `holidays`, and so is the silence that misses an order.
    """
    since = max(first_month(until), _month_on(first_order_on or date.min, 0))
    shown = [(on, amount) for on, amount in documents if since <= on <= until]
    days = _order_days(shown)
    return Rhythm(
        since,
        until,
        days,
        _months(shown, since, until),
        _missing(days, until, usual_gap, holidays),
    )


def _order_days(documents: list[tuple[date, Decimal]]) -> list[OrderDay]:
    sold: dict[date, Decimal] = defaultdict(Decimal)
    for on, amount in documents:
        if amount > 0:
            sold[on] += amount
    ordered = sorted(sold)
    before = dict(pairwise(reversed(ordered)))
    return [
        OrderDay(on, sold[on], (on - before[on]).days if on in before else None) for on in ordered
    ]


def _months(documents: list[tuple[date, Decimal]], since: date, until: date) -> list[Month]:
    net: dict[date, Decimal] = defaultdict(Decimal)
    for on, amount in documents:
        net[on.replace(day=1)] += amount
    count = _months_between(since, until) + 1
    firsts = [_month_on(since, step) for step in range(count + 1)]
    return [
        Month(first, following - timedelta(days=1), net[first])
        for first, following in pairwise(firsts)
    ]


def _missing(
    days: list[OrderDay], until: date, usual_gap: float | None, holidays: frozenset[date]
) -> list[date]:
    if not days or not usual_gap or usual_gap < 1:
        return []
    silent = (until - days[-1].on).days
    after = (days[-1].on + timedelta(days=number + 1) for number in range(silent))
    counted = [on for on in after if on not in holidays]
    count = min(int(len(counted) / usual_gap), MOST_MISSING)
    return [counted[round(usual_gap * (n + 1)) - 1] for n in range(count)]


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _month_on(day: date, months: int) -> date:
    """The first day of the month that lies `months` after that of `day`."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
