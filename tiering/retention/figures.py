"""Every figure is one sum divided by another, so that any set of customers adds up exactly.

A measure is a number known of each customer as of a night (0 where there is nothing); the
figure of a team, a grade or a region divides the sum of one measure by the sum of another
over its customers. It is never a mean of the customers' own figures. Windows are (D − n, D].

Sources: repeat-purchase rate, customer and net revenue retention as the trade defines them,
read over calendar-free windows of 365 days; `docs/retention.md` has each with an example.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """How a figure reads: .42 as 42 %, 4.2 as it is, or so many for each hundred."""

    SHARE = "share"
    MEAN = "mean"
    PER_100 = "per_100"


@dataclass(frozen=True)
class Figure:
    """`top` and `bottom` name measures.

    less_is_better   a fall is good news
    of_the_largest   `top` of a set is that of its largest customer, not a sum
    in_money         both measures are amounts in base currency
    """

    code: str
    top: str
    bottom: str
    kind: Kind = Kind.SHARE
    less_is_better: bool = False
    of_the_largest: bool = False
    in_money: bool = False

    def of(self, sums: Mapping[str, Any]) -> float | None:
        """The figure of a set of customers by the sums of its measures; None of nothing."""
        if not sums[self.bottom]:
            return None
        ratio = float(sums[self.top]) / float(sums[self.bottom])
        return ratio * 100 if self.kind == Kind.PER_100 else ratio


FIGURES = (
    Figure("repeat", "bought_again", "bought"),
    Figure("stayed", "stayed", "bought_before"),
    Figure("net_revenue", "revenue_stayed", "revenue_before", in_money=True),
    Figure("complaints", "complaints", "order_days", Kind.PER_100, less_is_better=True),
    Figure("tolerance", "complaints_forgiven", "complaints_judged"),
    Figure("satisfaction", "satisfaction_sum", "satisfaction_answers", Kind.MEAN),
    Figure("own_brand", "contacts_by_them", "contacts"),
    Figure("competitors", "competitor_named", "contacts", less_is_better=True),
    Figure("wallet", "need_covered", "need", in_money=True),
    Figure("dependent", "dependent", "need_known"),
    Figure("discount", "discounted_orders", "priced_orders", less_is_better=True),
    Figure(
        "largest", "largest", "revenue", less_is_better=True, of_the_largest=True, in_money=True
    ),
)
MEASURES = tuple(dict.fromkeys(name for each in FIGURES for name in (each.top, each.bottom)))


def by_code(code: str) -> Figure | None:
    return next((figure for figure in FIGURES if figure.code == code), None)
