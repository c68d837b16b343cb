"""Pure: whether a shown level differs from the computed one because a line is near."""

from tiering.calm import clear_places
from tiering.explain.shapes import Book, Customer


def stays_near(customer: Customer, book: Book, *, shown: str, band: float) -> bool:
    """Whether the customer stands within the band of the line that keeps the shown level: not
    clearly over the line above it, or not clearly behind the line under it. A fixed line and a
    floor have no band; nobody is near a line without a rank."""
    if customer.rank is None or book.scheme == "lines":
        return False
    own, computed = book.codes.index(shown), book.codes.index(customer.level)
    line = book.lines[book.codes[own if computed > own else own - 1]]
    over, behind = clear_places(line.places, band)
    if computed < own:
        return customer.rank > over
    return customer.rank <= behind and (line.floor is None or customer.score >= line.floor)
