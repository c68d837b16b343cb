"""Pure: the whole explanation of one customer."""

from decimal import Decimal

from tiering.explain.factors import factors
from tiering.explain.moves import down, up
from tiering.explain.parts import criteria, documents_agree, parts, since_the_night
from tiering.explain.point_order import Trade
from tiering.explain.ruler import ruler_place
from tiering.explain.shapes import Book, Customer, Documents, Explanation, Figures, decimal


def explain(
    customer: Customer,
    book: Book,
    *,
    documents: Documents | None = None,
    figures: Figures | None = None,
    trade: Trade | None = None,
) -> Explanation:
    """What stands behind a computed level. `documents` are what the 365 days hold today, maybe not
    what the night added up; `figures` those of the criteria, `trade` what they came from. Without
    them less is said, never something else."""
    code = compared_line(customer, book)
    found, judged = factors(customer, book, code), criteria(customer, book, code, figures)
    known = documents if documents_agree(customer, book, documents) else None
    return Explanation(
        book=book,
        customer=customer,
        line=code,
        line_score=score_at(code, book),
        above=share_above(customer, book),
        factors=found,
        parts=parts(customer, book, known, judged),
        criteria=judged,
        place=ruler_place(customer, book),
        up=up(customer, book, known, figures, trade),
        down=down(customer, book),
        since=since_the_night(customer, book, documents),
    )


def score_at(code: str, book: Book) -> Decimal | None:
    """The score at the lower edge of a level; the last level has none."""
    edge = book.edge(code)
    return None if edge is None else decimal(edge)


def compared_line(customer: Customer, book: Book) -> str:
    """The level whose lower edge matters: its own, or the first one up for the last level."""
    last = len(book.levels) - 1
    return book.codes[min(book.codes.index(customer.level), last - 1)]


def share_above(customer: Customer, book: Book) -> float | None:
    """Share of the eligible customers that stand above this one."""
    if customer.rank is None or not book.eligible:
        return None
    return (customer.rank - 1) / book.eligible
