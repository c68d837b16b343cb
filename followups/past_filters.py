"""The filter of the list of customers as it stood on a past night."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from crm.listfilters import DayFilter
from crm.models import User
from followups.filters import GRADES, INACTIVE, UNGRADED, CustomerFilter
from tiering.models import Behaviour, ChurnAlert, Grade
from tiering.past import parse_day

GRADES_THEN = [choice for choice in GRADES if choice[0] != UNGRADED]


class PastCustomerFilter(CustomerFilter):
    """Of rows from `customers_on`; what is only known of today cannot be asked for."""

    kept = ("as_of",)
    watch = late = planned = None

    grade = ChoiceFilter(label=_("Grade"), choices=GRADES_THEN, method="of_grade")
    behaviour = ChoiceFilter(
        label=_("Behaviour"), choices=Behaviour.choices, field_name="then_behaviour"
    )
    as_of = DayFilter(method="of_night")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["as_of"].extra["widget"] = forms.HiddenInput

    def of_night(self, customers, name, day):
        return customers

    def of_grade(self, customers, name, grade):
        if grade == INACTIVE:
            return customers.filter(then_eligible=False)
        return customers.filter(then_grade=Grade(grade))

    def of_eligible(self, customers, name, answer):
        return customers.filter(then_eligible=answer == "1")

    def of_owner(self, customers, name, owner):
        return customers.filter(then_owner=owner.pk)

    def of_team(self, customers, name, team):
        people = User.objects.filter(team__in=team.with_subteams())
        return customers.filter(then_owner__in=people.values("pk"))

    def with_alert(self, customers):
        night = parse_day(self.data["as_of"])
        return customers.filter(pk__in=ChurnAlert.objects.open_on(night).values("customer"))

    def in_pool(self, customers):
        return customers.filter(then_owner=None)
