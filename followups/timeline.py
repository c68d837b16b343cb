"""All that happened with one customer, newest first, merged from its tables page by page.

An event's key is (day, source, moment, row). The key of the last event shown is the
cursor of the next page, so that what is written meanwhile shifts nothing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from crm.models import Case, Customer, Order, OwnerChange, Payment, Promise, Visit
from followups.models import WinBackEvent, WinBackTouch
from tiering.models import AlertEvent, ChurnAlert, GradeChange, Override

PAGE_SIZE = 12
CURSOR = re.compile(r"([12]\d{7})-(\d{1,2})-(-?\d{1,16})-(\d{1,18})", re.ASCII)
GROUPS = ("all", "orders", "visits", "grade")


class Key(NamedTuple):
    """`moment`: microseconds since 1970, 0 where only the day is known."""

    day: date
    source: int
    moment: int
    pk: int

    @property
    def month(self) -> tuple[int, int]:
        return self.day.year, self.day.month

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
    def template(self) -> str:
        return f"followups/events/{self.kind}.html"


@dataclass(frozen=True)
class Page:
    """`older` is the cursor of the next page, empty on the last one."""

    events: list[Event]
    older: str


@dataclass(frozen=True)
class Source:
    """One kind of event: `keys` is SQL for the day, moment and key of a customer's rows."""

    kind: str
    group: str
    keys: str
    rows: Callable[[], QuerySet[Any]]


def on_day(column: str, tables: str, where: str = "") -> str:
    condition = f" AND {where}" if where else ""
    return (
        f"SELECT {column}, 0::bigint, event.id FROM {tables}"
        f" WHERE customer_id = %(customer)s{condition}"
    )


def at_moment(column: str, table: str) -> str:
    return (
        f"SELECT ({column} AT TIME ZONE %(zone)s)::date,"
        f" (extract(epoch FROM {column}) * 1000000)::bigint, event.id"
        f" FROM {table} event WHERE customer_id = %(customer)s"
    )


# Those of `AlertEvent.objects.to_tell()`.
TOLD = "event.event <> 'raised' AND NOT (event.event = 'told' AND happened_on = opened_on)"

# A touch may have had several follow-ups; it is done with the last of them.
TOUCHES = """
    SELECT (max(closed_at) AT TIME ZONE %(zone)s)::date,
        (extract(epoch FROM max(closed_at)) * 1000000)::bigint, event.id
    FROM followups_followup f JOIN followups_winbacktouch event ON event.id = f.touch_id
    WHERE f.customer_id = %(customer)s AND f.state = 'done' GROUP BY event.id
"""

# Of one day, what stands later in this list is shown first.
SOURCES = [
    Source(
        "owner_change",
        "grade",
        at_moment("changed_at", "crm_ownerchange"),
        lambda: OwnerChange.objects.select_related("from_owner", "to_owner"),
    ),
    Source(
        "grade_change",
        "grade",
        on_day("as_of", "tiering_gradechange event"),
        GradeChange.objects.worded,
    ),
    Source(
        "payment",
        "orders",
        on_day("paid_on", "crm_payment event JOIN crm_order bought ON bought.id = order_id"),
        lambda: Payment.objects.select_related("order"),
    ),
    Source("order", "orders", on_day("ordered_on", "crm_order event"), Order.objects.all),
    Source("case_opened", "visits", on_day("opened_on", "crm_case event"), Case.objects.all),
    Source(
        "promise_settled",
        "visits",
        on_day(
            "settled_on",
            "crm_promise event JOIN crm_visit met ON met.id = visit_id",
            "settled_on IS NOT NULL",
        ),
        Promise.objects.all,
    ),
    Source(
        "visit",
        "visits",
        at_moment("happened_at", "crm_visit"),
        lambda: Visit.objects.select_related("by", "contact").prefetch_related("promises"),
    ),
    Source(
        "case_closed",
        "visits",
        on_day("closed_on", "crm_case event", "closed_on IS NOT NULL"),
        Case.objects.all,
    ),
    Source(
        "alert_opened",
        "grade",
        on_day("opened_on", "tiering_churnalert event"),
        ChurnAlert.objects.all,
    ),
    Source(
        "alert_event",
        "grade",
        on_day(
            "happened_on",
            "tiering_alertevent event JOIN tiering_churnalert alert ON alert.id = event.alert_id",
            TOLD,
        ),
        lambda: AlertEvent.objects.with_outcome().select_related("alert", "by"),
    ),
    Source(
        "override",
        "grade",
        at_moment("created_at", "tiering_override"),
        lambda: Override.objects.select_related("by", "approved_by"),
    ),
    Source(
        "override_ended",
        "grade",
        on_day("ended_on", "tiering_override event", "ended_on IS NOT NULL"),
        lambda: Override.objects.select_related("ended_by"),
    ),
    Source(
        "winback_event",
        "visits",
        on_day(
            "happened_on",
            "followups_winbackevent event JOIN followups_winback plan ON plan.id = event.plan_id",
        ),
        lambda: WinBackEvent.objects.select_related("by"),
    ),
    Source(
        "winback_touch",
        "visits",
        TOUCHES,
        lambda: WinBackTouch.objects.in_order().order_by(),
    ),
]


def timeline(
    customer: Customer, *, show: str, before: str, zone: tzinfo, size: int = PAGE_SIZE
) -> Page:
    """One page of a customer's events of a group, older than the cursor `before` (or empty).

    An unknown group shows all, an unreadable cursor the first page. Days are those of `zone`.
    Costs one query for the keys and one for each kind of event on the page.
    """
    keys = _keys(customer, show, parse_cursor(before), zone, size + 1)
    events = _events(keys[:size])
    return Page(events, str(events[-1].key) if len(keys) > size else "")


def parse_cursor(text: str) -> Key | None:
    match = CURSOR.fullmatch(text)
    if not match:
        return None
    try:
        day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date()
        return Key(day, int(match[2]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def _keys(customer: Customer, show: str, cursor: Key | None, zone: tzinfo, size: int) -> list[Key]:
    older = "WHERE (day, source, moment, pk) < %(cursor)s" if cursor else ""
    sql = f"""
        SELECT day, source, moment, pk FROM ({_union(show)}) AS happened (source, day, moment, pk)
        {older} ORDER BY day DESC, source DESC, moment DESC, pk DESC LIMIT %(size)s
    """
    known: dict[str, Any] = {"customer": customer.pk, "zone": str(zone), "size": size}
    with connection.cursor() as db:
        db.execute(sql, known | {"cursor": cursor and tuple(cursor)})
        return [Key(*row) for row in db.fetchall()]


def _union(show: str) -> str:
    """The keys of all sources of a group, each with its place in the list."""
    group = show if show in GROUPS[1:] else ""
    parts = [
        f"SELECT {place}, * FROM ({source.keys}) AS source_{place}"
        for place, source in enumerate(SOURCES)
        if group in ("", source.group)
    ]
    return " UNION ALL ".join(parts)


def _events(keys: Iterable[Key]) -> list[Event]:
    wanted: dict[int, list[int]] = defaultdict(list)
    for key in keys:
        wanted[key.source].append(key.pk)
    rows = {place: SOURCES[place].rows().in_bulk(pks) for place, pks in wanted.items()}
    return [Event(SOURCES[key.source].kind, key, rows[key.source][key.pk]) for key in keys]
