"""Customers change hands, and every change is written down."""

import pytest

from crm.models import Customer, OwnerChange
from crm.services.ownership import CannotOwn, assign
from tests.factories import CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_each_customer_moves_and_every_change_says_who_from_whom_and_why(alice, mona, east):
    bo = UserFactory(team=east)
    CustomerFactory(code="A", owner=alice)
    CustomerFactory(code="P", owner=None)

    changes = assign(customers=Customer.objects.all(), to_owner=bo, by=mona, reason="Alice leaves")

    assert len(changes) == 2
    assert set(Customer.objects.values_list("owner", flat=True)) == {bo.pk}
    rows = OwnerChange.objects.order_by("customer__code")
    assert [(r.customer.code, r.from_owner, r.to_owner, r.by, r.reason) for r in rows] == [
        ("A", alice, bo, mona, "Alice leaves"),
        ("P", None, bo, mona, "Alice leaves"),
    ]


def test_customers_of_the_same_salesperson_are_left_alone(alice, mona):
    customer = CustomerFactory(owner=alice)

    assert assign(customers=Customer.objects.all(), to_owner=alice, by=mona) == []
    assert not OwnerChange.objects.exists()
    assert Customer.objects.get().updated_at == customer.updated_at


def test_customers_can_go_to_the_pool(alice, mona):
    CustomerFactory(owner=alice)

    assign(customers=Customer.objects.all(), to_owner=None, by=mona)

    assert Customer.objects.get().owner is None


@pytest.mark.parametrize("who", ["outsider", "administrator", "leaver"])
def test_nobody_who_cannot_own_is_given_customers(who, alice, mona, otto, ada, east):
    leaver = UserFactory(team=east, is_active=False)
    to_owner = {"outsider": otto, "administrator": ada, "leaver": leaver}[who]
    CustomerFactory(owner=alice)

    with pytest.raises(CannotOwn, match=to_owner.name):
        assign(customers=Customer.objects.all(), to_owner=to_owner, by=mona)

    assert Customer.objects.get().owner == alice
    assert not OwnerChange.objects.exists()
