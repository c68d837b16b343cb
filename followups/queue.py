"""What stands on somebody's list today, and the figures above it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from crm.models import Customer, User, Visit
from followups.models import FollowUp
from followups.rows import PAGE, WEEK, Row, Section, ServicePolicies, policies, row_of, section_of
from tiering.models import Standing

SHOWN = 10
UNPLANNED = 6
SECTIONS = ("overdue", "today", "week")


class Due(NamedTuple):
    """An open follow-up, as light as its place in the list and the money above need it."""

    pk: int
    customer: int
    due_on: date
    value_at_risk: Decimal | None

    @property
    def dearest_first(self) -> tuple:
        return -(self.value_at_risk or 0), self.due_on, self.pk

    @property
    def by_day(self) -> tuple:
        return self.due_on, self.dearest_first


Agenda = dict[str, list[Due]]


def agenda(user: User, *, today: date) -> Agenda:
    """By section all that is due within the week: what is late by the money at risk, what comes
    by its day. Read as it is: to plan sums and orders over it takes the database longer."""
    queue = FollowUp.objects.on_list_of(user).open().filter(due_on__lte=today + WEEK)
    found = queue.values_list("pk", "customer", "due_on", "customer__standing__value_at_risk")
    sections: Agenda = {code: [] for code in SECTIONS}
    for row in found:
        due = Due(*row)
        sections[section_of(due.due_on, today=today)].append(due)
    for code, rows in sections.items():
        rows.sort(key=lambda due: due.dearest_first if code == "overdue" else due.by_day)
    return sections


def in_full(due: list[Due], *, service: ServicePolicies, today: date) -> list[Row]:
    keys = [row.pk for row in due]
    found = {row.pk: row for row in FollowUp.objects.filter(pk__in=keys).for_queue()}
    return [row_of(found[key], service=service, today=today) for key in keys if key in found]


def rows_of(user: User, keys: Iterable[int], *, today: date) -> list[tuple[str, Row]]:
    """These follow-ups with the section each stands in; those of a later day are left out."""
    service = policies()
    open_ones = FollowUp.objects.on_list_of(user).open().filter(pk__in=keys).for_queue()
    rows = [row_of(followup, service=service, today=today) for followup in open_ones]
    return [(row.section, row) for row in rows if row.section]


@dataclass
class Counts:
    """Follow-ups of one list, the customers of its reader, and the money at risk behind them.

    Money counts each customer once, however many follow-ups it has. `book` customers of the
    user still buy, `waiting` of them have no date; `book_at_risk` is that of all of them.
    """

    overdue: int
    today: int
    week: int
    done: int
    oldest_on: date | None
    at_risk: dict[str, Decimal | None]
    book: int
    waiting: int
    book_at_risk: Decimal | None

    @property
    def planned(self) -> int:
        """What today began with: done, late and due."""
        return self.done + self.overdue + self.today


def counts(user: User, due: Agenda, *, today: date) -> Counts:
    return Counts(
        **{code: len(rows) for code, rows in due.items()},
        oldest_on=min((row.due_on for row in due["overdue"]), default=None),
        done=FollowUp.objects.on_list_of(user).closed_on(today).count(),
        at_risk={code: at_risk(rows) for code, rows in due.items()}
        | {"all": at_risk(chain.from_iterable(due.values()))},
        **book(user),
    )


def at_risk(due: Iterable[Due]) -> Decimal | None:
    """Value at risk of the customers, each counted once; none where nothing is known."""
    by_customer = {row.customer: row.value_at_risk for row in due}
    known = [value for value in by_customer.values() if value is not None]
    return sum(known, Decimal()) if known else None


def book(user: User) -> dict:
    """The user's own customers: how many still buy, and how many of those have no date."""
    waits = ~Exists(FollowUp.objects.open().filter(customer=OuterRef("customer")))
    return Standing.objects.filter(customer__owner=user).aggregate(
        book=Count("pk", filter=Q(eligible=True)),
        waiting=Count("pk", filter=Q(eligible=True) & waits),
        book_at_risk=Sum("value_at_risk"),
    )


def sections(
    due: Agenda, numbers: Counts, *, service: ServicePolicies, today: date
) -> list[Section]:
    """Each heading with its first rows; those of all are read together."""
    first = [row for rows in due.values() for row in rows[:PAGE]]
    shown = in_full(first, service=service, today=today)
    return [
        Section(
            code,
            [row for row in shown if row.section == code],
            len(due[code]),
            numbers.at_risk[code],
        )
        for code in SECTIONS
    ]


def unplanned(user: User) -> list[Customer]:
    """The first of the user's own customers that still buy and have no open follow-up, dearest
    first."""
    waiting = FollowUp.objects.open().filter(customer=OuterRef("pk"))
    mine = Customer.objects.visible_to(user).filter(owner=user, standing__eligible=True)
    dearest = F("standing__value_at_risk").desc(nulls_last=True)
    rows = mine.filter(~Exists(waiting)).order_by(dearest, F("standing__value").desc(), "id")
    keys = list(rows.values_list("pk", flat=True)[:UNPLANNED])
    found = with_last_contact(Customer.objects.filter(pk__in=keys)).in_bulk()
    return [found[key] for key in keys if key in found]


def with_last_contact(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """`last_contact_at`: when somebody there was last reached."""
    reached = Visit.objects.reached().filter(customer=OuterRef("pk")).latest_first()
    rows = customers.select_related("standing").defer("folded", "bigrams")
    return rows.annotate(last_contact_at=Subquery(reached.values("happened_at")[:1]))


def done_today(user: User, *, today: date) -> QuerySet[FollowUp]:
    closed = FollowUp.objects.on_list_of(user).closed_on(today)
    rows = closed.select_related("customer", "visit").defer("customer__folded", "customer__bigrams")
    return rows.order_by("-closed_at", "-id")[:SHOWN]
