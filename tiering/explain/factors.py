"""Pure: a score as a product, factor by factor against the line.

Continuing value is order days x value per order day x chance of an order; value and revenue
are order days x amount per order day; monthly revenue is that by the months known. What a
customer at the line has is the median of those just inside it, and its amount per order day
is what gives the line with these medians, so that the factors multiply exactly.
"""

import math
from collections.abc import Mapping

from tiering.bases import months_known
from tiering.explain.shapes import HUNDREDTHS, MONEY_BASES, Book, Customer, Factor, Typical


def factors(customer: Customer, book: Book, code: str) -> list[Factor]:
    """Against the lower edge of level `code`; empty where a ratio would say nothing."""
    edge, line = book.edge(code), book.lines.get(code)
    if book.basis not in MONEY_BASES or not edge or line is None or line.typical is None:
        return []
    own = _multiplied(customer, book)
    typical = _beside_amount(book, line.typical)
    if own is None or typical is None or edge < 0 or customer.score <= 0:
        return []
    per_order = customer.score / HUNDREDTHS / math.prod(own.values())
    at_line = edge / HUNDREDTHS / math.prod(typical.values())
    pairs = {name: (own[name], typical[name]) for name in own}
    days = pairs.pop("order_days")
    named = {"order_days": days, "per_order": (per_order, at_line), **pairs}
    return [_factor(name, *pair) for name, pair in named.items()]


def _multiplied(customer: Customer, book: Book) -> dict[str, float] | None:
    """Everything but the amount per order day, as factors of the score."""
    if not customer.order_days_365:
        return None
    found: dict[str, float] = {"order_days": customer.order_days_365}
    if book.basis == "continuing_value":
        if not customer.continuity:
            return None
        found["continuity"] = customer.continuity
    if book.basis == "arpu":
        found["months"] = 1 / float(months_known(_or_nan(customer.age)))
    return found


def _beside_amount(book: Book, typical: Typical) -> dict[str, float] | None:
    found: Mapping[str, float | None] = {"order_days": typical.order_days}
    if book.basis == "continuing_value":
        found = {**found, "continuity": typical.continuity}
    if book.basis == "arpu":
        found = {**found, "months": 1 / typical.months if typical.months else None}
    known = {name: each for name, each in found.items() if each}
    return known if len(known) == len(found) else None


def _factor(name: str, own: float, at_line: float) -> Factor:
    times = own / at_line
    if name == "months":
        own, at_line = 1 / own, 1 / at_line
    return Factor(name, own, at_line, times, math.log(times))


def _or_nan(days: int | None) -> float:
    return math.nan if days is None else days
