"""Customers change hands together with what is still to be done for them."""

from django.db import transaction

from crm.models import User
from crm.models.customer import CustomerQuerySet
from crm.services.ownership import assign
from followups.models import FollowUp


@transaction.atomic
def give(*, customers: CustomerQuerySet, to_owner: User, by: User, reason: str = "") -> int:
    """Give customers and their open follow-ups to a salesperson; returns how many moved.

    Raises `crm.services.ownership.CannotOwn`, whose message may be shown.
    """
    changes = assign(customers=customers, to_owner=to_owner, by=by, reason=reason)
    moved = [change.customer_id for change in changes]
    FollowUp.objects.open().filter(customer__in=moved).update(assignee=to_owner)
    return len(moved)
