"""From which chance on a night opens alerts: found by the wanted precision, where that can be."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from tiering.bulk import copy_out
from tiering.churn.earned import InFact
from tiering.churn.realised import Cases, is_below, realised
from tiering.churn.shown_list import ALL, HIGHEST, SHOWN, STEP
from tiering.churn.slices import IntArray
from tiering.churn.threshold import Tried, threshold_for
from tiering.models import AlertQuality, ChurnFit, Policy
from tiering.services.badges import at_threshold, cases_of, raising
from tiering.signals.rules import CODES

YEAR = timedelta(days=365)
# How the threshold was found: codes, worded by the page.
MEASURED, NOT_REACHED, TOO_LITTLE, FIXED = "measured", "not_reached", "too_little", "fixed"
JUDGED = """
SELECT coalesce(a.p_opened, a.p_none),
    coalesce(a.told_on <= a.opened_on + 90, false), a.acted, a.was_right,
    coalesce(array_position(%(codes)s::text[], a.badge::text), 0)
FROM tiering_churnalert a
WHERE a.judged_on > %(since)s AND a.judged_on < %(as_of)s AND a.outcome <> 'withdrawn'
ORDER BY a.id
"""
Found = dict[str, Any]


def threshold_of_night(fit: ChurnFit, policy: Policy, *, as_of: date) -> Found:
    """As `NightRun.alert_quality` keeps it.

    threshold    from which chance on alerts open
    how          code of how it was found
    wanted       the precision that the policy asks for, None without one
    raised       whether the realised precision made it one step higher
    realised     [share, cases left alone] of judged alerts at the threshold that was measured
    cases        by part ("all", "grade:key", "signal:late") [alerts, right] of the list as it is
                 shown, replayed; of badges that raise no alerts see `cases_of`
    raising      badges that raise alerts of those below the threshold, the best one first
    """
    quality = AlertQuality.objects.filter(fit=fit).first()
    start, how = _measured(quality, policy)
    wanted = None if policy.alert_precision is None else float(policy.alert_precision)
    past = _judged(as_of)
    found: Found = {"how": how, "wanted": wanted, "raised": False, "realised": None}
    if wanted is not None:
        share, alone = _realised(past.by_chance(start))
        found["realised"] = [share, alone]
        found["raised"] = is_below(share, alone, wanted) and start < HIGHEST
    threshold = min(round(start + STEP, 2), HIGHEST) if found["raised"] else start
    badges = at_threshold(quality.badges if quality else [], threshold)
    return found | {
        "threshold": threshold,
        "cases": cases_of(badges) | cases_at(quality, threshold),
        "raising": raising(badges),
    }


class Judged(NamedTuple):
    """Judged alerts, and by row the place in CODES of the badge that raised it, from 1; 0 where
    its chance did."""

    cases: Cases
    badge: IntArray

    def by_chance(self, threshold: float) -> Cases:
        return self.cases.chosen((self.badge == 0) & (self.cases.chance >= threshold))

    def by_badge(self, code: str) -> Cases:
        return self.cases.chosen(self.badge == CODES.index(code) + 1)


def judged(as_of: date) -> Cases:
    """The alerts judged in the year before a day, by nights that are over; those withdrawn say nothing."""
    return _judged(as_of).cases


def _judged(as_of: date) -> Judged:
    types = {"chance": "f8", "told": "?", "acted": "?", "right": "?", "badge": "i4"}
    told = {"as_of": as_of, "since": as_of - YEAR, "codes": list(CODES)}
    columns = copy_out(JUDGED, told, types)
    badge = columns.pop("badge")
    return Judged(Cases(**columns), badge)


def badges_in_fact(as_of: date) -> InFact:
    """How right the alerts of each badge have been, of those judged in the year before a day."""
    past = _judged(as_of)
    codes = [CODES[each - 1] for each in np.unique(past.badge) if each]
    return {code: _realised(past.by_badge(code)) for code in codes}


def cases_at(quality: AlertQuality | None, threshold: float) -> dict[str, list[int]]:
    """Of the list as shown at a threshold, or at the next lower one that was measured."""
    rows = [row for row in (quality.lists if quality else []) if row["list"] == SHOWN]
    steps = [row["threshold"] for row in rows if row["threshold"] <= threshold + 1e-9]
    at = max(steps, default=None)
    return {row["part"]: [row["n"], row["right"]] for row in rows if row["threshold"] == at}


def shown_whole(quality: AlertQuality) -> dict[float, tuple[int, int]]:
    """By threshold, alerts told of and right of the whole list as it is shown."""
    return {
        row["threshold"]: (row["n"], row["right"])
        for row in quality.lists
        if (row["list"], row["part"]) == (SHOWN, ALL)
    }


def _measured(quality: AlertQuality | None, policy: Policy) -> tuple[float, str]:
    fixed = float(policy.alert_threshold)
    if policy.alert_precision is None:
        return fixed, FIXED
    if quality is None or not quality.tried:
        return fixed, TOO_LITTLE
    tried = [Tried(**row) for row in quality.tried]
    found = threshold_for(float(policy.alert_precision), tried, shown_whole(quality))
    return (fixed, NOT_REACHED) if found is None else (found, MEASURED)


def _realised(cases: Cases) -> tuple[float | None, int]:
    """How right they have been in fact, and how many were left alone."""
    return realised(cases), int((~cases.acted).sum())
