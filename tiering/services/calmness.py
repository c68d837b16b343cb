"""How shown levels follow the computed ones: what the last night left, one step further."""

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering import calm, rules, scoring
from tiering.bulk import copy_out
from tiering.windows import day_number

# What a night leaves to the next, packed into as many bytes in one column.
STATE = np.dtype([("level", "i1"), ("eligible", "?"), ("runs", "i1", (rules.MOST_LEVELS - 1,))])
BYTES = f"V{STATE.itemsize}"
UNKNOWN = bytes(STATE.itemsize)
# The same bytes in SQL, for a customer whose level a person decided: no night is counted yet.
COUNTED_ANEW = f"substring({{0}} from 1 for 2) || decode('{'00' * (rules.MOST_LEVELS - 1)}', 'hex')"
AT_LEVEL = f"set_byte({COUNTED_ANEW}, 0, {{1}})"
LEFT = "SELECT customer_id, coalesce({column}, %(unknown)s) FROM tiering_standing"
OPEN_ALERTS = """
SELECT customer_id, opened_on - date '1970-01-01', silent_since - date '1970-01-01'
FROM tiering_churnalert WHERE state <> 'closed' AND opened_on <= %(as_of)s
"""
ALERT_TYPES = {"customer": "i8", "opened": "i4", "since": "i4"}


class Followed(NamedTuple):
    """A night's frame with what is shown, and the bytes that it leaves to the next night."""

    frame: pd.DataFrame
    state: npt.NDArray[np.void]


def follow(
    frame: pd.DataFrame, policy: rules.Policy, *, as_of: date, again: bool, at_once: bool
) -> Followed:
    """The graded frame of a night with these columns.

    level_shown, watch_level   positions, 0 is the best
    watch                      see `calm.Watch.direction`
    watch_days                 days until then; 0: due, and waiting for approval
    `again`: the night was finished before, so it begins with what the night before it left.
    """
    tonight = _tonight(frame, policy, as_of, at_once=at_once)
    lines = len(policy.levels) - 1
    before = calm.unknown(len(frame), lines) if at_once else _left(frame.index, lines, again)
    shown = calm.step(before, tonight, calmness=policy.calmness)
    frame = frame.assign(
        level_shown=shown.level,
        watch=shown.watch.direction,
        watch_level=shown.watch.level,
        watch_days=shown.watch.days,
    )
    return Followed(frame, _packed(shown.state))


def _tonight(
    frame: pd.DataFrame, policy: rules.Policy, as_of: date, *, at_once: bool
) -> calm.Tonight:
    return calm.Tonight(
        score=frame["score"].to_numpy(dtype=np.float64),
        rank=frame["rank"].to_numpy(dtype=np.float64),
        eligible=frame["eligible"].to_numpy(dtype=bool),
        computed=position_of_level(frame["level"], policy),
        age=frame["age"].fillna(0).to_numpy(dtype=np.int64),
        silent_days=frame["silent_days"].to_numpy(dtype=np.int64),
        alert_days=_alert_days(frame, as_of),
        cuts=scoring.cuts_of(frame, frame, policy=policy),
        at_once=at_once,
    )


def position_of_level(level: pd.Series, policy: rules.Policy) -> npt.NDArray[np.int8]:
    """Of codes of levels: 0 is the best."""
    return pd.Categorical(level, categories=policy.codes).codes.astype(np.int8)


def _alert_days(frame: pd.DataFrame, as_of: date) -> npt.NDArray[np.int64]:
    """Days since the alert of the present silence was opened; 0: it opens tonight; -1: none."""
    found = copy_out(OPEN_ALERTS, {"as_of": as_of}, ALERT_TYPES)
    opened = pd.Series(found["opened"], index=found["customer"]).reindex(frame.index)
    since = pd.Series(found["since"], index=found["customer"]).reindex(frame.index)
    is_open = since == frame["last_order_day"]
    tonight = np.where(frame["at_risk"], 0, -1)
    days = np.where(is_open, day_number(as_of) - opened, tonight)
    return days.astype(np.int64)


def _left(index: pd.Index, lines: int, again: bool) -> calm.State:
    """What the night before left, in the order of this night's customers."""
    sql = LEFT.format(column="state_before" if again else "state")
    found = copy_out(sql, {"unknown": UNKNOWN}, {"customer": "i8", "state": BYTES})
    states = np.zeros(len(index), dtype=STATE)
    place = index.get_indexer(found["customer"])
    states[place[place >= 0]] = found["state"][place >= 0].view(STATE)
    runs = np.ascontiguousarray(states["runs"][:, :lines])
    return calm.State(states["level"], runs, states["eligible"])


def _packed(state: calm.State) -> npt.NDArray[np.void]:
    packed = np.zeros(len(state.level), dtype=STATE)
    packed["level"], packed["eligible"] = state.level, state.eligible
    packed["runs"][:, : state.runs.shape[1]] = state.runs
    return packed.view(BYTES)
