"""How often each signal was right in the past, measured once a week and kept."""

import numpy as np

from tiering.models import NightRun, SignalQuality, SignalSwitch
from tiering.rules import Policy
from tiering.services.looking_back import LookBack
from tiering.services.trading import WEEK
from tiering.signals import CODES

FEWEST = 100


def quality_of_the_week(run: NightRun, past: LookBack) -> dict[str, list[int]]:
    """By signal how many customers showed it and how many of them did not order, and the same
    of all under "base"; measured once a week, empty for a book too small to say."""
    of_week = SignalQuality.objects.filter(as_of__lte=run.as_of, as_of__gt=run.as_of - WEEK)
    if found := list(of_week.order_by("-as_of", "id")):
        return _as_json(found[: len(CODES)])
    if run.graded < FEWEST:
        return {}
    return _as_json(SignalQuality.objects.bulk_create(_measured(past, run.policy.rules())))


def _as_json(rows: list[SignalQuality]) -> dict[str, list[int]]:
    found = {row.signal: [row.n, row.right] for row in rows}
    return found | {"base": [rows[0].base_n, rows[0].base_right]}


def _measured(past: LookBack, policy: Policy) -> list[SignalQuality]:
    """Replay of the months whose 90 days are over, each as it was known then, and of customers of
    the grades that show each signal, by value on that day."""
    whose = {each.signal: each.grades for each in SignalSwitch.objects.all()}
    counts = np.zeros((len(CODES) + 1, 2), dtype=np.int64)
    for month in past.months:
        shown = past.replay.shown(month, policy)
        if len(shown) < FEWEST:
            break
        grade = shown.pop("grade")
        for code in CODES:
            shown[code] &= grade.isin(whose[code])
        silent = past.replay.fell_silent(month, shown.index)
        counts[:, 0] += shown.sum().to_numpy()
        counts[:, 1] += shown[silent].sum().to_numpy()
    base_n, base_right = (int(each) for each in counts[-1])
    return [
        SignalQuality(
            as_of=past.as_of, signal=code, n=n, right=right, base_n=base_n, base_right=base_right
        )
        for code, (n, right) in zip(CODES, counts[:-1].tolist(), strict=True)
    ]
