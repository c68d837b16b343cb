"""Pure: who would have been told of, week by week, and what came of it.

Rows are those of `tiering.churn.weeks`; a column `badge:late` says on which of them that badge
was shown.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from tiering.churn.fit import FloatArray
from tiering.churn.slices import IntArray, Mask
from tiering.churn.weeks import POOL
from tiering.rules import GRADES
from tiering.windows import LIVE_SILENCE

BADGE = "badge:"
FAR = 2**60


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


class Line(NamedTuple):
    """Rows in the order in which they are told of, and by row who stands ahead of all others."""

    rows: IntArray
    ahead: Mask


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

    @cached_property
    def by_risk(self) -> Line:
        return self.line(self.rows["shipped"].to_numpy() * self.value, self.is_key)

    def line(self, score: FloatArray, first: Mask | None = None) -> Line:
        """All rows as they would be told of, week by week and owner by owner: the highest scores
        first, `first` before them."""
        ahead = np.zeros(len(score), dtype=bool) if first is None else first
        keys = (self.silence, -score, ~ahead, self.owner, self.rows["day"].to_numpy())
        return Line(np.lexsort(keys), ahead)

    def told(self, line: Line, among: Mask, room: FloatArray) -> Mask:
        """Who of `among` would have been told of: within each week and owner the first ones of
        the line, as many as the `room` that their rows have; once for each silence. Who stands
        ahead is told of in any case where there is room at all."""
        found = np.zeros(len(among), dtype=bool)
        done = np.zeros(int(self.silence.max(initial=-1)) + 1, dtype=bool)
        asked = among & (room > 0)
        for week in self.spans:
            at = line.rows[week]
            at = at[asked[at]]
            at = at[~done[self.silence[at]]]
            at = at[(_places(self.owner[at]) < room[at]) | line.ahead[at]]
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


def _places(owner: IntArray) -> IntArray:
    """0, 1, 2 … within each run of equal owners."""
    at: IntArray = np.arange(len(owner), dtype=np.int64)
    starts = np.flatnonzero(np.diff(owner, prepend=-1)) if len(owner) else at
    lengths = np.diff(starts, append=len(owner))
    return (at - np.repeat(starts, lengths)).astype(np.int64)
