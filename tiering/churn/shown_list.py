"""Pure: how right the list of alerts would have been as it is shown, replayed week by week.

As shown: whoever reaches the threshold, or shows a badge that has earned it, and was not told of
in this silence, ranked within each salesperson by chance x value, key customers first and in any
case, as many a week as the budget allows. Rows are those of `tiering.churn.weeks`; a column
`badge:late` says on which of them that badge was shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.churn.fit import FloatArray
from tiering.churn.slices import IntArray, Mask
from tiering.churn.weeks import POOL
from tiering.rules import GRADES
from tiering.windows import LIVE_SILENCE

STEP = 0.05
STEPS = tuple(round(0.30 + STEP * number, 2) for number in range(14))
LEAST, HIGHEST = 100, 0.95
SHOWN, BY_CHANCE, BY_MBG = "shown", "by_chance", "mbg"
BASELINES = ("days_silent", "own_gap_ratio", "bgnbd", "revenue")
ALL = "all"
BADGE = "badge:"
FAR = 2**60
NOTHING_EARNED: Mapping[float, Sequence[str]] = {}


@dataclass(frozen=True)
class Row:
    """One list at one threshold, or a part of it (`all`, `grade:key`, `signal:mbg`).

    n, right      alerts told of, and those without an order in the horizon after
    lost          silences without an order in the horizon after some week, told of or not
    caught        of these those told of in time
    lost_value, caught_value
                  value of 365 days of them, whole cents, on the first such week
    warning       of the right ones, median of the days from the alert to the day on which the
                  silence had lasted 180 days; 0 where it had, at most the horizon, as no more is
                  known of it; None without a right one
    """

    list: str
    threshold: float
    part: str
    n: int
    right: int
    lost: int
    caught: int
    lost_value: int
    caught_value: int
    warning: float | None


class Weeks:
    """The rows of `Past.weeks`, oldest week first, with what all lists share."""

    def __init__(self, rows: pd.DataFrame, *, horizon: int):
        self.rows, self.horizon = rows, horizon
        self.labels: Mask = rows["fell_silent"].to_numpy(dtype=bool)
        self.silence: IntArray = _numbered(rows, "customer", "since")
        self.owner: IntArray = rows["owner"].to_numpy()
        self.value: FloatArray = rows["value"].to_numpy(dtype=np.float64)
        self.is_key: Mask = (rows["grade"] == GRADES[0]).to_numpy()
        self.groups = _numbered(rows, "day", "owner")
        self.parts = _parts(rows)
        self.badges: dict[str, Mask] = {
            code: rows[f"{BADGE}{code}"].to_numpy(dtype=bool) for code in _badges(rows)
        }
        self.silent_days = rows["silent_days"].to_numpy()
        edges = np.flatnonzero(np.diff(rows["day"].to_numpy(), prepend=-FAR, append=FAR))
        self.spans = [slice(int(start), int(end)) for start, end in pairwise(edges)]
        # The first row of each silence that went on for the horizon after it.
        lost = np.flatnonzero(self.labels)
        self.lost = lost[np.unique(self.silence[lost], return_index=True)[1]]

    def newest(self) -> slice | None:
        return self.spans[-1] if self.spans else None

    def told(self, score: FloatArray, room: FloatArray, first: Mask | None = None) -> Mask:
        """Who would have been told of: within each week and owner those with the highest scores,
        as many as the `room` that their rows have; once for each silence. A score of NaN is below
        the threshold. `first` come first and, where there is room at all, in any case."""
        found = np.zeros(len(score), dtype=bool)
        done = np.zeros(int(self.silence.max(initial=-1)) + 1, dtype=bool)
        ahead = np.zeros(len(score), dtype=bool) if first is None else first
        for week in self.spans:
            at = np.arange(week.start, week.stop)
            at = at[~np.isnan(score[at]) & (room[at] > 0) & ~done[self.silence[at]]]
            order = np.lexsort((self.silence[at], -score[at], ~ahead[at], self.owner[at]))
            at = at[order]
            place = _places(self.owner[at])
            at = at[(place < room[at]) | ahead[at]]
            found[at] = done[self.silence[at]] = True
        return found

    def room(self, budget: FloatArray) -> FloatArray:
        """By row; customers of the pool have nobody whose week could be full."""
        return np.where((self.owner == POOL) & (budget > 0), np.inf, budget)

    def same_room(self, told: Mask) -> FloatArray:
        """By row, how many its owner was told of in its week."""
        found = np.bincount(self.groups[told], minlength=int(self.groups.max(initial=-1)) + 1)
        return found[self.groups].astype(np.float64)

    def row(self, name: str, threshold: float, told: Mask, part: str, inside: Mask) -> Row:
        right = told & self.labels
        at, was_caught = self._lost(right)
        lost, caught = inside[at], inside[at] & was_caught
        value = self.value[self.lost]
        silent = self.silent_days[right & inside]
        warning = np.clip(LIVE_SILENCE - silent, 0, self.horizon)
        return Row(
            name,
            threshold,
            part,
            n=int((told & inside).sum()),
            right=int((right & inside).sum()),
            lost=int(lost.sum()),
            caught=int(caught.sum()),
            lost_value=int(value[lost].sum()),
            caught_value=int(value[caught].sum()),
            warning=float(np.median(warning)) if len(warning) else None,
        )

    def _lost(self, right: Mask) -> tuple[IntArray, Mask]:
        """Of every silence that went on, the row that says which part it belongs to, that of its
        alert where somebody was told of it and rightly; and where that was so."""
        rows = np.flatnonzero(right)
        place = np.searchsorted(self.silence[self.lost], self.silence[rows])
        at, was_caught = self.lost.copy(), np.zeros(len(self.lost), dtype=bool)
        at[place], was_caught[place] = rows, True
        return at, was_caught


class List(NamedTuple):
    """By row, whether somebody was told, and the badge that raised it: empty for its chance."""

    told: Mask
    badge: npt.NDArray[np.object_]

    @property
    def by_badge(self) -> Mask:
        return np.asarray(self.badge != "", dtype=bool)


def list_shown(
    weeks: Weeks, *, budget: FloatArray, threshold: float, earned: Sequence[str] = ()
) -> List:
    """The list as it is shown where these badges, the best one first, raise alerts of those below
    the threshold; `budget` by row, how many its owner is told of in a week."""
    chance = weeks.rows["shipped"].to_numpy()
    badge = np.full(len(chance), "", dtype=object)
    for code in reversed(earned):
        badge[weeks.badges[code]] = code
    badge[chance >= threshold] = ""
    score = np.where((chance >= threshold) | (badge != ""), chance * weeks.value, np.nan)
    return List(weeks.told(score, weeks.room(budget), weeks.is_key), badge)


def measured(
    weeks: Weeks,
    *,
    budget: FloatArray,
    thresholds: Sequence[float],
    earned: Mapping[float, Sequence[str]] = NOTHING_EARNED,
) -> list[Row]:
    """Every list at every threshold, with the badges that have earned alerts at it."""
    return [
        row
        for threshold in thresholds
        for row in _at(weeks, budget, threshold, earned.get(threshold, ()))
    ]


def _at(weeks: Weeks, budget: FloatArray, threshold: float, earned: Sequence[str]) -> Iterator[Row]:
    rows, room = weeks.rows, weeks.room(budget)
    chance, mbg = rows["shipped"].to_numpy(), rows["mbg"].to_numpy()
    shown = list_shown(weeks, budget=budget, threshold=threshold, earned=earned)
    lists = {
        SHOWN: shown.told,
        BY_CHANCE: weeks.told(_over(chance, threshold, chance), room),
        BY_MBG: weeks.told(_over(mbg, threshold, mbg * weeks.value), room, weeks.is_key),
    }
    same = weeks.same_room(shown.told)
    lists |= {name: weeks.told(rows[name].to_numpy(), same) for name in BASELINES}
    for name, told in lists.items():
        yield weeks.row(name, threshold, told, ALL, np.ones_like(told))
    for part, inside in _parts_of(weeks, shown, earned).items():
        yield weeks.row(SHOWN, threshold, shown.told, part, inside)


def _parts_of(weeks: Weeks, shown: List, earned: Sequence[str]) -> dict[str, Mask]:
    """By grade, and by the signal that raised the alert."""
    grades = {name: inside for name, inside in weeks.parts.items() if name.startswith("grade:")}
    chances = {
        name: inside & ~shown.by_badge for name, inside in weeks.parts.items() if name not in grades
    }
    return grades | chances | {f"signal:{code}": shown.badge == code for code in earned}


def _numbered(rows: pd.DataFrame, *by: str) -> IntArray:
    """The number of the group of each row."""
    return np.asarray(rows.groupby(list(by)).ngroup(), dtype=np.int64)


def _badges(rows: pd.DataFrame) -> list[str]:
    names = [str(name) for name in rows.columns]
    return [name.removeprefix(BADGE) for name in names if name.startswith(BADGE)]


def _parts(rows: pd.DataFrame) -> dict[str, Mask]:
    return {
        f"{column}:{code}": (rows[column] == code).to_numpy()
        for column in ("grade", "signal")
        for code in sorted(rows[column].unique())
    }


def _over(chance: FloatArray, threshold: float, score: FloatArray) -> FloatArray:
    return np.where(chance >= threshold, score, np.nan)


def _places(owner: IntArray) -> IntArray:
    """0, 1, 2 … within each run of equal owners."""
    at: IntArray = np.arange(len(owner), dtype=np.int64)
    starts = np.flatnonzero(np.diff(owner, prepend=-1)) if len(owner) else at
    lengths = np.diff(starts, append=len(owner))
    return (at - np.repeat(starts, lengths)).astype(np.int64)
