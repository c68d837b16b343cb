"""What became of the grades that people set: judged once, by the night 180 days later."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from tiering.bulk import copy_out
from tiering.hindsight import (
    DAYS,
    deserved_grades,
    edges_of_counts,
    edges_of_shares,
    verdict,
)
from tiering.models import Grade, NightRun, Override, Policy

AFTER = timedelta(days=DAYS)
REVENUE = """
SELECT customer_id, (sum(base_amount) * 100)::bigint FROM crm_order
WHERE status <> 'cancelled' AND ordered_on > %(day)s AND ordered_on <= %(until)s
GROUP BY customer_id
"""


def judge_overrides(*, as_of: date) -> int:
    """Judge every override whose 180 days are over by then; how many that were.

    It looks for those without a verdict, so a night that was missed is made good by the next.
    The book is read once for each first day, as `as_of` knows it; a verdict then stays.
    """
    due = Override.objects.filter(approved_at__isnull=False, verdict="")
    due = due.filter(starts_on__lte=as_of - AFTER).order_by("starts_on", "id")
    by_day: dict[date, list[Override]] = {}
    for override in due:
        by_day.setdefault(override.starts_on, []).append(override)
    for day, overrides in by_day.items():
        _judge(overrides, day)
    return sum(map(len, by_day.values()))


def _judge(overrides: Iterable[Override], day: date) -> None:
    revenue = _revenue_after(day)
    grades = deserved_grades(revenue, _edges(day))
    for override in overrides:
        cents = int(revenue.get(override.customer_id, 0))
        override.revenue_after = Decimal(cents) / 100
        override.deserved_grade = grades.get(override.customer_id, Grade.MAINTAIN)
        override.verdict = verdict(
            person=override.grade, rule=override.computed_grade, deserved=override.deserved_grade
        )
        override.save(update_fields=["revenue_after", "deserved_grade", "verdict"])


def _revenue_after(day: date) -> pd.Series:
    """Net cents of the 180 days after a day, by customer; who ordered nothing is left out."""
    params = {"day": day, "until": day + AFTER}
    found = copy_out(REVENUE, params, {"customer": "i8", "cents": "i8"})
    return pd.Series(found["cents"], index=found["customer"])


def _edges(day: date) -> list[Fraction]:
    """How the night of that time cut its book: that of the day, or the last one before it."""
    nights = NightRun.objects.finished().select_related("policy")
    run = nights.filter(as_of__lte=day).order_by("-as_of").first()
    run = run or nights.order_by("as_of").first()
    if run is None:
        return edges_of_counts({}, 0)
    if run.scheme == Policy.Scheme.SHARES:
        rules = run.policy.rules()
        return edges_of_shares(rules.shares, rules.levels)
    return edges_of_counts(run.counts, run.graded)
