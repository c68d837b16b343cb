"""What stands on somebody's list today, and the figures above it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Sum

from crm.models import Customer, User, Visit
from followups.models import FollowUp, FollowUpQuerySet
from followups.rows import PAGE, WEEK, Row, Section, ServicePolicies, policies, row_of
from tiering.models import Standing

SHOWN = 10
UNPLANNED = 6
SECTIONS = ("overdue", "today", "week")


def in_section(queue: FollowUpQuerySet, code: str, *, today: date) -> FollowUpQuerySet:
    if code == "overdue":
        return queue.overdue(today=today)
    if code == "today":
        return queue.due(today=today)
    return queue.due_this_week(today=today)


def rows_in(
    user: User, code: str, *, service: ServicePolicies, today: date, page: int = 1
) -> list[Row]:
    """One page of a section: what is late by the money at risk, what comes by its day."""
    queue = in_section(FollowUp.objects.on_list_of(user), code, today=today)
    queue = queue.dearest_first() if code == "overdue" else queue.by_day()
    start = (page - 1) * PAGE
    # The keys first: to plan one query over scope, order and all that a row shows takes the
    # database longer than to answer both.
    keys = list(queue.values_list("pk", flat=True)[start : start + PAGE])
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


def counts(user: User, *, today: date) -> Counts:
    queue = FollowUp.objects.on_list_of(user)
    until = queue.open().filter(due_on__lte=today + WEEK)
    numbers = until.aggregate(
        overdue=Count("pk", filter=Q(due_on__lt=today)),
        today=Count("pk", filter=Q(due_on=today)),
        week=Count("pk", filter=Q(due_on__gt=today)),
        oldest_on=Min("due_on", filter=Q(due_on__lt=today)),
    )
    done = queue.closed_on(today).count()
    return Counts(done=done, at_risk=at_risk(queue, until, today=today), **numbers, **book(user))


def at_risk(
    queue: FollowUpQuerySet, until: FollowUpQuerySet, *, today: date
) -> dict[str, Decimal | None]:
    """Value at risk of the customers of each section and of the whole list."""
    sums = {
        code: Sum(
            "value_at_risk",
            filter=Q(customer__in=in_section(queue, code, today=today).values("customer")),
        )
        for code in SECTIONS
    }
    listed = Standing.objects.filter(customer__in=until.values("customer"))
    return listed.aggregate(all=Sum("value_at_risk"), **sums)


def book(user: User) -> dict:
    """The user's own customers: how many still buy, and how many of those have no date."""
    waits = ~Exists(FollowUp.objects.open().filter(customer=OuterRef("customer")))
    return Standing.objects.filter(customer__owner=user).aggregate(
        book=Count("pk", filter=Q(eligible=True)),
        waiting=Count("pk", filter=Q(eligible=True) & waits),
        book_at_risk=Sum("value_at_risk"),
    )


def sections(
    user: User, numbers: Counts, *, service: ServicePolicies, today: date
) -> list[Section]:
    return [
        Section(
            code,
            rows_in(user, code, service=service, today=today) if getattr(numbers, code) else [],
            getattr(numbers, code),
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
