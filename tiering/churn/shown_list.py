"""Pure: how right the list of alerts would have been as it is shown, replayed week by week.

As shown: whoever reaches the threshold, or shows a badge that has earned it, and was not told of
in this silence, ranked within each salesperson by chance x value, key customers first and in any
case, as many a week as the budget allows.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tiering.churn.fit import FloatArray
from tiering.churn.slices import IntArray, Mask
from tiering.churn.told import Line, Row, Weeks

STEP = 0.05
STEPS = tuple(round(0.30 + STEP * number, 2) for number in range(14))
LEAST, HIGHEST = 100, 0.95
SHOWN, BY_CHANCE, BY_MBG = "shown", "by_chance", "mbg"
BASELINES = ("days_silent", "own_gap_ratio", "bgnbd", "revenue")
ALL = "all"
NOTHING_EARNED: Mapping[float, Sequence[str]] = {}


class List(NamedTuple):
    """By row, whether somebody was told, and the badge that raised it: its place among those that
    have earned alerts, -1 for its chance."""

    told: Mask
    badge: IntArray

    @property
    def by_badge(self) -> Mask:
        return np.asarray(self.badge >= 0, dtype=bool)


def list_shown(
    weeks: Weeks, *, budget: FloatArray, threshold: float, earned: Sequence[str] = ()
) -> List:
    """The list as it is shown where these badges, the best one first, raise alerts of those below
    the threshold; `budget` by row, how many its owner is told of in a week."""
    over = weeks.rows["shipped"].to_numpy() >= threshold
    badge = np.full(len(over), -1, dtype=np.int64)
    for place in reversed(range(len(earned))):
        badge[weeks.badges[earned[place]]] = place
    badge[over] = -1
    return List(weeks.told(weeks.by_risk, over | (badge >= 0), weeks.room(budget)), badge)


def measured(
    weeks: Weeks,
    *,
    budget: FloatArray,
    thresholds: Sequence[float],
    earned: Mapping[float, Sequence[str]] = NOTHING_EARNED,
) -> list[Row]:
    """Every list at every threshold, with the badges that have earned alerts at it."""
    lines = _lines(weeks)
    return [
        row
        for threshold in thresholds
        for row in _at(weeks, lines, budget, threshold, earned.get(threshold, ()))
    ]


def _lines(weeks: Weeks) -> dict[str, Line]:
    score = {name: weeks.rows[name].to_numpy() for name in ("shipped", "mbg", *BASELINES)}
    ranked = {BY_MBG: weeks.line(score["mbg"] * weeks.value, weeks.is_key)}
    ranked[BY_CHANCE] = weeks.line(score["shipped"])
    return ranked | {name: weeks.line(score[name]) for name in BASELINES}


def _at(
    weeks: Weeks,
    lines: Mapping[str, Line],
    budget: FloatArray,
    threshold: float,
    earned: Sequence[str],
) -> Iterator[Row]:
    shown = list_shown(weeks, budget=budget, threshold=threshold, earned=earned)
    others = _others(weeks, lines, weeks.room(budget), threshold, shown.told)
    for name, told in ({SHOWN: shown.told} | others).items():
        yield weeks.row(name, threshold, told, ALL, np.ones_like(told))
    for part, inside in _parts_of(weeks, shown, earned).items():
        yield weeks.row(SHOWN, threshold, shown.told, part, inside)


def _others(
    weeks: Weeks, lines: Mapping[str, Line], room: FloatArray, threshold: float, shown: Mask
) -> dict[str, Mask]:
    """Of the other lists who was told; baselines have no chance to reach a threshold by, so they
    tell of as many as the list that was `shown`."""
    rows, same = weeks.rows, weeks.same_room(shown)
    over = {name: (rows[name] >= threshold).to_numpy() for name in ("shipped", "mbg")}
    return {
        BY_CHANCE: weeks.told(lines[BY_CHANCE], over["shipped"], room),
        BY_MBG: weeks.told(lines[BY_MBG], over["mbg"], room),
    } | {name: weeks.told(lines[name], rows[name].notna().to_numpy(), same) for name in BASELINES}


def _parts_of(weeks: Weeks, shown: List, earned: Sequence[str]) -> dict[str, Mask]:
    """By grade, and by the signal that raised the alert."""
    grades = {name: inside for name, inside in weeks.parts.items() if name.startswith("grade:")}
    by_chance = ~shown.by_badge
    chances = {name: each & by_chance for name, each in weeks.parts.items() if name not in grades}
    badges = {f"signal:{code}": shown.badge == place for place, code in enumerate(earned)}
    return grades | chances | badges
