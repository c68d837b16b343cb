"""Which badges raise alerts: looked for on past weeks with each weekly fit, decided and kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tiering.churn.earned import WhyNot
from tiering.churn.told import BADGE
from tiering.models import SignalSwitch
from tiering.services.looking_back import LookBack
from tiering.windows import day_number


def with_badges(rows: pd.DataFrame, past: LookBack) -> pd.DataFrame:
    """The rows of `churn.weeks` with a column for each badge that may raise alerts: whether it
    would have been on that customer on that day, by the grade of that day."""
    grades = {each.signal: each.grades for each in SignalSwitch.objects.that_may_alert()}
    days = {day_number(day): day for day in reversed(past.weeks)}
    days = {number: day for number, day in days.items() if (rows["day"] == number).any()}
    if not grades or not days:
        return rows
    shown = [past.replay.shown(day)[list(grades)] for day in days.values()]
    place = pd.MultiIndex.from_frame(rows[["day", "customer"]])
    found = pd.concat(shown, keys=days).reindex(place, fill_value=False)
    return rows.assign(
        **{
            f"{BADGE}{code}": found[code].to_numpy(dtype=bool) & rows["grade"].isin(its)
            for code, its in grades.items()
        }
    )


def at_threshold(
    measured: Sequence[Mapping[str, Any]], threshold: float
) -> list[Mapping[str, Any]]:
    """The rows of a threshold, or of the next lower one that was measured."""
    steps = [row["threshold"] for row in measured if row["threshold"] <= threshold + 1e-9]
    at = max(steps, default=None)
    return [row for row in measured if row["threshold"] == at]


def raising(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The badges that raise alerts, the best one first: those of these rows that have earned it,
    and are still allowed to."""
    found = [row for row in rows if not row["why"]]
    if not found:
        return []
    found.sort(key=lambda row: -row["right"] / row["n"])
    allowed = set(SignalSwitch.objects.that_may_alert().values_list("signal", flat=True))
    return [row["signal"] for row in found if row["signal"] in allowed]


def cases_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """By signal [alerts, right] of what each would add by itself; of one whose alerts have been
    wrong in fact, of these. Alerts of a badge that raises no more are told by them."""
    return {f"signal:{row['signal']}": _cases_of(row) for row in rows}


def _cases_of(row: Mapping[str, Any]) -> list[int]:
    if row["why"] == WhyNot.FAILED:
        return [row["alone"], round(row["in_fact"] * row["alone"])]
    return [row["n"], row["right"]]
