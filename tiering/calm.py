"""Pure: shown grades that follow the computed ones calmly, one night at a time.

Levels are numbers, 0 is the best; line j is the lower edge of level j. For every customer
and line the state counts the nights in a row on which the customer was clearly over the
line (above 0) or clearly behind it (below 0). Lines are nested: who is clearly over a line
is clearly over all lower ones.

clearly over     rank <= floor(places / (1 + band)), and the best place is always over
clearly behind   rank > places x (1 + band)
A floor in the unit of the score has no band: it is said to customers as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tiering.rules import LONGEST_RUN, Calmness, exact
from tiering.schemes import Cut
from tiering.windows import YEAR

Levels = npt.NDArray[np.int8]
Numbers = npt.NDArray[Any]

NONE, UP, DOWN, LEAVES = 0, 1, -1, -2
NOTICE_OF_LEAVING = 30


class State(NamedTuple):
    """What one night leaves to the next; all customers of the book, in one order.

    level      int8, the shown level
    runs       int8, one row per customer and one column per line, see above
    eligible   whether the customer was eligible that night
    """

    level: Levels
    runs: Levels
    eligible: npt.NDArray[np.bool_]


class Watch(NamedTuple):
    """What will happen to each customer unless something changes.

    direction   UP, DOWN, LEAVES (no order for a year) or NONE
    level       the shown level after it; the present one for NONE
    days        days from tonight; 0: due, and waiting for approval
    """

    direction: Levels
    level: Levels
    days: npt.NDArray[np.int16]


@dataclass(frozen=True)
class Tonight:
    """What a night says of all customers of the book, in the order of the state.

    score, rank, eligible   see `scoring.grade`; rank is NaN where not eligible
    computed                position of the computed level
    age, silent_days        days since the first and the last order day; anything where none
    alert_days              days since the open churn alert was opened; -1: none is open
    cuts                    the lines of the night, see `schemes.cuts`
    at_once                 the first night of a book, or of a new policy: no calmness
    """

    score: Numbers
    rank: Numbers
    eligible: npt.NDArray[np.bool_]
    computed: Numbers
    age: Numbers
    silent_days: Numbers
    alert_days: Numbers
    cuts: Sequence[Cut]
    at_once: bool = False


class Shown(NamedTuple):
    """The state after the night, the shown levels (those of the state), what is coming."""

    state: State
    level: Levels
    watch: Watch


def unknown(customers: int, lines: int) -> State:
    """Customers of whom no night is known."""
    nobody = np.zeros(customers, dtype=bool)
    return State(np.full(customers, lines, dtype=np.int8), _no_runs(customers, lines), nobody)


def step(state: State, tonight: Tonight, *, calmness: Calmness) -> Shown:
    """One night.

    Without delay act: a night that is `at_once`, leaving eligibility, and becoming
    eligible, as there is no grade of the last night to be calm about. In a book that only
    proposes, every other change is due in 0 days until the caller gives the state its
    approved level.
    """
    last = len(tonight.cuts)
    stays = state.eligible & tonight.eligible & (not tonight.at_once)
    runs = _counted(state.runs, tonight, calmness)
    target = _target(state.level, runs, _shelter(tonight, calmness), calmness)
    level = np.where(stays, state.level if calmness.propose_only else target, tonight.computed)
    level = np.where(tonight.eligible, level, last).astype(np.int8)
    # Whoever begins, and in steps whoever has moved, is counted from the next night on.
    anew = ~stays | (calmness.one_step & (level != state.level))
    runs[anew] = 0
    after = State(level, runs, tonight.eligible)
    return Shown(after, level, _watch(after, tonight, calmness))


def clear_places(places: int, band: float) -> tuple[int, Fraction]:
    """The last rank clearly over a line, and the rank behind which one is clearly behind it."""
    width = 1 + exact(band) / 100
    return min(places, max(1, int(places / width))), places * width


def _counted(runs: Levels, tonight: Tonight, calmness: Calmness) -> Levels:
    """Runs with tonight in them; everything else begins again."""
    found = np.zeros_like(runs)
    for line, cut in enumerate(tonight.cuts):
        over, behind = clear_places(cut.ranked, calmness.band)
        before = runs[:, line]
        is_over = (tonight.rank <= over) & (tonight.score >= cut.floor)
        is_behind = (tonight.rank > float(behind)) | (tonight.score < cut.floor)
        up = np.minimum(np.maximum(before, 0) + 1, LONGEST_RUN)
        down = np.maximum(np.minimum(before, 0) - 1, -LONGEST_RUN)
        found[:, line] = np.where(is_over, up, np.where(is_behind, down, 0))
    return found


def _target(level: Levels, runs: Levels, shelter: Numbers, calmness: Calmness) -> Levels:
    """Where runs of full length lead: as far as they reach, or one step."""
    reached, fallen = _reached(runs, calmness), _fallen(runs, calmness)
    fallen = np.where(shelter > 0, level, fallen)
    target = np.where(reached < level, reached, np.maximum(fallen, level))
    return _stepwise(level, target, calmness).astype(np.int8)


def _reached(runs: Numbers, calmness: Calmness) -> Numbers:
    """The best level whose line has been passed for long enough."""
    return runs.shape[1] - (runs >= calmness.nights_up).sum(axis=1)


def _fallen(runs: Numbers, calmness: Calmness) -> Numbers:
    """The level to which whoever stays behind lines for long enough falls."""
    return (runs <= -calmness.nights_down).sum(axis=1)


def _stepwise(level: Levels, target: Numbers, calmness: Calmness) -> Numbers:
    return np.clip(target, level - 1, level + 1) if calmness.one_step else target


def _shelter(tonight: Tonight, calmness: Calmness) -> Numbers:
    """Days for which nothing can lower the level: newcomers, and while an alert is open."""
    new = np.where(tonight.eligible, calmness.new_days - tonight.age, 0)
    open_alert = np.where(tonight.alert_days >= 0, calmness.alert_days - tonight.alert_days, 0)
    return np.maximum(np.maximum(new, open_alert), 0)


def _watch(state: State, tonight: Tonight, calmness: Calmness) -> Watch:
    """The first thing to happen if every night is as tonight."""
    level, runs = state.level, state.runs.astype(np.int16)
    # A step starts every run anew, so where they head is told by tonight, not by the runs.
    heading = np.sign(_counted(state.runs, tonight, calmness)).astype(np.int16)
    lines = np.arange(runs.shape[1])
    up = np.where((lines < level[:, None]) & (heading > 0), calmness.nights_up - runs, YEAR)
    up_days = np.maximum(up.min(axis=1), 0)
    down = np.where((lines >= level[:, None]) & (heading < 0), calmness.nights_down + runs, YEAR)
    down_days = np.maximum(np.maximum(down.min(axis=1), _shelter(tonight, calmness)), 0)
    down_days = np.where((down < YEAR).any(axis=1), down_days, YEAR)
    leave_days = np.where(tonight.eligible, YEAR - tonight.silent_days, YEAR)
    days = np.minimum(np.minimum(up_days, down_days), leave_days)
    far = (leave_days > NOTICE_OF_LEAVING) & (np.minimum(up_days, down_days) >= YEAR)
    # Who leaves from the last level keeps it, and does not rise any more.
    stays = (days == leave_days) & (level == runs.shape[1])
    choices = [far | stays | (days >= YEAR), days == leave_days, days == down_days]
    direction = np.select(choices, [NONE, LEAVES, DOWN], UP)
    return Watch(
        direction.astype(np.int8),
        _level_then(state, heading, direction, days, calmness).astype(np.int8),
        np.where(direction == NONE, 0, days).astype(np.int16),
    )


def _level_then(
    state: State, heading: Numbers, direction: Numbers, days: Numbers, calmness: Calmness
) -> Numbers:
    then = state.runs.astype(np.int16) + heading * days.astype(np.int16)[:, None]
    target = np.select(
        [direction == UP, direction == DOWN],
        [_reached(then, calmness), _fallen(then, calmness)],
        state.level,
    )
    target = _stepwise(state.level, target, calmness)
    return np.where(direction == LEAVES, state.runs.shape[1], target)


def _no_runs(customers: int, lines: int) -> Levels:
    return np.zeros((customers, lines), dtype=np.int8)
