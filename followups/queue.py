"""What stands on somebody's list today, and the figures above it.

Rows carry codes and figures; the templates put them into words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from crm.models import Customer, User, Visit
from followups.models import FollowUp, FollowUpQuerySet, ServicePolicy
from tiering.models import Grade, Standing

PAGE = 50
UNPLANNED_SHOWN = 10
WEEK = timedelta(days=7)
SECTIONS = ("overdue", "today", "week")


class Silence(NamedTuple):
    days: int | None
    long_gap: float | None


@dataclass
class Row:
    """One line of the list: a follow-up, or a customer for whom nothing is planned."""

    customer: Customer
    policy: ServicePolicy | None
    today: date
    followup: FollowUp | None = None
    last_contact_at: datetime | None = None

    @property
    def anchor(self) -> str:
        """The id of the line in the page."""
        if self.followup:
            return f"followup-{self.followup.pk}"
        return f"customer-{self.customer.pk}"

    @property
    def followup_key(self) -> str:
        """Without the thousands separator that a template would put in."""
        return str(self.followup.pk)

    @property
    def standing(self) -> Standing | None:
        return getattr(self.customer, "standing", None)

    @property
    def grade(self) -> str:
        return self.standing.grade if self.standing else Grade.MAINTAIN

    @property
    def channel(self) -> str:
        return self.policy.channel if self.policy else Visit.Channel.PHONE

    @property
    def late_days(self) -> int:
        return (self.today - self.followup.due_on).days if self.followup else 0

    @property
    def section(self) -> str:
        """Under which heading it stands; none for a day after this week."""
        if self.late_days > 0:
            return "overdue"
        if self.late_days == 0:
            return "today"
        return "week" if self.followup.due_on <= self.today + WEEK else ""

    @property
    def silent_days(self) -> int | None:
        return self.standing.silent_days if self.standing else None

    @property
    def contact_days(self) -> int | None:
        """Days since somebody was reached."""
        if not self.last_contact_at:
            return None
        return (self.today - timezone.localdate(self.last_contact_at)).days

    @property
    def silence(self) -> Silence:
        """The silence that the follow-up is about: that of its alert, else the last night's."""
        alert = self.followup.alert
        if alert:
            return Silence(alert.silent_days, alert.long_gap)
        return Silence(self.silent_days, self.standing.long_gap if self.standing else None)

    @property
    def is_late_for_itself(self) -> bool:
        """Later than usual, where the reason does not say so already."""
        quiet = self.followup and self.followup.reason == FollowUp.Reason.GONE_QUIET
        return bool(not quiet and self.standing and self.standing.later_than_usual)

    @property
    def agreed_on(self) -> date:
        """The day of the visit in which the follow-up was agreed."""
        return timezone.localdate(self.followup.dated_by.happened_at)

    @property
    def case_days(self) -> int:
        return (self.today - self.followup.case.opened_on).days


@dataclass
class Section:
    """One heading with its rows; `count` and `at_risk` are of all, not only of those shown."""

    code: str
    rows: list[Row]
    count: int
    at_risk: object
    page: int = 1

    @property
    def more(self) -> int:
        """How many rows stand behind those shown."""
        return max(0, self.count - self.page * PAGE)

    @property
    def next_page(self) -> str:
        return str(self.page + 1)


def policies() -> dict[str, ServicePolicy]:
    return {policy.grade: policy for policy in ServicePolicy.objects.all()}


def row_of(followup: FollowUp, *, service: dict, today: date) -> Row:
    row = Row(followup.customer, None, today, followup, followup.last_contact_at)
    row.policy = service.get(row.grade)
    return row


def in_section(queue: FollowUpQuerySet, code: str, *, today: date) -> FollowUpQuerySet:
    if code == "overdue":
        return queue.overdue(today=today)
    if code == "today":
        return queue.due(today=today)
    return queue.due_this_week(today=today)


def rows_in(user: User, code: str, *, service: dict, today: date, page: int = 1) -> list[Row]:
    """One page of a section, most urgent first."""
    queue = in_section(FollowUp.objects.on_list_of(user), code, today=today).for_queue()
    start = (page - 1) * PAGE
    return [row_of(row, service=service, today=today) for row in queue[start : start + PAGE]]


def rows_of(user: User, keys: Iterable[int], *, today: date) -> list[tuple[str, Row]]:
    """These follow-ups with the section each stands in; those of a later day are left out."""
    service = policies()
    open_ones = FollowUp.objects.on_list_of(user).open().filter(pk__in=keys).for_queue()
    rows = [row_of(followup, service=service, today=today) for followup in open_ones]
    return [(row.section, row) for row in rows if row.section]


@dataclass
class Counts:
    """Follow-ups of one list and the money at risk behind them.

    Money counts each customer once, however many follow-ups it has. `book` is that of all
    customers the user owns.
    """

    overdue: int
    today: int
    week: int
    done: int
    oldest_on: date | None
    risk: dict
    book: object

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
    return Counts(
        **numbers,
        done=queue.closed_on(today).count(),
        risk=at_risk(queue, until, today=today),
        book=Standing.objects.filter(customer__owner=user).aggregate(x=Sum("value_at_risk"))["x"],
    )


def at_risk(queue: FollowUpQuerySet, until: FollowUpQuerySet, *, today: date) -> dict:
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


def sections(user: User, numbers: Counts, *, service: dict, today: date) -> list[Section]:
    return [
        Section(
            code,
            rows_in(user, code, service=service, today=today),
            getattr(numbers, code),
            numbers.risk[code],
        )
        for code in SECTIONS
    ]


def unplanned(user: User):
    """The user's own customers that still buy and have no open follow-up, dearest first."""
    waiting = FollowUp.objects.open().filter(customer=OuterRef("pk"))
    mine = Customer.objects.visible_to(user).filter(owner=user, standing__eligible=True)
    return (
        with_last_contact(mine)
        .filter(~Exists(waiting))
        .order_by(
            F("standing__value_at_risk").desc(nulls_last=True), F("standing__value").desc(), "id"
        )
    )


def with_last_contact(customers):
    """`last_contact_at`: when somebody there was last reached."""
    reached = Visit.objects.reached().filter(customer=OuterRef("pk")).latest_first()
    rows = customers.select_related("standing")
    return rows.annotate(last_contact_at=Subquery(reached.values("happened_at")[:1]))


def unplanned_row(customer: Customer, *, service: dict, today: date) -> Row:
    row = Row(customer, None, today, last_contact_at=customer.last_contact_at)
    row.policy = service.get(row.grade)
    return row


def done_today(user: User, *, today: date):
    closed = FollowUp.objects.on_list_of(user).closed_on(today)
    return closed.select_related("customer", "visit").order_by("-closed_at", "-id")[
        :UNPLANNED_SHOWN
    ]
