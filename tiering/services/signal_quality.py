"""How often each signal was right in the past, measured once a week and kept."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from tiering.churn.weeks import grades_of
from tiering.facts import WHOLE, Past, Shard
from tiering.models import NightRun, SignalQuality, SignalSwitch
from tiering.rules import Policy
from tiering.services.figures import figures_of_night
from tiering.services.trading import WEEK, last_orders, with_payments
from tiering.signal_records import Events
from tiering.signals import CODES, flagged, known_of
from tiering.signals.trade import TradeOverTime
from tiering.trade_records import trade_since
from tiering.windows import day_number

MONTH, HORIZON = timedelta(days=30), timedelta(days=90)
ORIGINS = 12
FEWEST = 100
SAMPLE = 20_000


def quality_of_the_week(run: NightRun) -> dict[str, list[int]]:
    """By signal how many customers showed it and how many of them did not order, and the same
    of all under "base"; measured once a week, empty for a book too small to say."""
    of_week = SignalQuality.objects.filter(as_of__lte=run.as_of, as_of__gt=run.as_of - WEEK)
    if found := list(of_week.order_by("-as_of", "id")):
        return _as_json(found[: len(CODES)])
    if run.graded < FEWEST:
        return {}
    shard = Shard(0, -(-run.customers // SAMPLE))
    rows = _measured(as_of=run.as_of, shard=shard, policy=run.policy.rules())
    return _as_json(SignalQuality.objects.bulk_create(rows))


def _as_json(rows: list[SignalQuality]) -> dict[str, list[int]]:
    found = {row.signal: [row.n, row.right] for row in rows}
    return found | {"base": [rows[0].base_n, rows[0].base_right]}


def _measured(*, as_of: date, shard: Shard, policy: Policy) -> list[SignalQuality]:
    """Replay of the months whose 90 days are over, each as it was known then, and of customers of
    the grades that show each signal, by value on that day."""
    whose = {each.signal: each.grades for each in SignalSwitch.objects.all()}
    origins = [as_of - HORIZON - MONTH * number for number in range(ORIGINS)]
    replay = Replay(origins, until=as_of, shard=shard, policy=policy)
    counts = np.zeros((len(CODES) + 1, 2), dtype=np.int64)
    for origin in origins:
        shown = replay.shown(origin)
        if len(shown) < FEWEST:
            break
        grade = shown.pop("grade")
        for code in CODES:
            shown[code] &= grade.isin(whose[code])
        silent = replay.fell_silent(origin, shown.index)
        counts[:, 0] += shown.sum().to_numpy()
        counts[:, 1] += shown[silent].sum().to_numpy()
    base_n, base_right = (int(each) for each in counts[-1])
    return [
        SignalQuality(
            as_of=as_of, signal=code, n=n, right=right, base_n=base_n, base_right=base_right
        )
        for code, (n, right) in zip(CODES, counts[:-1].tolist(), strict=True)
    ]


class Replay:
    """The signals of past days, each from what was known then; everything is read once.

    days    those that will be asked for
    until   the last day that is read
    policy  by which grades of these days are told, where they are asked for
    """

    def __init__(
        self,
        days: Sequence[date],
        *,
        until: date,
        shard: Shard = WHOLE,
        policy: Policy | None = None,
    ):
        self._policy = policy
        self._past = Past(days, until=until, shard=shard)
        self._trade = trade_since(min(days), shard, as_of=until)
        self._bought = TradeOverTime(self._trade.lines, self._trade.categories)
        self._events = Events(days, shard)

    def shown(self, day: date) -> pd.DataFrame:
        """Signals of the customers eligible on the day, and `base`, which they all have; with a
        policy their `grade` by value."""
        figures = figures_of_night(self._past.facts(day), params=None, threshold=1.0)
        figures = figures[figures["order_days_365"] > 0]
        said = with_payments(self._bought.on(last_orders(figures)), self._trade, as_of=day)
        known = known_of(figures, [said, *self._events.on(day_number(day))])
        shown = flagged(known, as_of=day_number(day)).assign(base=True)
        if self._policy is None:
            return shown
        return shown.assign(grade=grades_of(figures, self._policy))

    def fell_silent(self, day: date, index: pd.Index) -> np.ndarray:
        """Who of the index has no order day in the horizon after the day."""
        return ~index.isin(self._past.ordered(day, days=HORIZON.days))
