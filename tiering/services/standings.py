"""Grades and figures of a night, written for the whole book at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy.typing as npt
import pandas as pd
from django.db import connection

from tiering import rules
from tiering.behaviour import BEHAVIOURS
from tiering.bulk import temporary_table
from tiering.churn.ladder import SIGNALS
from tiering.models import NightRun, Signal
from tiering.points import column
from tiering.services.calmness import Followed, position_of_level

MANY = 1000

# Arrays of the policy, best level first; the night counts levels and behaviours from 0.
LEVEL, CLASS = "(%(codes)s::text[])[n.{} + 1]", "(%(classes)s::text[])[n.{} + 1]"
# What a person sets and ends takes effect at once, so a late or forced night of an earlier day
# keeps what the standing shows, and does not bring back what was ended since.
OVERRIDES = """
LEFT JOIN (
    SELECT DISTINCT ON (x.customer_id) x.customer_id, x.id, x.grade FROM tiering_override x
    LEFT JOIN tiering_standing shows
        ON shows.customer_id = x.customer_id AND shows.override_id = x.id
    WHERE x.approved_at IS NOT NULL AND x.ended_on IS NULL AND x.until >= %(as_of)s
      AND (x.starts_on <= %(as_of)s OR shows.customer_id IS NOT NULL)
    ORDER BY x.customer_id, x.id DESC
) o ON o.customer_id = n.customer_id
"""
SHOWN = f"coalesce(o.grade, {CLASS.format('shown')})"
# From the table `night`, these overrides and the standing as it is; NaN stands for NULL.
FIGURES = {
    "run_id": "%(run)s",
    "grade": SHOWN,
    "override_id": "o.id",
    "computed_grade": CLASS.format("computed"),
    "level": LEVEL.format("shown"),
    "computed_level": LEVEL.format("computed"),
    "behaviour": "(%(behaviours)s::text[])[n.behaviour + 1]",
    "score": "n.score",
    "eligible": "n.eligible",
    "value": "n.value_cents::numeric / 100",
    "revenue": "n.revenue_cents::numeric / 100",
    "p_none": "nullif(n.p_none_180, 'NaN')",
    "continuing_value": "nullif(n.continuing_cents, 'NaN')::numeric / 100",
    "rank": "nullif(n.rank, 'NaN')",
    "line_above": "nullif(n.line_above, 'NaN')",
    "line_below": "nullif(n.line_below, 'NaN')",
    "watch": "n.watch",
    "watch_level": f"CASE WHEN n.watch <> 0 THEN {LEVEL.format('watch_level')} ELSE '' END",
    "watch_on": "CASE WHEN n.watch <> 0 THEN %(as_of)s::date + n.watch_days END",
    "state": "n.state",
    "state_before": "CASE WHEN %(again)s THEN s.state_before ELSE s.state END",
    "order_days": "n.order_days",
    "order_days_365": "n.order_days_365",
    "order_days_180": "n.order_days_180",
    "growth": "nullif(n.growth, 'NaN')",
    "first_order_on": "CASE WHEN n.order_days > 0 THEN date '1970-01-01' + n.first_order_day END",
    "last_order_on": "CASE WHEN n.order_days > 0 THEN date '1970-01-01' + n.last_order_day END",
    "silent_days": "CASE WHEN n.order_days > 0 THEN n.silent_days END",
    "usual_gap": "nullif(n.usual_gap, 'NaN')",
    "long_gap": "nullif(n.most_gaps_under, 'NaN')",
    "cadence": "nullif(n.silence_quantile, 'NaN')",
    "later_than_usual": f"n.later_than_usual AND {SHOWN} = ANY (%(late)s)",
    "p_none_90": "nullif(n.p_none_90, 'NaN')",
    "signal": "(%(signals)s::text[])[n.signal + 1]",
    "value_at_risk": "nullif(n.risk_cents, 'NaN')::numeric / 100",
}
NAMES = ", ".join(FIGURES)
GRADED = f"""
SELECT n.customer_id, {", ".join(f"{figure} AS {name}" for name, figure in FIGURES.items())}
FROM night n JOIN crm_customer c ON c.id = n.customer_id
LEFT JOIN tiering_standing s ON s.customer_id = n.customer_id {OVERRIDES}
"""
# In place: what is inserted where a row stands locks it first, which writes it twice. The run
# comes first, for it nearly always differs: the rest need not be compared.
REWRITE = f"""
UPDATE tiering_standing s SET ({NAMES}) = ROW ({", ".join(FIGURES.values())})
FROM night n {OVERRIDES}
WHERE s.customer_id = n.customer_id AND ({", ".join(f"s.{name}" for name in FIGURES)})
    IS DISTINCT FROM ({", ".join(FIGURES.values())})
"""
# Who is new is known before the first row is written: to look for each in a table that grows
# meanwhile, and that statistics still call small, takes the square of its rows.
ADD = f"""
INSERT INTO tiering_standing (customer_id, {NAMES})
SELECT customer_id, {NAMES} FROM ({GRADED}) f JOIN (
    SELECT customer_id FROM night EXCEPT SELECT customer_id FROM tiering_standing
) added USING (customer_id)
"""
BEHIND = """jsonb_build_object(
    'value', round({0}.value, 2)::text, 'continuing_value', round({0}.continuing_value, 2)::text,
    'p_none', {0}.p_none, 'rank', {0}.rank, 'order_days_365', {0}.order_days_365,
    'score', {0}.score, 'computed_level', {0}.computed_level, 'basis', {3},
    'policy', {1}, 'as_of', {2})"""
# A night that is computed again corrects its grades by further rows: history only grows.
RECORD_CHANGES = f"""
INSERT INTO tiering_gradechange (customer_id, run_id, as_of, correction, from_grade, to_grade,
    from_level, to_level, was_eligible, eligible, cause, before, after)
SELECT f.customer_id, %(run)s, %(as_of)s,
    (SELECT coalesce(max(correction) + 1, 0) FROM tiering_gradechange WHERE as_of = %(as_of)s),
    coalesce(s.grade, ''), f.grade, coalesce(s.level, ''), f.level, s.eligible, f.eligible,
    CASE WHEN s.customer_id IS NULL AND f.eligible AND NOT %(is_first)s THEN 'newcomer'
         WHEN s.customer_id IS NULL THEN 'first'
         WHEN f.override_id IS NOT NULL AND s.override_id IS DISTINCT FROM f.override_id
             THEN 'override'
         WHEN s.override_id IS NOT NULL AND f.override_id IS NULL THEN 'expiry'
         WHEN s.eligible AND NOT f.eligible THEN 'left'
         WHEN f.eligible AND NOT s.eligible AND s.order_days = 0 THEN 'newcomer'
         WHEN f.eligible AND NOT s.eligible THEN 'back'
         WHEN p.version <> %(policy)s THEN 'policy'
         ELSE 'data' END,
    CASE WHEN s.customer_id IS NULL THEN '{{}}'
         ELSE {BEHIND.format("s", "p.version", "r.as_of", "r.basis")} END,
    {BEHIND.format("f", "%(policy)s", "%(as_of)s::date", "%(basis)s::text")}
FROM ({GRADED}) f
LEFT JOIN tiering_standing s ON s.customer_id = f.customer_id
LEFT JOIN tiering_nightrun r ON r.id = s.run_id
LEFT JOIN tiering_policy p ON p.id = r.policy_id
WHERE s.grade IS DISTINCT FROM f.grade OR s.eligible IS DISTINCT FROM f.eligible
   OR (f.override_id IS NULL AND s.level IS DISTINCT FROM f.level)
"""
TYPES = {
    "?": "eligible later_than_usual at_risk",
    "i2": "computed shown watch watch_level watch_days behaviour signal",
    "i4": "order_days order_days_365 order_days_180 first_order_day last_order_day silent_days",
    "i8": "value_cents revenue_cents",
    "f8": "score continuing_cents risk_cents rank p_none_90 p_none_180 line_above line_below"
    " growth usual_gap most_gaps_under silence_quantile",
}


@dataclass(frozen=True)
class Told:
    """What the statements of a night are told beside its table.

    again        the night was finished before
    is_first     no night was finished before it
    new_policy   the night before had another policy
    grades       by signal those whose customers show it, see `signals.grades_shown`
    """

    again: bool
    is_first: bool
    new_policy: bool
    grades: Mapping[str, list[str]]

    @property
    def at_once(self) -> bool:
        return self.is_first or self.new_policy


@contextmanager
def night_table(night: Followed, policy: rules.Policy) -> Iterator[None]:
    """The temporary table `night`, one row per customer."""
    with temporary_table("night", _columns(night, policy)):
        yield


def record_changes(run: NightRun, policy: rules.Policy, told: Told) -> int:
    """Append who changed grade since the last night, and why; before the standings change."""
    return written(RECORD_CHANGES, _params(run, policy, told))


def write_standings(run: NightRun, policy: rules.Policy, told: Told) -> None:
    params = _params(run, policy, told)
    written(REWRITE, params)
    written(ADD, params)


def _params(run: NightRun, policy: rules.Policy, told: Told) -> dict[str, Any]:
    return asdict(told) | {
        "late": told.grades[Signal.LATE],
        "run": run.pk,
        "as_of": run.as_of,
        "policy": policy.version,
        "basis": run.basis,
        "codes": list(policy.codes),
        "classes": [level.grade for level in policy.levels],
        "behaviours": list(BEHAVIOURS),
        "signals": list(SIGNALS),
    }


def written(sql: str, params: Mapping[str, Any]) -> int:
    """Run one statement; how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def _columns(night: Followed, policy: rules.Policy) -> dict[str, npt.NDArray[Any]]:
    frame = night.frame.assign(
        computed=position_of_level(night.frame["level"], policy),
        shown=night.frame["level_shown"],
        behaviour=pd.Categorical(night.frame["behaviour"], categories=BEHAVIOURS).codes,
        growth=night.frame[column("growth")],
    )
    columns = {"customer_id": frame.index.to_numpy(dtype="i8"), "state": night.state}
    for code, names in TYPES.items():
        columns |= {name: frame[name].to_numpy(dtype=code) for name in names.split()}
    return columns


def refresh_statistics(run: NightRun) -> None:
    """Pages are asked for at once; the database looks at a changed table a minute later."""
    if run.changed >= MANY:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tiering_standing, tiering_churnalert")
