"""All that happened with one customer, newest first, merged from ten tables page by page.

An event's key is (day, source, moment, row). The key of the last event shown is the
cursor of the next page, so that what is written meanwhile shifts nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

from crm.models import Case, Customer, Order, OwnerChange, Payment, Promise, Visit
from tiering.models import ChurnAlert, Grade, GradeChange

PAGE_SIZE = 20
CURSOR = re.compile(r"([12]\d{7})-(\d{1,2})-(-?\d{1,16})-(\d{1,18})", re.ASCII)
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Key(NamedTuple):
    """`moment`: microseconds since 1970, 0 where only the day is known."""

    day: date
    source: int
    moment: int
    pk: int

    def __str__(self) -> str:
        return f"{self.day:%Y%m%d}-{self.source}-{self.moment}-{self.pk}"


@dataclass(frozen=True)
class Event:
    kind: str
    key: Key
    row: Any

    @property
    def on(self) -> date:
        return self.key.day

    @property
    def went(self) -> str:
        """Where a change of grade led: up, down, or nowhere (empty)."""
        before, after = self.row.from_grade, self.row.to_grade
        if not before or before == after:
            return ""
        return "up" if Grade.values.index(after) < Grade.values.index(before) else "down"

    @property
    def template(self) -> str:
        return f"followups/events/{self.kind}.html"


@dataclass(frozen=True)
class Page:
    """`older` is the cursor of the next page, empty on the last one."""

    events: list[Event]
    older: str


@dataclass(frozen=True)
class Source:
    """One table; `at` is the field that dates its rows."""

    kind: str
    group: str
    rows: Callable[[Customer], QuerySet[Any]]
    at: str
    is_moment: bool = False


# Of one day, what stands later in this list is shown first.
SOURCES = [
    Source(
        "owner_change",
        "grade",
        lambda customer: OwnerChange.objects.filter(customer=customer).select_related(
            "from_owner", "to_owner"
        ),
        "changed_at",
        is_moment=True,
    ),
    Source(
        "grade_change",
        "grade",
        lambda customer: GradeChange.objects.filter(customer=customer).select_related(
            "run__policy"
        ),
        "as_of",
    ),
    Source(
        "payment",
        "orders",
        lambda customer: Payment.objects.filter(order__customer=customer).select_related("order"),
        "paid_on",
    ),
    Source(
        "order", "orders", lambda customer: Order.objects.filter(customer=customer), "ordered_on"
    ),
    Source(
        "case_opened",
        "visits",
        lambda customer: Case.objects.filter(customer=customer),
        "opened_on",
    ),
    Source(
        "promise_settled",
        "visits",
        lambda customer: Promise.objects.of_customer(customer).exclude(settled_on=None),
        "settled_on",
    ),
    Source(
        "visit",
        "visits",
        lambda customer: (
            Visit.objects.filter(customer=customer)
            .select_related("by", "contact")
            .prefetch_related("promises")
        ),
        "happened_at",
        is_moment=True,
    ),
    Source(
        "case_closed",
        "visits",
        lambda customer: Case.objects.filter(customer=customer).exclude(closed_on=None),
        "closed_on",
    ),
    Source(
        "alert_opened",
        "grade",
        lambda customer: ChurnAlert.objects.filter(customer=customer),
        "opened_on",
    ),
    Source(
        "alert_closed",
        "grade",
        lambda customer: ChurnAlert.objects.filter(customer=customer).exclude(closed_on=None),
        "closed_on",
    ),
]
GROUPS = ("all", "orders", "visits", "grade")


def timeline(
    customer: Customer, *, show: str, before: str, zone: tzinfo, size: int = PAGE_SIZE
) -> Page:
    """One page of a customer's events of a group, older than the cursor `before` (or empty).

    An unknown group shows all, an unreadable cursor the first page. Days are those of `zone`.
    """
    cursor = parse_cursor(before)
    found: list[Event] = []
    for source in _sources(show):
        found += _latest(source, customer, cursor, zone, size + 1)
    found.sort(key=lambda event: event.key, reverse=True)
    events = found[:size]
    return Page(events, str(events[-1].key) if len(found) > size else "")


def parse_cursor(text: str) -> Key | None:
    match = CURSOR.fullmatch(text)
    if not match:
        return None
    try:
        day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date()
        return Key(day, int(match[2]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def _sources(show: str) -> list[Source]:
    group = show if show in GROUPS[1:] else ""
    return [source for source in SOURCES if group in ("", source.group)]


def _latest(
    source: Source, customer: Customer, cursor: Key | None, zone: tzinfo, size: int
) -> Iterator[Event]:
    rows = source.rows(customer)
    if cursor:
        earlier = _moments_before if source.is_moment else _days_before
        rows = rows.filter(earlier(source, cursor, zone))
    for row in rows.order_by(F(source.at).desc(), "-pk")[:size]:
        yield Event(source.kind, _key(source, row, zone), row)


def _key(source: Source, row: Any, zone: tzinfo) -> Key:
    at = getattr(row, source.at)
    place = SOURCES.index(source)
    if source.is_moment:
        return Key(at.astimezone(zone).date(), place, (at - EPOCH) // MICROSECOND, row.pk)
    return Key(at, place, 0, row.pk)


def _days_before(source: Source, cursor: Key, zone: tzinfo) -> Q:
    place = SOURCES.index(source)
    if place < cursor.source:
        return Q(**{f"{source.at}__lte": cursor.day})
    earlier = Q(**{f"{source.at}__lt": cursor.day})
    if place > cursor.source:
        return earlier
    return earlier | Q(**{source.at: cursor.day, "pk__lt": cursor.pk})


def _moments_before(source: Source, cursor: Key, zone: tzinfo) -> Q:
    place = SOURCES.index(source)
    if place == cursor.source:
        at = EPOCH + cursor.moment * MICROSECOND
        return Q(**{f"{source.at}__lt": at}) | Q(**{source.at: at, "pk__lt": cursor.pk})
    day = cursor.day + timedelta(days=1) if place < cursor.source else cursor.day
    return Q(**{f"{source.at}__lt": datetime.combine(day, time.min, tzinfo=zone)})
