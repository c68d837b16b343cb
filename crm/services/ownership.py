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
    # In order of key, so that two who assign the same customers wait instead of deadlocking.
    moved = [
        customer
        for customer in Customer.objects.filter(pk__in=customers.values("pk"))
        .select_for_update(of=("self",), no_key=True)
        .only("pk", "owner")
        .order_by("pk")
        if customer.owner_id != (to_owner and to_owner.pk)
    ]
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


def check_can_own(to_owner: User | None, by: User) -> None:
    if to_owner is None:
        return
    if not User.objects.visible_to(by).sellers().filter(pk=to_owner.pk).exists():
        raise CannotOwn(
            gettext("%(name)s cannot be given customers here.") % {"name": to_owner.name}
        )
