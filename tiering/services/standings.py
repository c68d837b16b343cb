"""Grades and figures of a night, written for the whole book at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db import connection

from tiering.bulk import temporary_table
from tiering.models import NightRun
from tiering.scoring import GRADES

MANY = 1000

# The table's figures with their names and types of PostgreSQL; NaN stands for NULL.
GRADE_NAMES = "(ARRAY['key', 'secondary', 'general', 'maintain'])"
FIGURES = f"""
SELECT n.customer_id,
    {GRADE_NAMES}[n.grade] AS grade, {GRADE_NAMES}[n.former_grade] AS former_grade,
    n.eligible, n.value_cents::numeric / 100 AS value,
    nullif(n.p_none_180, 'NaN') AS p_none,
    nullif(n.continuing_cents, 'NaN')::numeric / 100 AS continuing_value,
    nullif(n.rank, 'NaN') AS rank, n.order_days, n.order_days_365,
    CASE WHEN n.order_days > 0 THEN date '1970-01-01' + n.first_order_day END AS first_order_on,
    CASE WHEN n.order_days > 0 THEN date '1970-01-01' + n.last_order_day END AS last_order_on,
    CASE WHEN n.order_days > 0 THEN n.silent_days END AS silent_days,
    nullif(n.usual_gap, 'NaN') AS usual_gap, nullif(n.most_gaps_under, 'NaN') AS long_gap,
    nullif(n.silence_quantile, 'NaN') AS cadence, n.later_than_usual,
    nullif(n.p_none_90, 'NaN') AS p_none_90,
    nullif(n.risk_cents, 'NaN')::numeric / 100 AS value_at_risk
FROM night n JOIN crm_customer c ON c.id = n.customer_id
"""
STANDING = [
    "grade",
    "computed_grade",
    "eligible",
    "value",
    "p_none",
    "continuing_value",
    "rank",
    "run_id",
    "order_days",
    "order_days_365",
    "first_order_on",
    "last_order_on",
    "silent_days",
    "usual_gap",
    "long_gap",
    "cadence",
    "later_than_usual",
    "p_none_90",
    "value_at_risk",
]
WRITE_STANDINGS = f"""
INSERT INTO tiering_standing AS s (customer_id, {", ".join(STANDING)})
SELECT f.customer_id, f.grade, f.grade, f.eligible, f.value, f.p_none, f.continuing_value, f.rank,
    %(run)s, f.order_days, f.order_days_365, f.first_order_on, f.last_order_on, f.silent_days,
    f.usual_gap, f.long_gap, f.cadence, f.later_than_usual, f.p_none_90, f.value_at_risk
FROM ({FIGURES}) f
ON CONFLICT (customer_id) DO UPDATE SET
    ({", ".join(STANDING)}) = ROW ({", ".join(f"excluded.{name}" for name in STANDING)})
WHERE ({", ".join(f"s.{name}" for name in STANDING)})
    IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in STANDING)})
"""
BEHIND = """jsonb_build_object(
    'value', round({0}.value, 2)::text, 'continuing_value', round({0}.continuing_value, 2)::text,
    'p_none', {0}.p_none, 'rank', {0}.rank, 'order_days_365', {0}.order_days_365,
    'policy', {1}, 'as_of', {2})"""
# A night that is computed again corrects its grades by further rows: history only grows.
RECORD_CHANGES = f"""
INSERT INTO tiering_gradechange (customer_id, run_id, as_of, correction, from_grade, to_grade,
    was_eligible, eligible, cause, before, after)
SELECT f.customer_id, %(run)s, %(as_of)s,
    (SELECT coalesce(max(correction) + 1, 0) FROM tiering_gradechange WHERE as_of = %(as_of)s),
    coalesce(s.grade, ''), f.grade, s.eligible, f.eligible,
    CASE WHEN s.customer_id IS NULL THEN 'first'
         WHEN s.eligible AND NOT f.eligible THEN 'left'
         WHEN f.eligible AND NOT s.eligible THEN 'back'
         WHEN s.grade = f.former_grade THEN 'policy'
         ELSE 'data' END,
    CASE WHEN s.customer_id IS NULL THEN '{{}}'
         ELSE {BEHIND.format("s", "p.version", "r.as_of")} END,
    {BEHIND.format("f", "%(policy)s", "%(as_of)s::date")}
FROM ({FIGURES}) f
LEFT JOIN tiering_standing s ON s.customer_id = f.customer_id
LEFT JOIN tiering_nightrun r ON r.id = s.run_id
LEFT JOIN tiering_policy p ON p.id = r.policy_id
WHERE s.grade IS DISTINCT FROM f.grade
"""


FIELDS = {
    "?": "eligible later_than_usual at_risk",
    "i4": "order_days order_days_365 first_order_day last_order_day silent_days",
    "f8": "continuing_cents risk_cents rank p_none_90 p_none_180"
    " usual_gap most_gaps_under silence_quantile",
}


@contextmanager
def night_table(frame: pd.DataFrame) -> Iterator[None]:
    """The temporary table `night`: the frame of `figures_of_night` with `former_grade`."""
    with temporary_table("night", _columns(frame)):
        yield


def record_changes(run: NightRun) -> int:
    """Append who changed grade since the last night, and why; before the standings change."""
    params = {"run": run.pk, "as_of": run.as_of, "policy": run.policy.version}
    return written(RECORD_CHANGES, params)


def write_standings(run: NightRun) -> None:
    written(WRITE_STANDINGS, {"run": run.pk})


def written(sql: str, params: Mapping[str, Any]) -> int:
    """Run one statement; how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def _columns(frame: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    columns = {
        "customer_id": frame.index.to_numpy(dtype="i8"),
        "grade": _codes(frame["computed_grade"]),
        "former_grade": _codes(frame["former_grade"]),
        "value_cents": frame["value_cents"].to_numpy(dtype="i8"),
    }
    for code, names in FIELDS.items():
        columns |= {name: frame[name].to_numpy(dtype=code) for name in names.split()}
    return columns


def _codes(grades: pd.Series) -> npt.NDArray[np.int16]:
    """1 is the best grade, as arrays of PostgreSQL count."""
    return (pd.Categorical(grades, categories=GRADES).codes + 1).astype("i2")


def refresh_statistics(run: NightRun) -> None:
    """Pages are asked for at once; the database looks at a changed table a minute later."""
    if run.changed >= MANY:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tiering_standing, tiering_churnalert")
