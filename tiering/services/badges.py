"""Which badges raise alerts: looked for on past weeks with each weekly fit, decided and kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from tiering.churn.shown_list import BADGE
from tiering.facts import Shard
from tiering.models import SignalSwitch
from tiering.services.signal_quality import Replay
from tiering.windows import EPOCH

# So many of the newest weeks are looked at; a badge is on nobody in older ones.
WEEKS_LOOKED = 26


def with_badges(rows: pd.DataFrame, *, shard: Shard, until: date) -> pd.DataFrame:
    """The rows of `churn.weeks` with a column for each badge that may raise alerts: whether it
    would have been on that customer on that day, by the grade of that day."""
    grades = {each.signal: each.grades for each in SignalSwitch.objects.that_may_alert()}
    days = sorted(rows["day"].unique())[-WEEKS_LOOKED:]
    if not grades or not days:
        return rows
    replay = Replay([_date(day) for day in days], until=until, shard=shard)
    shown = pd.concat([_on(replay, day, list(grades)) for day in days])
    place = pd.MultiIndex.from_frame(rows[["day", "customer"]])
    found = shown.reindex(place, fill_value=False)
    return rows.assign(
        **{
            f"{BADGE}{code}": found[code].to_numpy(dtype=bool) & rows["grade"].isin(its)
            for code, its in grades.items()
        }
    )


def _on(replay: Replay, day: int, codes: list[str]) -> pd.DataFrame:
    shown = replay.shown(_date(day))[codes]
    return shown.set_axis(pd.MultiIndex.from_product([[day], shown.index]), axis=0)


def _date(day: int) -> date:
    return EPOCH + timedelta(days=int(day))


def raising(
    measured: Sequence[Mapping[str, Any]], threshold: float, *, failed: Iterable[str]
) -> list[str]:
    """The badges that raise alerts at a threshold, or at the next lower one that was measured, the
    best one first: those that have earned it, are still allowed to, and have not `failed` in fact."""
    steps = [row["threshold"] for row in measured if row["threshold"] <= threshold + 1e-9]
    at = max(steps, default=None)
    found = [row for row in measured if row["threshold"] == at and not row["why"]]
    if not found:
        return []
    found.sort(key=lambda row: -row["right"] / row["n"])
    allowed = set(SignalSwitch.objects.that_may_alert().values_list("signal", flat=True))
    return [row["signal"] for row in found if row["signal"] in allowed.difference(failed)]
