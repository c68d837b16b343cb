"""Pure: the least gain that is certain to lift a customer, and the least loss to lower it.

Money is said in whole units: the least one that is enough. It is not taken from a formula
but tried: the score after it is computed as the night would, until it is past the line.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from tiering.bases import months_known
from tiering.explain.after import after_order, after_return, chance_after_order
from tiering.explain.point_order import Trade, least_order
from tiering.explain.shapes import (
    HUNDREDTHS,
    Book,
    Customer,
    Documents,
    Figures,
    Line,
    Move,
    amount,
    decimal,
)

# A date is said only for so many days: later than that, nobody plans an order.
PLANNED_DAYS = 30
# Rounding of a score shifts the least amount by a few units at most.
TRIES = 1_000


def up(
    customer: Customer,
    book: Book,
    documents: Documents | None = None,
    figures: Figures | None = None,
    trade: Trade | None = None,
) -> Move | None:
    """None in the best level, where nothing is known, and where one more customer would have
    the book cut in another way."""
    line = threshold_above(customer, book)
    if line is None:
        return None
    if book.basis == "points":
        return _more_points(customer, book, line, least_order(customer, book, figures, trade, line))
    by_days = _days_to_order(documents)
    days = {0, by_days or 0}
    units = _least_order(customer, book, line, days)
    if units is None:
        return None
    scores = [after_order(customer, book, units * HUNDREDTHS, in_days=day) for day in days]
    to = reached(min(score for score in scores if score is not None), customer, book)
    return Move(to, Decimal(units), _orders(units, customer, book), by_days)


def down(customer: Customer, book: Book) -> Move | None:
    """None in the last level, where nobody is behind, and where no loss can lower the score."""
    if not customer.eligible or customer.line_below is None:
        return None
    target = min(_falls_at(customer.line_below, customer, book), customer.score - 1)
    if book.basis == "points":
        return _fewer_points(target, customer, book)
    units = _least_return(customer, book, target)
    score = None if units is None else after_return(customer, book, units * HUNDREDTHS)
    if units is None or score is None:
        return None
    to, is_certain = fallen(score, customer, book)
    orders = _orders(units, customer, book)
    possible = orders if orders and orders <= customer.order_days_365 else None
    return Move(to, Decimal(units), possible, is_certain=is_certain)


def _more_points(customer: Customer, book: Book, line: int, order: int | None) -> Move | None:
    """Points alone do not bring back whoever has no order for a year."""
    if order is None and not customer.eligible:
        return None
    points = decimal(max(line + 1 - customer.score, 1))
    to = reached(line + 1, customer, book)
    return Move(to, points, order=None if order is None else Decimal(order))


def _fewer_points(target: int, customer: Customer, book: Book) -> Move | None:
    if target < 0:
        return None
    to, is_certain = fallen(target, customer, book)
    return Move(to, decimal(customer.score - target), is_certain=is_certain)


def threshold_above(customer: Customer, book: Book) -> int | None:
    """A better level is certain for a score above this."""
    if customer.eligible:
        return customer.line_above
    if book.one_more_changes:
        return None
    return _entered_above(book.lines[book.codes[-2]], book)


def _entered_above(line: Line, book: Book) -> int | None:
    """For one customer more than there are eligible ones."""
    if book.scheme == "lines" or line.inside is None:
        return None if line.floor is None else max(line.floor, 1) - 1
    return line.inside


def reached(score: int, customer: Customer, book: Book) -> str:
    """The best level that is certain; at least one better than now."""
    now = book.codes.index(customer.level)
    better = (code for code in book.codes[: now - 1] if _is_in(score, book.lines[code], book))
    return next(better, book.codes[now - 1])


def fallen(score: int, customer: Customer, book: Book) -> tuple[str, bool]:
    """The level of a lower score, and whether that is certain: under the cumulative scheme
    whoever falls makes the whole smaller, and the lines with it, so only the best level that
    it can be is known."""
    below = book.codes[book.codes.index(customer.level) + 1 :]
    if book.scheme == "cumulative":
        return below[0], len(below) == 1
    for code in below[:-1]:
        if _stays_in(score, book.lines[code], book):
            return code, True
        if _straddled_at(score, book.lines[code], book):
            return code, False
    return below[-1], True


def _falls_at(line_below: int, customer: Customer, book: Book) -> int:
    """The highest score that is certain to be behind the line of the customer's level."""
    line = book.lines[customer.level]
    return line_below - _straddled_at(line_below, line, book)


def _straddled_at(score: int, line: Line, book: Book) -> bool:
    """Whether equal scores stand on both sides of the line: whoever draws level with them shares
    the mean of their places, which may be inside."""
    return book.scheme != "lines" and line.inside == line.outside == score


def _is_in(score: int, line: Line, book: Book) -> bool:
    if line.floor is not None and score < line.floor:
        return False
    return book.scheme == "lines" or (line.inside is not None and score > line.inside)


def _stays_in(score: int, line: Line, book: Book) -> bool:
    """Of somebody who stood above the line: the first one outside must stay behind."""
    if line.floor is not None and score < line.floor:
        return False
    return book.scheme == "lines" or line.outside is None or score > line.outside


def _days_to_order(documents: Documents | None) -> int | None:
    """So long nothing that counts is a year old; the figures of the night hold until then."""
    if documents is None:
        return None
    if documents.days_left is None:
        return PLANNED_DAYS
    return min(max(documents.days_left - 1, 0), PLANNED_DAYS)


def _least_order(customer: Customer, book: Book, line: int, days: set[int]) -> int | None:
    """Enough today and on the last day. In between it is enough too: without the order the
    amount stays, and the chance of an order falls with every day before it comes."""
    found = [_least_order_on(customer, book, line, day) for day in days]
    known = [units for units in found if units is not None]
    return max(known) if len(known) == len(found) else None


def _least_order_on(customer: Customer, book: Book, line: int, day: int) -> int | None:
    def is_enough(units: int) -> bool:
        score = after_order(customer, book, units * HUNDREDTHS, in_days=day)
        return score is not None and score > line

    rate = _rate(customer, book, day)
    if not rate:
        return None
    start = (line + 0.5) / rate - amount(customer, book)
    return _first(is_enough, math.floor(start / HUNDREDTHS) - 1)


def _least_return(customer: Customer, book: Book, target: int) -> int | None:
    def is_enough(units: int) -> bool:
        score = after_return(customer, book, units * HUNDREDTHS)
        return score is not None and score <= target

    rate = _rate_now(customer, book)
    if not rate or (book.basis == "continuing_value" and target < 0):
        return None
    start = amount(customer, book) - (target + 0.5) / rate
    return _first(is_enough, math.floor(start / HUNDREDTHS) - 1)


def _first(is_enough: Callable[[int], bool], start: int) -> int | None:
    """The least whole amount that is enough, from one unit on; `start` is just below it."""
    begin = max(start, 1)
    return next((units for units in range(begin, begin + TRIES) if is_enough(units)), None)


def _rate(customer: Customer, book: Book, day: int) -> float | None:
    """How much of a cent more goes into the score."""
    if book.basis == "continuing_value":
        chance = chance_after_order(customer, book, in_days=day)
        return None if chance is None else 1 - chance
    if book.basis == "arpu":
        return 1 / float(months_known(0 if customer.age is None else customer.age + day))
    return 1.0


def _rate_now(customer: Customer, book: Book) -> float | None:
    if book.basis == "arpu":
        return 1 / float(months_known(math.nan if customer.age is None else customer.age))
    return customer.continuity if book.basis == "continuing_value" else 1.0


def _orders(units: int, customer: Customer, book: Book) -> int | None:
    """Order days of usual size; None where the amount of one would say nothing."""
    money = amount(customer, book)
    if not customer.order_days_365 or money <= 0:
        return None
    return math.ceil(Fraction(units * HUNDREDTHS * customer.order_days_365, money))
