"""Whose retention is shown: the filters of the page, and of the lists behind its figures."""

from django import forms
from django.db.models import Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter, NumberFilter

from crm.listfilters import NO_TEAM, NOT_GIVEN, DayFilter, teams_seen
from crm.permissions import Permission
from followups.filters import YES_OR_NO, CustomerFilter
from followups.retention import later
from tiering.models import Grade, NightRun, RetentionSummary
from tiering.retention.cohorts import age_of


class OverviewFilter(CustomerFilter):
    """What sums of nights know, too; so nothing that only a customer of today can tell.

    `as_of` says which night is shown; it takes no row away.
    """

    kept = ("as_of",)
    q = watch = late = planned = behaviour = signal = tag = eligible = alert = None

    grade = ChoiceFilter(label=_("Grade"), choices=Grade.choices, method="of_grade")
    team = ModelChoiceFilter(
        label=_("Team"),
        queryset=teams_seen,
        method="of_team",
        null_label=_("No team"),
        null_value=NO_TEAM,
    )
    as_of = DayFilter(method="of_night")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.request.user.may(Permission.SEE_TEAM):
            self.filters["pool"].extra["widget"] = forms.HiddenInput
        self.filters["as_of"].extra["widget"] = forms.HiddenInput

    def of_night(self, rows, name, day):
        return rows

    def of_team(self, rows, name, team):
        if team == NO_TEAM:
            return rows.filter(owner__team=None)
        return super().of_team(rows, name, team)

    @property
    def day(self):
        """The day asked for; None for the latest night."""
        return self.form.cleaned_data.get("as_of") if self.form.is_valid() else None

    @property
    def summaries(self):
        """The sums of nights of the same people, regions, industries and grades."""
        sums = RetentionSummary.objects.visible_to(self.request.user)
        if not self.form.is_valid():
            return sums.none()
        asked = self.form.cleaned_data
        same = {name: asked[name] for name in SAME if asked.get(name)}
        given = {name: "" if value == NOT_GIVEN else value for name, value in same.items()}
        if asked.get("pool"):
            sums = sums.filter(owner=None)
        if asked.get("team"):
            sums = self.of_team(sums, "team", asked["team"])
        return sums.filter(**given)


SAME = ("owner", "grade", "region", "industry")


class RowsFilter(OverviewFilter):
    """Of the customers behind a figure; `top` is what each adds to its upper sum."""

    q = CustomerFilter.base_filters["q"]
    counted = ChoiceFilter(label=_("In the upper sum"), choices=YES_OR_NO, method="of_counted")

    def of_counted(self, customers, name, answer):
        return customers.exclude(top=0) if answer == "1" else customers.filter(top=0)


class KeptFilter(OverviewFilter):
    """Of the sums of a past night."""

    looks_in = _("Owner, region or industry")
    q = CustomerFilter.base_filters["q"]

    def by_text(self, sums, name, text):
        places = Q(region__icontains=text) | Q(industry__icontains=text)
        return sums.filter(places | Q(owner__name__icontains=text))

    def described(self):
        return self.queryset

    def of_grade(self, sums, name, grade):
        return sums.filter(grade=grade)

    def in_pool(self, sums):
        return sums.filter(owner=None)


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
