"""What the signals look at beside the facts and the trade: visits, cases and changes of owner."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from tiering.bulk import copy_out
from tiering.facts import WHOLE, Shard
from tiering.models.grade import Grade
from tiering.windows import YEAR

EPOCH = "date '1970-01-01'"
# All days that are asked for at once: a book is looked through once, however many they are.
DAYS = """(
    SELECT day, (day + 1 - %(year)s)::timestamp AT TIME ZONE %(zone)s AS begins,
        (day + 1)::timestamp AT TIME ZONE %(zone)s AS ends
    FROM unnest(%(days)s::date[]) AS day
) d"""
# The grade of that day, not of today: what it promised then was what could be kept.
CONTACTS = f"""
SELECT v.day - {EPOCH}, v.customer_id,
    (%(promised)s::float8[])[array_position(%(grades)s::text[], g.grade)],
    ((v.latest AT TIME ZONE %(zone)s)::date - {EPOCH})::float8
FROM (
    SELECT d.day, o.customer_id, max(o.happened_at) AS latest
    FROM {DAYS} JOIN crm_visit o ON o.happened_at < d.ends
    WHERE o.outcome <> 'missed'{{only}} GROUP BY 1, 2
) v CROSS JOIN LATERAL (
    SELECT c.to_grade::text AS grade FROM tiering_gradechange c
    WHERE c.customer_id = v.customer_id AND c.as_of <= v.day
    ORDER BY c.as_of DESC, c.correction DESC LIMIT 1
) g
"""
COMPLAINTS = f"""
SELECT d.day - {EPOCH}, o.customer_id, (min(o.opened_on) - {EPOCH})::float8
FROM {DAYS} JOIN crm_case o
    ON o.opened_on <= d.day AND (o.closed_on IS NULL OR o.closed_on > d.day)
WHERE o.kind = 'complaint'{{only}} GROUP BY 1, 2
"""
SATISFACTION = f"""
SELECT DISTINCT ON (d.day, o.customer_id) d.day - {EPOCH}, o.customer_id, o.satisfaction::float8
FROM {DAYS} JOIN crm_visit o ON o.happened_at >= d.begins AND o.happened_at < d.ends
WHERE o.satisfaction IS NOT NULL{{only}}
ORDER BY d.day, o.customer_id, o.happened_at DESC, o.id DESC
"""
OWNERS = f"""
SELECT d.day - {EPOCH}, o.customer_id,
    (max(o.changed_at AT TIME ZONE %(zone)s)::date - {EPOCH})::float8
FROM {DAYS} JOIN crm_ownerchange o ON o.changed_at < d.ends
WHERE o.from_owner_id IS NOT NULL{{only}} GROUP BY 1, 2
"""
READ = (
    (CONTACTS, ("promised_days", "contact_day")),
    (COMPLAINTS, ("complaint_day",)),
    (SATISFACTION, ("satisfaction",)),
    (OWNERS, ("owner_day",)),
)


class Events:
    """What was known of visits, cases and owners on some days, of a whole book or a shard."""

    def __init__(self, days: Sequence[date], shard: Shard = WHOLE):
        only = shard.only("o.customer_id")
        params = _params(days)
        self._frames = [
            pd.DataFrame(copy_out(sql.format(only=only), params, _types(names)))
            for sql, names in READ
        ]

    def on(self, day: int) -> list[pd.DataFrame]:
        """Frames of the columns that `signals.rules` reads, index `customer`."""
        return [
            frame[frame["day"] == day].drop(columns="day").set_index("customer")
            for frame in self._frames
        ]


def _types(names: Sequence[str]) -> dict[str, str]:
    return {"day": "i4", "customer": "i8"} | dict.fromkeys(names, "f8")


def _params(days: Sequence[date]) -> dict[str, Any]:
    promised = import_string(settings.PROMISED_CONTACT)()
    return {
        "days": list(days),
        "year": YEAR,
        "zone": timezone.get_default_timezone_name(),
        "grades": list(Grade.values),
        "promised": [float(promised.get(grade, np.nan)) for grade in Grade.values],
    }
