"""Pure: working hours of the company as instants."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from crm.demo.plan import IntArray, as_date

DAY = 86_400


def instants(days: IntArray, minutes: IntArray, *, time_zone: str) -> IntArray:
    """Seconds since 1970-01-01 00:00 UTC of a local day and minute of it."""
    zone = ZoneInfo(time_zone)
    distinct, place = np.unique(days, return_inverse=True)
    offsets = np.array([offset_at_noon(int(day), zone) for day in distinct], dtype=np.int64)
    return days * DAY + minutes * 60 - offsets[place]


def offset_at_noon(day: int, zone: ZoneInfo) -> int:
    """Seconds by which local time is ahead of UTC."""
    ahead = datetime.combine(as_date(day), time(12), zone).utcoffset()
    return int((ahead or timedelta()).total_seconds())
