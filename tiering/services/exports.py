"""Grades and alerts of a past night as CSV files."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from tiering.models import NightRun

# A cell that a spreadsheet would take for a formula becomes a text.
CODE = "CASE WHEN c.code ~ '^[=+@\t\r-]' THEN '''' || c.code ELSE c.code END"
GRADES = f"""
SELECT {CODE} AS customer, coalesce(k.grade, g.to_grade) AS grade, k.computed_grade,
    k.value, k.p_none, k.continuing_value, k.rank, k.eligible::text AS eligible
FROM crm_customer c
LEFT JOIN tiering_standingsnapshot k ON k.customer_id = c.id AND k.as_of = %(as_of)s
LEFT JOIN LATERAL (
    SELECT to_grade FROM tiering_gradechange
    WHERE customer_id = c.id AND as_of <= %(as_of)s
    ORDER BY as_of DESC, correction DESC LIMIT 1
) g ON k.customer_id IS NULL
ORDER BY c.code
"""
ALERTS = f"""
SELECT {CODE} AS customer, coalesce(nullif(a.badge, ''), a.signal) AS signal, a.p_none, a.value_at_risk, a.opened_on, coalesce(
    e.to_state, CASE WHEN a.told_on <= %(as_of)s THEN 'open' ELSE 'held' END) AS state
FROM tiering_churnalert a JOIN crm_customer c ON c.id = a.customer_id
LEFT JOIN LATERAL (
    SELECT to_state FROM tiering_alertevent
    WHERE alert_id = a.id AND happened_on <= %(as_of)s ORDER BY id DESC LIMIT 1
) e ON true
WHERE a.opened_on <= %(as_of)s AND (a.closed_on IS NULL OR a.closed_on > %(as_of)s)
ORDER BY a.value_at_risk DESC, c.code
"""


class NoSuchNight(Exception):
    """No night of that day has finished; the message is for the user."""


def export_grades(path: Path, *, as_of: date) -> int:
    """One row per customer, graded by then or not; of nights whose figures are no longer
    kept only the grade. Returns the number of rows; raises NoSuchNight."""
    return _export(GRADES, path, as_of)


def export_alerts(path: Path, *, as_of: date) -> int:
    """One row per alert that was not closed at the end of that night, dearest first, with the
    state that it had by then.

    Returns the number of rows; raises NoSuchNight.
    """
    return _export(ALERTS, path, as_of)


def _export(sql: str, path: Path, as_of: date) -> int:
    if not NightRun.objects.finished().filter(as_of=as_of).exists():
        raise NoSuchNight(_("No night of %(day)s has finished.") % {"day": as_of})
    unfinished = path.with_name(f"{path.name}.part")
    rows = _write_csv(sql, {"as_of": as_of}, unfinished)
    os.replace(unfinished, path)
    return rows


def _write_csv(sql: str, params: Mapping[str, Any], path: Path) -> int:
    with connection.cursor() as cursor, path.open("wb") as file:
        query = cursor.mogrify(sql, params).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)", file)
        return cursor.rowcount
