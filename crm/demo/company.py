"""Pure: the whole company: everything that happened, and what will happen."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.demo.book import Book, make_book
from crm.demo.cases import Cases, make_cases
from crm.demo.clients import Clients, make_clients
from crm.demo.contacts import Contacts, make_contacts
from crm.demo.currencies import Rates, make_rates
from crm.demo.notes import Notes, Promises, make_notes, make_promises
from crm.demo.orders import OrderDays, Orders, make_orders, order_days
from crm.demo.payments import Payments, make_payments
from crm.demo.plan import NEVER, Plan, as_date
from crm.demo.staff import Owners, make_owners
from crm.demo.trade_days import trade_days
from crm.demo.visits import Visits, make_visits


@dataclass(frozen=True)
class Company:
    plan: Plan
    book: Book
    rates: Rates
    owners: Owners
    clients: Clients
    contacts: Contacts
    order_days: OrderDays
    orders: Orders
    payments: Payments
    visits: Visits
    notes: Notes
    promises: Promises
    cases: Cases


def build(plan: Plan) -> Company:
    """The same for the same plan, down to the last cent and word."""
    book, rates = make_book(plan), make_rates(plan)
    calendar = trade_days(plan.start, plan.end_of_future)
    days = order_days(plan, book, calendar)
    orders, owners = make_orders(plan, book, rates, days), make_owners(plan, book)
    contacts = make_contacts(plan, book)
    visits = make_visits(plan, book, calendar, owners, orders, contacts)
    return Company(
        plan=plan,
        book=book,
        rates=rates,
        owners=owners,
        clients=make_clients(plan, book),
        contacts=contacts,
        order_days=days,
        orders=orders,
        payments=make_payments(plan, book, orders),
        visits=visits,
        notes=make_notes(plan, book, contacts, visits),
        promises=make_promises(plan, book, visits),
        cases=make_cases(plan, book, owners, orders),
    )


def truth(company: Company) -> dict[str, Any]:
    """What nobody in the product knows: who has left, and who will order on which days.

    `leavers`: customer and the day of leaving, after which there are no orders.
    `future`: order days after `as_of` up to `until`, by customer.
    """
    plan, code = company.plan, company.clients.code
    left = company.book.left
    later = company.order_days.after(plan.today)
    future: dict[str, list[str]] = {}
    for customer, day in zip(later.customer, later.day, strict=True):
        if day < plan.end_of_future:
            days = future.setdefault(code[customer], [])
            days.append(as_date(day).isoformat())
    return {
        "seed": plan.seed,
        "as_of": plan.as_of.isoformat(),
        "until": as_date(plan.end_of_future - 1).isoformat(),
        "leavers": [
            {"customer": code[customer], "left_on": as_date(left[customer]).isoformat()}
            for customer in np.flatnonzero(left < NEVER)
        ],
        "future": {customer: sorted(set(days)) for customer, days in sorted(future.items())},
    }
