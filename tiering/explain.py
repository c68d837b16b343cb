"""Pure: why a customer has its computed grade, and how far it is from the next ones.

Scores and money are Decimal in base currency. Everything speaks of the computed grade of
one night with everybody else unchanged: a customer that gains `Move.money` is certain to
reach `Move.to`, one that loses it is certain to leave its grade. Ratios are floats.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

GRADES = ("key", "secondary", "general", "maintain")
BAND = 100 / len(GRADES)
# The lowest and the highest band have no far edge: they span a factor of this.
OPEN_BAND = 10
CENT = Decimal("0.01")
ONE = Decimal(1)


@dataclass(frozen=True)
class Line:
    """The lower edge of a grade; None where nobody stands there.

    places     customers down to this line, better grades included
    inside     the lowest score on the good side
    outside    the highest score on the other side
    """

    places: int
    inside: Decimal | None
    outside: Decimal | None


@dataclass(frozen=True)
class Standing:
    """The customer as the night found it. `rank` is None for whoever is not eligible.

    orders           order days of the last 365 days
    orders_at_line   order days of a customer like those at the line it is compared with
    book             eligible customers
    """

    grade: str
    score: Decimal
    rank: float | None
    orders: int
    orders_at_line: float | None
    book: int


@dataclass(frozen=True)
class Factor:
    """`own` is `times` times `at_line`; the times of all factors multiply to the whole."""

    name: str
    own: float
    at_line: float
    times: float


@dataclass(frozen=True)
class Move:
    """Gain or loss of `money` (whole units, above zero), or of `orders` of usual size."""

    to: str
    money: Decimal
    orders: int | None


@dataclass(frozen=True)
class Explanation:
    """`line` is the name of the grade whose lower edge the factors compare with."""

    standing: Standing
    line: str
    line_score: Decimal | None
    above: float | None
    factors: Sequence[Factor]
    times: float | None
    place: float
    up: Move | None
    down: Move | None


def explain(standing: Standing, lines: Mapping[str, Line]) -> Explanation:
    """What stands behind a computed grade; `lines` has one entry per grade but the last."""
    name = compared_line(standing.grade)
    line = lines[name].inside if name in lines else None
    factors = _factors(standing, line)
    return Explanation(
        standing=standing,
        line=name,
        line_score=line,
        above=share_above(standing),
        factors=factors,
        times=math.prod(factor.times for factor in factors) if factors else None,
        place=ruler_place(standing, lines),
        up=_up(standing, lines),
        down=_down(standing, lines),
    )


def compared_line(grade: str) -> str:
    """The grade whose lower edge matters: its own, or the first one up for the last grade."""
    return grade if grade != GRADES[-1] else GRADES[-2]


def share_above(standing: Standing) -> float | None:
    """Share of the eligible customers that stand above this one."""
    if standing.rank is None or not standing.book:
        return None
    return (standing.rank - 1) / standing.book


def value_per_order(standing: Standing) -> Decimal | None:
    return standing.score / standing.orders if standing.orders else None


def ruler_place(standing: Standing, lines: Mapping[str, Line]) -> float:
    """Per cent from the left of a ruler with one band per grade, logarithmic inside a band."""
    from_worst = GRADES[::-1].index(standing.grade)
    lower, upper = _edges(standing.grade, lines)
    return BAND * (from_worst + _within(standing.score, lower, upper))


def _edges(grade: str, lines: Mapping[str, Line]) -> tuple[Decimal | None, Decimal | None]:
    at = GRADES.index(grade)
    lower = _inside(lines, grade)
    upper = _inside(lines, GRADES[at - 1]) if at else None
    if lower is None and upper is not None:
        lower = upper / OPEN_BAND
    if upper is None and lower is not None:
        upper = lower * OPEN_BAND
    return lower, upper


def _within(score: Decimal, lower: Decimal | None, upper: Decimal | None) -> float:
    if lower is None or upper is None:
        return 0.5
    if score <= lower or not 0 < lower < upper:
        return 0.03
    share = math.log(score / lower) / math.log(upper / lower)
    return min(max(share, 0.03), 0.97)


def _factors(standing: Standing, line: Decimal | None) -> list[Factor]:
    """Orders and value per order against the line; empty where a ratio would say nothing."""
    per_order = value_per_order(standing)
    if not (line and line > 0 and per_order and per_order > 0 and standing.orders_at_line):
        return []
    own, at_line = float(per_order), float(line) / standing.orders_at_line
    return [
        Factor(
            "orders",
            standing.orders,
            standing.orders_at_line,
            standing.orders / standing.orders_at_line,
        ),
        Factor("value_per_order", own, at_line, own / at_line),
    ]


def _up(standing: Standing, lines: Mapping[str, Line]) -> Move | None:
    """Just more than the lowest score of the next grade overtakes it, ties or not."""
    at = GRADES.index(standing.grade)
    edge = _inside(lines, GRADES[at - 1]) if at else None
    if edge is None:
        return None
    money = max((edge - standing.score).to_integral_value(ROUND_FLOOR) + 1, ONE)
    reached = standing.score + money
    to = next(name for name in GRADES if _is_over(reached, _inside(lines, name)))
    return Move(to, money, _orders(money, standing))


def _down(standing: Standing, lines: Mapping[str, Line]) -> Move | None:
    """A tie with the first one outside is enough to fall: equal scores share their places."""
    line = lines.get(standing.grade)
    if standing.rank is None or line is None or line.outside is None:
        return None
    loss = max(standing.score - line.outside, CENT)
    money = loss.to_integral_value(ROUND_CEILING)
    left = standing.score - money
    below = GRADES[GRADES.index(standing.grade) + 1 : -1]
    to = next((name for name in below if _is_over(left, _outside(lines, name))), GRADES[-1])
    return Move(to, money, _orders(money, standing))


def _orders(money: Decimal, standing: Standing) -> int | None:
    usual = value_per_order(standing)
    return math.ceil(money / usual) if usual and usual > 0 else None


def _is_over(score: Decimal, edge: Decimal | None) -> bool:
    return edge is not None and score > edge


def _inside(lines: Mapping[str, Line], name: str) -> Decimal | None:
    return lines[name].inside if name in lines else None


def _outside(lines: Mapping[str, Line], name: str) -> Decimal | None:
    return lines[name].outside if name in lines else None
