"""Pure: from which chance on alerts open, found by the wanted precision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tiering.churn.measures import lower_bound
from tiering.churn.realised import ENOUGH
from tiering.churn.shown_list import LEAST, STEPS
from tiering.churn.told import Weeks


@dataclass(frozen=True)
class Tried:
    """All who reach a threshold on the newest closed day, before ranking and budget."""

    threshold: float
    n: int
    right: int

    @property
    def at_least(self) -> float | None:
        """One-sided 90 per cent lower bound of the precision."""
        return lower_bound(self.right, self.n)


def tried(weeks: Weeks, thresholds: Sequence[float] = STEPS) -> list[Tried]:
    """On the newest closed day, whose chances were fitted on what was known on it; empty where
    fewer than 100 customers could have been concerned."""
    newest = weeks.newest()
    if newest is None or newest.stop - newest.start < LEAST:
        return []
    chance, labels = weeks.rows["shipped"].to_numpy()[newest], weeks.labels[newest]
    reached = ((each, chance >= each) for each in thresholds)
    return [Tried(each, int(who.sum()), int(labels[who].sum())) for each, who in reached]


def threshold_for(
    wanted: float, found: Sequence[Tried], shown: Mapping[float, tuple[int, int]]
) -> float | None:
    """That of the largest set whose lower bound reaches the wanted precision, and at which the
    list as it is shown was right that often as well; None without one.

    `shown` has by threshold how many alerts were told of and right; fewer than 30 decide nothing.
    """
    enough = (each for each in found if each.at_least is not None and each.at_least >= wanted)
    return min((each.threshold for each in enough if _holds(wanted, shown, each)), default=None)


def _holds(wanted: float, shown: Mapping[float, tuple[int, int]], at: Tried) -> bool:
    n, right = shown.get(at.threshold, (0, 0))
    return n < ENOUGH or right / n >= wanted
