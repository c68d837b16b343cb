"""Pure: what the score of a customer would be after one order or one return, by the same
formulas as the night's, with the parameters of the churn model fixed."""

import math

import numpy as np

from tiering.bases import monthly_average
from tiering.churn import mbg
from tiering.churn.risk import CHANCE_DECIMALS, GRADE_HORIZON, continuing_value
from tiering.explain.shapes import Book, Customer
from tiering.windows import worked_ahead, worked_between


def after_order(customer: Customer, book: Book, cents: int, *, in_days: int = 0) -> int | None:
    """The score on that day with one order more on it; None where it cannot be known.

    An order on a day that has one already makes no new order day.
    """
    if book.basis == "continuing_value":
        chance = chance_after_order(customer, book, in_days=in_days)
        return None if chance is None else _continuing(customer.value + cents, chance)
    if book.basis == "arpu":
        age = 0 if customer.age is None else customer.age + in_days
        return int(monthly_average(customer.revenue + cents, age))
    return _plain(customer, book, cents)


def after_return(customer: Customer, book: Book, cents: int) -> int | None:
    """The score with one return of this amount: no order day, so the chance stays."""
    if book.basis == "continuing_value":
        chance = customer.p_none
        return None if chance is None else _continuing(customer.value - cents, chance)
    if book.basis == "arpu":
        age = math.nan if customer.age is None else customer.age
        return int(monthly_average(customer.revenue - cents, age))
    return _plain(customer, book, -cents)


def chance_after_order(customer: Customer, book: Book, *, in_days: int = 0) -> float | None:
    """Of no order in 180 days, seen from the day of the order."""
    if book.params is None:
        return None
    if customer.silent_days == 0 and not in_days:
        return customer.p_none
    day = book.day + in_days
    first = day if customer.age is None else book.day - customer.age
    age = worked_between(np.array([first]), day, book.holidays)
    ahead = worked_ahead(day, GRADE_HORIZON, book.holidays)
    chance = mbg.p_none(book.params, [customer.order_days], age, age, horizon=ahead)
    return float(chance.round(CHANCE_DECIMALS)[0])


def _continuing(value: int, chance: float) -> int:
    return int(continuing_value(value, chance))


def _plain(customer: Customer, book: Book, cents: int) -> int:
    return cents + (customer.value if book.basis == "value" else customer.revenue)
