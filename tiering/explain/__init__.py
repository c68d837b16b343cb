"""Pure: why a customer has its computed level, and how far it is from the next ones.

Everything speaks of the computed level of one night with everybody else unchanged. Scores and
money are whole hundredths (cents, or hundredths of a point) on the way in, and Decimal in
what is said: see `tiering.explain.shapes`.
"""

from tiering.explain.answer import explain
from tiering.explain.nearness import stays_near
from tiering.explain.point_order import Trade
from tiering.explain.shapes import (
    Book,
    Criterion,
    Customer,
    Documents,
    Explanation,
    Factor,
    Line,
    Move,
    Part,
    Since,
    Typical,
)

__all__ = [
    "Book",
    "Criterion",
    "Customer",
    "Documents",
    "Explanation",
    "Factor",
    "Line",
    "Move",
    "Part",
    "Since",
    "Trade",
    "Typical",
    "explain",
    "stays_near",
]
