"""Whose retention is shown: the filters of the page, and of the lists behind its figures."""

from django import forms
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, NumberFilter

from crm.listfilters import DayFilter
from crm.permissions import Permission
from followups.filters import YES_OR_NO, CustomerFilter
from followups.retention import later
from tiering.models import Grade, NightRun, RetentionSummary
from tiering.retention.cohorts import age_of


class OverviewFilter(CustomerFilter):
    """What sums of nights know, too; so nothing that only a customer of today can tell."""

    q = watch = late = planned = behaviour = tag = eligible = alert = None

    grade = ChoiceFilter(label=_("Grade"), choices=Grade.choices, method="of_grade")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.request.user.may(Permission.SEE_TEAM):
            self.filters["pool"].extra["widget"] = forms.HiddenInput

    @property
    def summaries(self):
        """The sums of nights of the same people, regions, industries and grades."""
        sums = RetentionSummary.objects.visible_to(self.request.user)
        if not self.form.is_valid():
            return sums.none()
        asked = self.form.cleaned_data
        same = {name: asked[name] for name in SAME if asked.get(name)}
        if asked.get("pool"):
            sums = sums.filter(owner=None)
        if asked.get("team"):
            sums = sums.of_team(asked["team"])
        return sums.filter(**same)


SAME = ("owner", "grade", "region", "industry")


class RowsFilter(OverviewFilter):
    """Of the customers behind a figure; `top` is what each adds to its upper sum."""

    q = CustomerFilter.base_filters["q"]
    counted = ChoiceFilter(label=_("In the upper sum"), choices=YES_OR_NO, method="of_counted")

    def of_counted(self, customers, name, answer):
        return customers.exclude(top=0) if answer == "1" else customers.filter(top=0)


class CohortFilter(OverviewFilter):
    q = CustomerFilter.base_filters["q"]
    began = DayFilter(label=_("First order in the quarter of"), method="of_cohort")
    after = NumberFilter(
        label=_("Ordered so many quarters later"), min_value=0, max_value=62, method="of_quarter"
    )

    def of_cohort(self, customers, name, day):
        night = NightRun.objects.latest_finished()
        if night is None:
            return customers.none()
        return customers.filter(retention__first_age=age_of(day, as_of=night.as_of))

    def of_quarter(self, customers, name, after):
        return customers.filter(retention__first_age__gte=after).filter(Exact(later(int(after)), 1))
