"""Pure: where a customer stands on a ruler with one band per level, the worst on the left."""

import math

from tiering.explain.shapes import Book, Customer

# The lowest and the highest band have no far edge: they span a factor of this.
OPEN_BAND = 10
MARGIN = 0.03


def band(book: Book) -> float:
    """Width of a band in per cent."""
    return 100 / len(book.levels)


def ruler_place(customer: Customer, book: Book) -> float:
    """Per cent from the left; logarithmic inside a band of money, even inside one of points."""
    from_worst = book.codes[::-1].index(customer.level)
    return band(book) * (from_worst + _within(customer, book))


def _within(customer: Customer, book: Book) -> float:
    lower, upper = _edges(customer.level, book)
    if lower is None or upper is None or lower >= upper:
        return 0.5
    share = _share(customer.score, lower, upper, is_even=book.basis == "points")
    return min(max(share, MARGIN), 1 - MARGIN)


def _share(score: int, lower: float, upper: float, *, is_even: bool) -> float:
    if is_even:
        return (score - lower) / (upper - lower)
    if score <= lower or lower <= 0:
        return MARGIN
    return math.log(score / lower) / math.log(upper / lower)


def _edges(code: str, book: Book) -> tuple[float | None, float | None]:
    at = book.codes.index(code)
    lower, upper = book.edge(code), book.edge(book.codes[at - 1]) if at else None
    if book.basis == "points":
        return 0 if lower is None else lower, 100 * 100 if upper is None else upper
    if lower is None and upper is not None:
        return upper / OPEN_BAND, upper
    if upper is None and lower is not None:
        return lower, lower * OPEN_BAND
    return lower, upper
