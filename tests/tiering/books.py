"""Books of customers and orders for tests of the night, written set-based."""

import io
import random
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from django.db import connection

from crm.models import Customer, Order
from tests.factories import AS_OF
from tests.tiering.past_books import TODAY, steady_buyers
from tiering.models import Policy, Standing
from tiering.windows import EPOCH, day_number

numbers = count(1)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def order(customer: Customer, days_ago: int, amount="100.00", **fields) -> Order:
    """Save one order; `days_ago` counts back from AS_OF."""
    fields = {"base_amount": amount} | fields
    return Order.objects.create(
        number=f"B{next(numbers)}",
        customer=customer,
        ordered_on=ago(days_ago),
        currency="CNY",
        amount=amount,
        **fields,
    )


def enter(orders: Iterable[tuple[Customer, date, int | Decimal]]) -> None:
    """Save many orders by customer, day and amount, as an import does: by COPY, and counted for
    the planner."""
    rows = "".join(
        f"B{next(numbers)}\t{customer.pk}\t{day}\tconfirmed\tCNY\t{amount}\t{amount}\t\n"
        for customer, day, amount in orders
    )
    columns = "number, customer_id, ordered_on, status, currency, amount, base_amount, digest"
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY crm_order ({columns}) FROM STDIN", io.StringIO(rows))
        cursor.execute("ANALYZE crm_customer, crm_order")


def customers(number: int, prefix: str = "K", **fields) -> list[Customer]:
    return Customer.objects.bulk_create(
        Customer(code=f"{prefix}{each:05}", name=f"Customer {each}", **fields)
        for each in range(number)
    )


def book_of_values(*amounts: int) -> list[Customer]:
    """One customer for each amount, with one order of it on AS_OF."""
    found = customers(len(amounts), "V")
    enter((customer, AS_OF, amount) for customer, amount in zip(found, amounts, strict=True))
    return found


def restless_book(number: int = 120) -> list[Customer]:
    """Customers who order every two to six weeks for two years; every third leaves on the way.

    Enough for the churn model, and the same every time.
    """
    chance = random.Random(7)
    found = customers(number, "R")
    enter(
        (customer, day, chance.randint(50, 900))
        for place, customer in enumerate(found)
        for day in _days(chance, leaves=place % 3 == 0)
    )
    return found


def steady_book() -> list[Customer]:
    """Enough of a past for a regression; some documents are later than AS_OF."""
    documents, shift = steady_buyers(), day_number(AS_OF) - TODAY
    found = customers(int(documents.customer.max()) + 1, "S")
    rows = zip(documents.customer, documents.day, documents.cents, strict=True)
    enter(
        (found[customer], EPOCH + timedelta(days=int(day) + shift), Decimal(int(cents)) / 100)
        for customer, day, cents in rows
    )
    return found


def grades_of(*found: Customer) -> list[str]:
    by_customer = dict(Standing.objects.values_list("customer_id", "grade"))
    return [by_customer[each.pk] for each in found]


def new_policy(**fields) -> Policy:
    """One by value, without calmness."""
    at_once = {"band": 0, "nights_up": 1, "nights_down": 1, "alert_days": 0, "new_days": 0}
    fields = at_once | {"basis": Policy.Basis.VALUE} | fields
    return Policy.objects.create(version=2, name="Next", **fields)


def shares(key, secondary, general, maintain) -> dict[str, float]:
    return {"key": key, "secondary": secondary, "general": general, "maintain": maintain}


def _days(chance: random.Random, *, leaves: bool) -> list[date]:
    pace, days = chance.randint(14, 42), []
    silent = chance.randint(100, 600) if leaves else 0
    age = chance.randint(silent + 100, 720)
    while age > silent:
        days.append(ago(age))
        age -= 1 + round(chance.expovariate(1 / pace))
    return days
