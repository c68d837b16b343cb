"""The filters of the lists of orders, visits and cases."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter

from crm.listfilters import AfterFilter, OfCustomerFilter, people_seen
from crm.models import Case, Customer, Order, Visit

RETURN = "return"
ORDER_STATES = [*Order.Status.choices, (RETURN, _("Return"))]
PAYMENT_STATES = [("late", _("Late")), ("open", _("Owed")), ("paid", _("Paid"))]
CASE_STATES = [("open", _("Open")), ("late", _("Late")), ("closed", _("Closed"))]


class OrderFilter(OfCustomerFilter):
    day = "ordered_on"
    looks_in = _("Number of an order, or its customer")

    status = ChoiceFilter(label=_("Status"), choices=ORDER_STATES, method="of_status")
    owed = ChoiceFilter(label=_("Payment"), choices=PAYMENT_STATES, method="of_payment")
    after = AfterFilter(label=_("Entered after that night"))

    def by_text(self, orders, name, text):
        customers = Customer.objects.search(text).values("pk")
        return orders.filter(Q(number__istartswith=text) | Q(customer__in=customers))

    def of_status(self, orders, name, status):
        return orders.returns() if status == RETURN else orders.filter(status=status)

    def of_payment(self, orders, name, state):
        if state == "late":
            return orders.late(today=self.today)
        return orders.unpaid() if state == "open" else orders.paid_in_full()


class VisitFilter(OfCustomerFilter):
    day = "happened_at__date"

    by = ModelChoiceFilter(label=_("Visited by"), queryset=people_seen)
    channel = ChoiceFilter(label=_("Channel"), choices=Visit.Channel.choices)
    outcome = ChoiceFilter(label=_("Outcome"), choices=Visit.Outcome.choices)


class CaseFilter(OfCustomerFilter):
    day = "opened_on"

    state = ChoiceFilter(label=_("State"), choices=CASE_STATES, method="of_state")
    kind = ChoiceFilter(label=_("Kind"), choices=Case.Kind.choices)
    assignee = ModelChoiceFilter(label=_("Assignee"), queryset=people_seen)

    def of_state(self, cases, name, state):
        if state == "late":
            return cases.late(today=self.today)
        return cases.open() if state == "open" else cases.exclude(closed_on=None)
