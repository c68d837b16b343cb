"""The filter of the list of churn alerts."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from crm.listfilters import FlagFilter, OfCustomerFilter
from crm.permissions import Permission
from tiering.models import ChurnAlert, Grade

ALL = "all"
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

    def __init__(self, data, *args, **kwargs):
        super().__init__({**self.defaults, **data.dict()}, *args, **kwargs)
        if not self.request.user.may(Permission.SEE_TEAM):
            self.filters["pool"].extra["widget"] = forms.HiddenInput

    def in_pool(self, alerts):
        return alerts.filter(customer__owner=None)

    def of_state(self, alerts, name, state):
        if state == ALL:
            return alerts
        return alerts.open() if state == ChurnAlert.State.OPEN else alerts.filter(state=state)
