"""Pure: which badges are right often enough to raise alerts, and which are not, and why.

A badge would raise alerts of those who show it and are below the threshold by their chance. So it
is judged by these alone: whoever is above has an alert already, and says nothing of the badge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from tiering.churn.fit import FloatArray
from tiering.churn.measures import lower_bound
from tiering.churn.realised import ENOUGH, is_below
from tiering.churn.shown_list import list_shown
from tiering.churn.told import Weeks


class WhyNot(StrEnum):
    """Codes for storage, worded by the page."""

    EARNED = ""
    FEW = "few"
    NOT_SURE = "not_sure"
    NO_MEASURE = "no_measure"
    FAILED = "failed"


# By badge how right its alerts have been in fact, and how many of them were left alone.
InFact = Mapping[str, tuple[float | None, int]]
NOTHING_YET: InFact = {}


@dataclass(frozen=True)
class Badge:
    """One badge at one threshold, replayed as the only one that raises alerts.

    seen, over   customers and weeks that showed it; of these at the threshold by their chance
    n, right     alerts that it would have raised under ranking and budget, and those without an
                 order in the horizon after
    wanted       what the lower bound of that precision has to reach; None where nothing says it
    in_fact, alone
                 how right its alerts have been in fact without help, and how many were left alone
    """

    signal: str
    threshold: float
    seen: int
    over: int
    n: int
    right: int
    wanted: float | None
    in_fact: float | None = None
    alone: int = 0

    @property
    def at_least(self) -> float | None:
        """One-sided 90 per cent lower bound of the precision."""
        return lower_bound(self.right, self.n)

    @property
    def why(self) -> WhyNot:
        if self.n < ENOUGH or self.at_least is None:
            return WhyNot.FEW
        if self.wanted is None:
            return WhyNot.NO_MEASURE
        if self.at_least < self.wanted:
            return WhyNot.NOT_SURE
        failed = is_below(self.in_fact, self.alone, self.wanted)
        return WhyNot.FAILED if failed else WhyNot.EARNED

    @property
    def kept(self) -> dict[str, Any]:
        """As it is stored, with what was decided."""
        return asdict(self) | {"at_least": self.at_least, "why": self.why.value}


def badges_at(
    weeks: Weeks,
    *,
    budget: FloatArray,
    threshold: float,
    wanted: float | None,
    in_fact: InFact = NOTHING_YET,
) -> list[Badge]:
    """Every badge at a threshold. `wanted`: the precision that the policy asks for; without one
    that of the list without badges, from 30 alerts on."""
    least = _of_the_list(weeks, budget, threshold) if wanted is None else wanted
    found = (_badge(weeks, code, budget, threshold, least) for code in weeks.badges)
    return [_with_fact(each, *in_fact.get(each.signal, (None, 0))) for each in found]


def _with_fact(badge: Badge, share: float | None, alone: int) -> Badge:
    return replace(badge, in_fact=share, alone=alone)


def earned_of(badges: Sequence[Badge]) -> list[str]:
    """Those that have earned alerts, the one that was right most often first."""
    found = [each for each in badges if each.why == WhyNot.EARNED]
    return [each.signal for each in sorted(found, key=lambda each: -each.right / each.n)]


def _badge(
    weeks: Weeks, code: str, budget: FloatArray, threshold: float, wanted: float | None
) -> Badge:
    shown = list_shown(weeks, budget=budget, threshold=threshold, earned=[code])
    told, flags = shown.told & shown.by_badge, weeks.badges[code]
    return Badge(
        code,
        threshold,
        seen=int(flags.sum()),
        over=int((flags & ~shown.by_badge).sum()),
        n=int(told.sum()),
        right=int((told & weeks.labels).sum()),
        wanted=wanted,
    )


def _of_the_list(weeks: Weeks, budget: FloatArray, threshold: float) -> float | None:
    told = list_shown(weeks, budget=budget, threshold=threshold).told
    n = int(told.sum())
    return int((told & weeks.labels).sum()) / n if n >= ENOUGH else None
