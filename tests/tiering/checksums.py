"""All that a night leaves behind, as one text that two runs can be compared by."""

from django.db import connection

# Row numbers differ from run to run; what they stand for does not.
WITHOUT = {
    "tiering_standing": ["run_id"],
    "tiering_standingsnapshot": ["id"],
    "tiering_gradechange": ["id", "run_id"],
    "tiering_churnalert": ["id"],
    "tiering_alertevent": ["id", "alert_id", "happened_at"],
    "tiering_notice": ["id", "alert_id"],
    "tiering_nightsummary": ["id", "run_id"],
    "tiering_ownersummary": ["id", "run_id"],
    "tiering_churnfit": ["id"],
    "tiering_criterionfigures": [],
    "tiering_gradeproposal": ["id"],
    "tiering_signalquality": ["id"],
    # A night computed again reads all for its signals: how far it read is no finding.
    "tiering_nightrun": [
        "id",
        "fit_id",
        "started_at",
        "finished_at",
        "signals_seen",
        "last_order",
    ],
}
ALL_ROWS = """
SELECT coalesce(string_agg(t.row, E'\n' ORDER BY t.row), '')
FROM (SELECT (to_jsonb(x) - %s::text[])::text AS row FROM {} x) t
"""


def left_behind() -> dict[str, str]:
    """The rows of every table that a night writes."""
    return {table: _rows(table, without) for table, without in WITHOUT.items()}


def _rows(table: str, without: list[str]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(ALL_ROWS.format(table), [without])
        return cursor.fetchone()[0]
