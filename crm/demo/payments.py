"""Pure: when documents fall due and what has come in for them."""

from dataclasses import dataclass

import numpy as np

from crm.demo.book import Book
from crm.demo.orders import Orders
from crm.demo.plan import NO_DAY, NOBODY, BoolArray, IntArray, Plan
from crm.demo.trade_days import working_day

IN_TWO_PARTS = 0.08
FORGOTTEN = 0.004
LEFT_UNPAID = 0.25
DAYS_BEFORE_LEAVING = 45


@dataclass(frozen=True)
class Payments:
    """One entry per payment; money in cents of the document's currency."""

    order: IntArray
    day: IntArray
    amount: IntArray


def due_days(book: Book, orders: Orders) -> IntArray:
    """A sale is due after the customer's credit days; a return has no day."""
    due = orders.day + book.credit_days[orders.customer]
    return np.where(orders.returns == NOBODY, due, NO_DAY)


def make_payments(plan: Plan, book: Book, orders: Orders) -> Payments:
    """Up to `as_of`; what would come later is owed. Returns are paid back."""
    chance = plan.chance("payments")
    sales = np.flatnonzero(orders.is_sale & ~never_paid(plan, book, orders))
    returned = np.flatnonzero(orders.returns != NOBODY)
    day = paid_days(book, orders, sales, chance)
    first, rest = two_parts(orders.amount[sales], chance)
    later = working_day(day + chance.integers(10, 31, len(sales)))
    refund = working_day(orders.day[returned] + chance.integers(1, 15, len(returned)))
    payments = Payments(
        order=np.concatenate([sales, sales, returned]),
        day=np.concatenate([day, later, refund]),
        amount=np.concatenate([first, rest, orders.amount[returned]]),
    )
    return by_day(payments, (payments.day <= plan.today) & (payments.amount != 0))


def paid_days(book: Book, orders: Orders, sales: IntArray, chance: np.random.Generator) -> IntArray:
    customer = orders.customer[sales]
    usual = book.days_late[customer]
    late = usual + chance.normal(0, 2.5 + np.abs(usual) * 0.5)
    paid = orders.day[sales] + np.maximum(book.credit_days[customer] + np.rint(late), 0)
    return working_day(paid.astype(np.int64))


def two_parts(amount: IntArray, chance: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Some pay half now and half later: what comes first, and the rest (mostly nothing)."""
    large = float(np.quantile(amount, 0.7))
    split = (chance.random(len(amount)) < IN_TWO_PARTS) & (amount > large)
    first = np.where(split, amount // 2, amount)
    return first, amount - first


def never_paid(plan: Plan, book: Book, orders: Orders) -> BoolArray:
    """A few invoices are disputed, and some who leave do not pay their last ones."""
    chance = plan.chance("never paid")
    quarrel = chance.random(len(book)) < LEFT_UNPAID
    last_ones = orders.day > book.left[orders.customer] - DAYS_BEFORE_LEAVING
    # What is older has been settled or written off by now.
    recent = orders.day > plan.today - 240
    disputed = chance.random(len(orders)) < FORGOTTEN
    return recent & ((quarrel[orders.customer] & last_ones) | disputed)


def by_day(payments: Payments, kept: BoolArray) -> Payments:
    found = np.flatnonzero(kept)
    found = found[np.lexsort((payments.order[found], payments.day[found]))]
    return Payments(payments.order[found], payments.day[found], payments.amount[found])
