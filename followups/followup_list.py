"""The list of follow-ups: everything that is or was to be done, filtered, sorted, exported."""

from typing import Any

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from crm.exports import Column
from crm.listfilters import FlagFilter, OfCustomerFilter, people_seen
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from crm.permissions import Permission
from followups.models import FollowUp
from tiering.models import Grade, Standing

NOBODY = "none"
ALL = "all"
STATES = [*FollowUp.State.choices, (ALL, _("All"))]
WHENS = [
    ("overdue", _("Overdue")),
    ("today", _("Today")),
    ("week", _("Next seven days")),
    ("later", _("Later")),
]


class FollowUpFilter(OfCustomerFilter):
    """Open follow-ups, unless something else is asked for."""

    defaults = {"state": FollowUp.State.OPEN}
    day = "due_on"

    when = ChoiceFilter(label=_("Due"), choices=WHENS, method="of_day")
    state = ChoiceFilter(label=_("State"), choices=STATES, empty_label=None, method="of_state")
    reason = ChoiceFilter(label=_("Reason"), choices=FollowUp.Reason.choices)
    grade = ChoiceFilter(
        label=_("Grade"), choices=Grade.choices, field_name="customer__standing__grade"
    )
    assignee = ChoiceFilter(label=_("Salesperson"), method="of_assignee", widget=forms.HiddenInput)

    mine = FlagFilter(label=_("On my list"), narrow="on_my_list")

    def __init__(self, data: QueryDict, *args: Any, **kwargs: Any):
        super().__init__({**self.defaults, **data.dict()}, *args, **kwargs)
        people = [(str(person.pk), person.name) for person in people_seen(self.request)]
        self.filters["assignee"].extra["choices"] = [*people, (NOBODY, _("Nobody (pool)"))]

        if not self.request.user.may(Permission.SEE_TEAM):
            self.filters["mine"].extra["widget"] = forms.HiddenInput

    def on_my_list(self, followups):
        return followups.on_list_of(self.request.user)

    def of_day(self, followups, name, when):
        if when == "overdue":
            return followups.overdue(today=self.today)
        if when == "today":
            return followups.due(today=self.today)
        if when == "week":
            return followups.due_this_week(today=self.today)
        return followups.due_later(today=self.today)

    def of_state(self, followups, name, state):
        return followups if state == ALL else followups.filter(state=state)

    def of_assignee(self, followups, name, key):
        return followups.filter(assignee=None if key == NOBODY else key)


def totals(followups: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    """Value at risk counts each customer once, however many follow-ups it has."""
    sums = followups.aggregate(count=Count("pk"), customers=Count("customer", distinct=True))
    behind = Standing.objects.filter(customer__in=followups.order_by().values("customer"))
    return {**sums, **behind.aggregate(at_risk=Sum("value_at_risk"))}


def detailed(followups: QuerySet) -> QuerySet:
    related = followups.for_queue().select_related("closed_by", "visit", "customer__owner")
    return related.defer(*(f"customer__{column}" for column in SEARCH_COLUMNS))


def grade_name(followup: FollowUp) -> str | None:
    standing = getattr(followup.customer, "standing", None)
    return standing and standing.get_grade_display()


FOLLOWUPS = ListSpec(
    name="followups",
    template="followups/followups",
    filterset=FollowUpFilter,
    sorts={
        "due": Sort(_("Due on"), ("due_on", "opened_on")),
        "risk": Sort(_("Value at risk"), ("customer__standing__value_at_risk",), falling=True),
        "name": Sort(_("Customer"), ("customer__name",)),
        "who": Sort(_("Salesperson"), ("assignee__name", "due_on")),
        "closed": Sort(_("Closed"), ("closed_at",), falling=True),
    },
    default="due",
    totals=totals,
    detailed=detailed,
    columns=[
        Column(_("Due on"), "due_on"),
        Column(_("First due on"), "first_due_on"),
        Column(_("Customer"), "customer.code"),
        Column(_("Name"), "customer.name"),
        Column(_("Grade"), grade_name),
        Column(_("Value at risk"), "customer.standing.value_at_risk"),
        Column(_("Reason"), lambda followup: followup.get_reason_display()),
        Column(_("Note"), "note"),
        Column(_("Salesperson"), "assignee.name"),
        Column(_("State"), lambda followup: followup.get_state_display()),
        Column(_("Opened on"), "opened_on"),
        Column(_("Closed"), "closed_at"),
        Column(_("Closed by"), "closed_by.name"),
    ],
)
