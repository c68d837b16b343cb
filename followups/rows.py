"""The lines of a list of what is to be done: codes and figures that templates put into words."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from crm.models import Customer, Visit
from followups.models import FollowUp, ServicePolicy
from tiering.models import Grade, Standing

PAGE = 8
WHY = {
    FollowUp.Reason.GONE_QUIET: "quiet",
    FollowUp.Reason.CADENCE: "cadence",
    FollowUp.Reason.PROMISE: "promise",
    FollowUp.Reason.CASE: "case",
    FollowUp.Reason.SECOND_ORDER: "second",
    FollowUp.Reason.WIN_BACK: "winback",
}
WEEK = timedelta(days=7)


def section_of(due_on: date, *, today: date) -> str:
    """Under which heading a day stands; none for one after this week."""
    if due_on < today:
        return "overdue"
    if due_on == today:
        return "today"
    return "week" if due_on <= today + WEEK else ""


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
    def why(self) -> str:
        """The template that puts the reason into words."""
        if not self.followup:
            return "followups/why/nothing.html"
        if self.followup.override:
            return "followups/why/override.html"
        return f"followups/why/{WHY.get(self.followup.reason, 'planned')}.html"

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
        if self.followup and self.followup.touch:
            return self.followup.touch.channel
        return self.policy.channel if self.policy else Visit.Channel.PHONE

    @property
    def late_days(self) -> int:
        return (self.today - self.followup.due_on).days if self.followup else 0

    @property
    def section(self) -> str:
        """Under which heading it stands; none for a day after this week."""
        return section_of(self.followup.due_on, today=self.today)

    @property
    def silent_days(self) -> int | None:
        return self.standing.silent_days if self.standing else None

    @property
    def order_age(self) -> int:
        """Days since the last order that the night knew."""
        return (self.today - self.standing.last_order_on).days

    @property
    def contact_days(self) -> int | None:
        """Days since somebody was reached."""
        if not self.last_contact_at:
            return None
        return (self.today - timezone.localdate(self.last_contact_at)).days

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
    at_risk: Decimal | None
    page: int = 1

    @property
    def more(self) -> int:
        """How many rows stand behind those shown."""
        return max(0, self.count - self.page * PAGE)

    @property
    def next_page(self) -> str:
        return str(self.page + 1)


ServicePolicies = dict[str, ServicePolicy]


def policies() -> ServicePolicies:
    return {policy.grade: policy for policy in ServicePolicy.objects.all()}


def row_of(followup: FollowUp, *, service: ServicePolicies, today: date) -> Row:
    row = Row(followup.customer, None, today, followup, followup.last_contact_at)
    row.policy = service.get(row.grade)
    return row


def unplanned_row(customer: Customer, *, service: ServicePolicies, today: date) -> Row:
    row = Row(customer, None, today, last_contact_at=customer.last_contact_at)
    row.policy = service.get(row.grade)
    return row
