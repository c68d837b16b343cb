"""The filters of the lists of alerts, of grades set by people, and of changes of grade."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter

from crm.listfilters import DayFilter, FlagFilter, OfCustomerFilter, people_seen
from crm.permissions import Permission
from tiering.models import ChurnAlert, Grade, GradeChange, Notice, Override

ALL = "all"
SHOWN, WAITING = "shown", "waiting"
OVERRIDE_STATES = [
    (SHOWN, _("In force")),
    (WAITING, _("Waiting for approval")),
    ("over", _("Over")),
    ("declined", _("Declined")),
    (ALL, _("All")),
]
FIRST = "first"
WAYS = [("up", _("Up")), ("down", _("Down")), ("same", _("Same grade"))]
STATES = [*ChurnAlert.State.choices, (ALL, _("All"))]


class AlertFilter(OfCustomerFilter):
    """Open alerts, unless something else is asked for."""

    day = "opened_on"
    defaults = {"state": ChurnAlert.State.OPEN}

    state = ChoiceFilter(label=_("State"), choices=STATES, empty_label=None, method="of_state")
    grade = ChoiceFilter(
        label=_("Grade"), choices=Grade.choices, field_name="customer__standing__grade"
    )

    pool = FlagFilter(label=_("In the pool"), narrow="in_pool")
    notice = ChoiceFilter(
        label=_("Notice"),
        choices=Notice.Kind.choices,
        method="of_notice",
        widget=forms.HiddenInput,
    )
    told_on = DayFilter(label=_("You were told on"), method="of_day_told")

    def __init__(self, data, *args, **kwargs):
        super().__init__({**self.defaults, **data.dict()}, *args, **kwargs)
        if not self.request.user.may(Permission.SEE_TEAM):
            self.filters["pool"].extra["widget"] = forms.HiddenInput

        self.filters["told_on"].extra["widget"] = forms.HiddenInput

    def in_pool(self, alerts):
        return alerts.filter(customer__owner=None)

    def of_notice(self, alerts, name, kind):
        return alerts.filter(pk__in=self.told().filter(kind=kind).values("alert"))

    def of_day_told(self, alerts, name, day):
        return alerts.filter(pk__in=self.told().filter(told_on=day).values("alert"))

    def told(self):
        return Notice.objects.visible_to(self.request.user)

    def of_state(self, alerts, name, state):
        if state == ALL:
            return alerts
        named = {ChurnAlert.State.OPEN: alerts.open, ChurnAlert.State.HELD: alerts.held}
        return named[state]() if state in named else alerts.filter(state=state)


class OverrideFilter(OfCustomerFilter):
    """Grades that people have set and that are in force, unless something else is asked for."""

    defaults = {"state": SHOWN}

    state = ChoiceFilter(
        label=_("State"), choices=OVERRIDE_STATES, empty_label=None, method="of_state"
    )
    grade = ChoiceFilter(label=_("Set grade"), choices=Grade.choices)
    by = ModelChoiceFilter(label=_("Set by"), queryset=people_seen)

    soon = FlagFilter(label=_("Ends within 14 days"), narrow="ending_soon")
    apart = FlagFilter(label=_("Two grades apart or more"), narrow="far_apart")

    def __init__(self, data, *args, **kwargs):
        super().__init__({**self.defaults, **data.dict()}, *args, **kwargs)

    def ending_soon(self, overrides):
        return overrides.ending_soon(today=self.today)

    def far_apart(self, overrides):
        return overrides.far_apart()

    def of_state(self, overrides, name, state):
        return overrides if state == ALL else getattr(overrides, state)()


class HindsightFilter(OfCustomerFilter):
    day = "starts_on"

    verdict = ChoiceFilter(label=_("Who was right"), choices=Override.Verdict.choices)
    by = ModelChoiceFilter(label=_("Set by"), queryset=people_seen)
    grade = ChoiceFilter(label=_("Set grade"), choices=Grade.choices)


class ChangeFilter(OfCustomerFilter):
    """Changes of grade of a span, of certain grades and causes."""

    day = "as_of"

    way = ChoiceFilter(label=_("Direction"), choices=WAYS, method="of_way")
    from_grade = ChoiceFilter(
        label=_("From grade"), choices=[*Grade.choices, (FIRST, _("No grade"))], method="of_from"
    )
    to_grade = ChoiceFilter(label=_("To grade"), choices=Grade.choices)
    cause = ChoiceFilter(label=_("Cause"), choices=GradeChange.Cause.choices)

    def of_way(self, changes, name, way):
        return getattr(changes, {"up": "rises", "down": "falls", "same": "without_step"}[way])()

    def of_from(self, changes, name, grade):
        return changes.filter(from_grade="" if grade == FIRST else grade)
