"""One at a time for each customer: who comes second sees what the first one did."""

from collections.abc import Iterable

from django.utils.translation import gettext

from crm.models import Customer
from followups.models import FollowUp
from followups.services.errors import AlreadyClosed


def lock_customer(pk: int) -> Customer:
    # No-key: rows that refer to the customer can still be written, by an import for one.
    return Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_customers(customers: Iterable[Customer]) -> list[Customer]:
    """As they are now; in one order, so that two at once do not lock up."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(pk__in=[each.pk for each in customers]).order_by("id"))


def lock(followup: FollowUp) -> FollowUp:
    """The follow-up as it is now, with its customer held."""
    lock_customer(followup.customer_id)
    rows = FollowUp.objects.select_related("customer", "promise", "case", "closed_by")
    return rows.select_for_update(of=("self",)).get(pk=followup.pk)


def check_open(followup: FollowUp) -> None:
    """Raise AlreadyClosed, saying by whom where it was a person."""
    if followup.is_open:
        return
    if followup.closed_by:
        raise AlreadyClosed(
            gettext("%(name)s has already closed this follow-up.")
            % {"name": followup.closed_by.name}
        )
    raise AlreadyClosed(gettext("This follow-up is not needed any more."))
