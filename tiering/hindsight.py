"""Pure: whose grade was right, the person's or the rule's, seen 180 days later.

A customer deserved the grade that its own revenue of the 180 days after the first day of the
override would have given it: everybody who bought in these days is ranked by net revenue, and
this ranking is cut at the shares of the time. The grade that lies fewer grades away from the
deserved one was right; at the same distance they are equal.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pandas as pd

from tiering.rules import GRADES, Level, exact
from tiering.schemes import Cut
from tiering.scoring import positions

DAYS = 180
_ZERO = Fraction(0)


def edges_of_shares(shares: Mapping[str, float], levels: Sequence[Level]) -> list[Fraction]:
    """Share of the buyers down to the lower edge of key, secondary and general, from 0 to 1."""
    return [
        sum((exact(shares[each.code]) for each in levels if each.grade in GRADES[:count]), _ZERO)
        / 100
        for count in range(1, len(GRADES))
    ]


def edges_of_counts(counts: Mapping[str, int], graded: int) -> list[Fraction]:
    """The same for a night that cut its book by value or at fixed lines: the shares that its
    `graded` active customers had in fact; `counts` are by computed grade."""
    if not graded:
        return [_ZERO] * (len(GRADES) - 1)
    reached = [
        sum(counts.get(grade, 0) for grade in GRADES[:count]) for count in range(1, len(GRADES))
    ]
    # The lowest class may hold those who are not active, too.
    return [Fraction(min(count, graded), graded) for count in reached]


def deserved_grades(revenue: pd.Series, edges: Sequence[Fraction]) -> pd.Series:
    """The grade of everybody with revenue above 0; index as `revenue`, who is left out
    deserved maintain.

    `revenue` is net, in whole cents. Equal amounts share the mean of their places, and places
    are rounded up, as in the night.
    """
    bought = revenue[revenue > 0]
    rank = bought.rank(ascending=False, method="average").to_numpy(dtype=float)
    places = [math.ceil(len(bought) * edge) for edge in edges]
    found = positions(rank, [Cut(count, count, -math.inf) for count in places])
    return pd.Series([GRADES[place] for place in found], index=bought.index, dtype=object)


def verdict(*, person: str, rule: str, deserved: str) -> str:
    """`person`, `rule` or `equal`: whose grade lies nearer to the deserved one."""
    by_person = abs(GRADES.index(person) - GRADES.index(deserved))
    by_rule = abs(GRADES.index(rule) - GRADES.index(deserved))
    if by_person == by_rule:
        return "equal"
    return "person" if by_person < by_rule else "rule"
