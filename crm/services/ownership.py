"""Who looks after which customer, and how that changes."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext

from crm.models import Customer, OwnerChange, User
from crm.models.customer import CustomerQuerySet


class CannotOwn(Exception):
    """This person cannot be given customers by that one; the message may be shown."""


@transaction.atomic
def assign(
    *, customers: CustomerQuerySet, to_owner: User | None, by: User, reason: str = ""
) -> list[OwnerChange]:
    """Give customers to a salesperson (None: to the pool) and write down every change.

    Customers who are with `to_owner` already are left alone. `customers` is scoped by the
    caller. Raises CannotOwn for somebody who may not own customers or whom `by` does not see.
    """
    check_can_own(to_owner, by)
    moved = locked(customers, leaving_out=to_owner)
    keys = [customer.pk for customer in moved]
    Customer.objects.filter(pk__in=keys).update(owner=to_owner, updated_at=Now())
    return OwnerChange.objects.bulk_create(
        OwnerChange(
            customer_id=customer.pk,
            from_owner_id=customer.owner_id,
            to_owner=to_owner,
            by=by,
            reason=reason,
            changed_at=Now(),
        )
        for customer in moved
    )


def locked(customers: CustomerQuerySet, *, leaving_out: User | None) -> list[Customer]:
    """Those not with that person already, held until the transaction ends.

    In order of key, so that two who assign the same customers wait instead of deadlocking.
    """
    rows = Customer.objects.filter(pk__in=customers.values("pk")).order_by("pk")
    held = rows.select_for_update(of=("self",), no_key=True).only("pk", "owner")
    return [row for row in held if row.owner_id != (leaving_out and leaving_out.pk)]


def check_can_own(to_owner: User | None, by: User) -> None:
    if to_owner is None:
        return
    if not User.objects.visible_to(by).sellers().filter(pk=to_owner.pk).exists():
        raise CannotOwn(
            gettext("%(name)s cannot be given customers here.") % {"name": to_owner.name}
        )
