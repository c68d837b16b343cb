"""Pure: what an explanation is made from and what it says."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd

from tiering.churn.fit import Params
from tiering.rules import Level, PointRules
from tiering.windows import NO_HOLIDAYS, IntArray

HUNDREDTHS = 100
MONEY_BASES = ("continuing_value", "value", "revenue", "arpu")


@dataclass(frozen=True)
class Typical:
    """Medians of the customers just inside a line; None where nothing is known.

    continuity   chance of an order in 180 days
    months       months that ARPU divides by
    points       by criterion, 0 to 100
    """

    order_days: float
    continuity: float | None = None
    months: float | None = None
    points: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """The lower edge of a level, in hundredths; None where nobody stands there.

    places     customers down to this line, better levels included
    inside     the lowest score on the good side
    outside    the highest score on the other side
    floor      a score below this is outside whatever the rank; None: no such line
    """

    places: int
    inside: int | None
    outside: int | None
    floor: int | None = None
    typical: Typical | None = None


@dataclass(frozen=True)
class Book:
    """The night and its policy as it was applied.

    levels            best first; `lines` has one entry for each but the last
    eligible          customers with an order in 365 days
    params            of the churn model; None where there is none
    one_more_changes  one more eligible customer would have the book cut in another way
    day, holidays     of the night, and those that its chances leave out, as day numbers
    """

    basis: str
    scheme: str
    levels: Sequence[Level]
    lines: Mapping[str, Line]
    eligible: int
    value_is_profit: bool = False
    params: Params | None = None
    points: PointRules | None = None
    one_more_changes: bool = False
    day: int = 0
    holidays: IntArray = field(default_factory=lambda: NO_HOLIDAYS, compare=False)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(level.code for level in self.levels)

    @property
    def money_is(self) -> str:
        """What an order has to bring: profit where value is that and the basis reads value."""
        reads_value = self.basis in ("continuing_value", "value")
        return "profit" if reads_value and self.value_is_profit else "revenue"

    def edge(self, code: str) -> int | None:
        """The score that a level is compared with: a fixed line, or the last one inside."""
        line = self.lines.get(code)
        if line is None:
            return None
        return line.floor if self.scheme == "lines" else line.inside


@dataclass(frozen=True)
class Customer:
    """As the night found it; money and scores in hundredths.

    level                    code of the computed level
    rank                     None where not eligible
    age, silent_days         days since the first and the last order day; None without one
    p_none                   chance of no order in 180 days
    line_above, line_below   see `scoring.grade`
    """

    level: str
    score: int
    eligible: bool
    rank: float | None
    value: int
    revenue: int
    order_days: int
    order_days_365: int
    age: int | None = None
    silent_days: int | None = None
    p_none: float | None = None
    line_above: int | None = None
    line_below: int | None = None

    @property
    def continuity(self) -> float | None:
        return None if self.p_none is None else 1 - self.p_none


@dataclass(frozen=True)
class Documents:
    """Sums of the 365 days of a customer as they stand now, in hundredths.

    costs       of documents whose cost is known
    days_left   days until the oldest of them is a year old; None without any
    later       how many of them were entered after the night, with their revenue and costs
    """

    sales: int
    returns: int
    costs: int
    days_left: int | None
    later: int = 0
    later_revenue: int = 0
    later_costs: int = 0


@dataclass(frozen=True)
class Since:
    """Why the documents no longer add up to what the night found.

    entered   documents entered after it
    is_all    nothing else is different: without them the sums are those of the night
    """

    entered: int
    is_all: bool


@dataclass(frozen=True)
class Factor:
    """`own` is `times` times `at_line`, or the other way round for `months`; all times multiply
    to the whole, and their logarithms `log` add up."""

    name: str
    own: float
    at_line: float
    times: float
    log: float


@dataclass(frozen=True)
class Part:
    """What is added or taken away; the amounts of all parts add up to the score exactly.

    Names: sales, returns, revenue (where the documents have changed since), costs, no_loss
    (a loss counts as nothing), fall_away, or the code of a criterion.
    """

    name: str
    amount: Decimal


@dataclass(frozen=True)
class Criterion:
    """`weight` as it counts for this customer, per cent; 0 where nothing is known.

    figure   raw; None where not known
    points   0 to 100
    own      the weight that the policy says
    """

    name: str
    figure: float | None
    points: Decimal | None
    weight: float
    own: float
    contribution: Decimal
    at_line: float | None


@dataclass(frozen=True)
class Move:
    """Gain or loss of `amount` (above zero; whole units of money, or points) to a level.

    is_certain   False: at least out of the present level; `to` is the best it can be then
    orders       so many orders of the customer's usual size are as much
    by_days      an order of the amount within so many days is enough
    order        of points: one order of so much money on the day of the night brings them
    """

    to: str
    amount: Decimal
    orders: int | None = None
    by_days: int | None = None
    is_certain: bool = True
    order: Decimal | None = None


@dataclass(frozen=True)
class Explanation:
    """`line` is the code of the level whose lower edge the factors compare with.

    place   per cent from the left of a ruler with one band per level, worst first
    since   None where the documents are known to be those of the night, or are not known
    """

    book: Book
    customer: Customer
    line: str
    line_score: Decimal | None
    above: float | None
    factors: Sequence[Factor]
    parts: Sequence[Part]
    criteria: Sequence[Criterion]
    place: float
    up: Move | None
    down: Move | None
    since: Since | None = None

    @property
    def score(self) -> Decimal:
        return decimal(self.customer.score)

    @property
    def times(self) -> float | None:
        return math.prod(factor.times for factor in self.factors) if self.factors else None


Figures = pd.DataFrame  # one row: the columns of `tiering.points` of one customer


def amount(customer: Customer, book: Book) -> int:
    """What the basis takes its money from, in hundredths."""
    return customer.value if book.basis in ("continuing_value", "value") else customer.revenue


def decimal(hundredths: int) -> Decimal:
    return Decimal(hundredths) / HUNDREDTHS
