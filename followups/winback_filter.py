"""The filters of the lists of lost customers and of win-back plans."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ChoiceFilter, ModelChoiceFilter

from crm.listfilters import FlagFilter, OfCustomerFilter, customers_seen, people_seen
from crm.permissions import Permission
from followups.models import WinBack
from tiering.churn.returns import AWAY, MONTHS
from tiering.models import Grade

CAUSES = [
    ("told", gettext_lazy("Said to be lost")),
    ("year", gettext_lazy("No order for a year")),
]
ALL = "all"
PROPOSED, PLANNED, DECLINED = "open", "running", "declined"
PLANS = [
    (PROPOSED, gettext_lazy("To win back")),
    (PLANNED, gettext_lazy("Plan running")),
    (DECLINED, gettext_lazy("Not worth it, this year")),
    (ALL, gettext_lazy("All")),
]


def classes_away() -> list[tuple[str, str]]:
    """Number and words of each class of months."""
    closed = [
        (str(number), _("%(from)s to %(until)s months") % {"from": first, "until": after - 1})
        for number, (first, after) in enumerate(pairwise(MONTHS), 1)
    ]
    return [*closed, (str(len(MONTHS)), _("%(from)s months or more") % {"from": MONTHS[-1]})]


class LostFilter(OfCustomerFilter):
    """Those for whom nothing is decided, unless something else is asked for."""

    defaults = {"plan": PROPOSED}

    plan = ChoiceFilter(
        label=gettext_lazy("Win-back plan"), choices=PLANS, empty_label=None, method="of_plan"
    )
    cause = ChoiceFilter(label=gettext_lazy("Why"), choices=CAUSES, method="of_cause")
    grade = ChoiceFilter(
        label=gettext_lazy("Last grade"), choices=Grade.choices, field_name="last_grade"
    )
    away = ChoiceFilter(label=gettext_lazy("Away for"), method="of_months")
    region = ChoiceFilter(label=gettext_lazy("Region"), field_name="customer__region")

    known = FlagFilter(label=gettext_lazy("Chance known"), narrow="with_chance")
    pool = FlagFilter(label=gettext_lazy("In the pool"), narrow="in_pool")

    def __init__(self, data: QueryDict, *args: Any, **kwargs: Any):
        super().__init__({**self.defaults, **data.dict()}, *args, **kwargs)
        self.filters["away"].extra["choices"] = classes_away()
        regions = customers_seen(self.request).exclude(region="").order_by("region")
        names = regions.values_list("region", flat=True).distinct()
        self.filters["region"].extra["choices"] = [(name, name) for name in names]
        if not self.request.user.may(Permission.SEE_TEAM):
            self.filters["pool"].extra["widget"] = forms.HiddenInput

    def of_plan(self, lost, name, asked):
        running = Exists(WinBack.objects.running().filter(customer=OuterRef("customer")))
        declined = WinBack.objects.not_worth_it(today=self.today)
        declined = Exists(declined.filter(customer=OuterRef("customer")))
        if asked == PROPOSED:
            return lost.filter(~running, ~declined)
        return {PLANNED: lost.filter(running), DECLINED: lost.filter(declined), ALL: lost}[asked]

    def of_cause(self, lost, name, cause):
        return lost.filter(alert__isnull=cause == "year")

    def of_months(self, lost, name, number):
        place = int(number)
        lost = lost.filter(silent_since__lte=self.today - timedelta(days=AWAY[place - 1]))
        if place == len(AWAY):
            return lost
        return lost.filter(silent_since__gt=self.today - timedelta(days=AWAY[place]))

    def with_chance(self, lost):
        return lost.exclude(expected=None)

    def in_pool(self, lost):
        return lost.filter(customer__owner=None)


class PlanFilter(OfCustomerFilter):
    day = "started_on"

    state = ChoiceFilter(label=gettext_lazy("State"), choices=WinBack.State.choices)
    by = ModelChoiceFilter(
        label=gettext_lazy("Started by"), queryset=people_seen, field_name="started_by"
    )
