"""New customers, and which of their people is called first."""

import secrets
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from crm.models import Contact, Customer, OwnerChange, User

# Without letters and digits that look alike on paper.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def suggested_code(*, today: date) -> str:
    """A code that nobody has to look up: the month and four random characters."""
    return f"N{today:%y%m}-{''.join(secrets.choice(ALPHABET) for _ in range(4))}"


@transaction.atomic
def give_first_owner(*, customer: Customer, by: User) -> None:
    """Whoever enters a customer looks after it; one entered by an administrator is in the pool."""
    if by.is_admin:
        return
    customer.owner = by
    customer.save(update_fields=["owner"])
    OwnerChange.objects.create(customer=customer, to_owner=by, by=by, changed_at=Now())


@transaction.atomic
def call_first(*, contact: Contact) -> None:
    """Make this contact the one to call first, in place of the one so far."""
    Customer.objects.select_for_update(of=("self",)).get(pk=contact.customer_id)
    others = Contact.objects.filter(customer=contact.customer_id).exclude(pk=contact.pk)
    others.filter(is_primary=True).update(is_primary=False)
    Contact.objects.filter(pk=contact.pk).update(is_primary=True)


@transaction.atomic
def add_contact(*, contact: Contact) -> Contact:
    """The first person of a customer is the one to call first."""
    Customer.objects.select_for_update(of=("self",)).get(pk=contact.customer_id)
    known = Contact.objects.filter(customer=contact.customer_id)
    contact.is_primary = not known.filter(is_primary=True).exists()
    contact.save()
    return contact
