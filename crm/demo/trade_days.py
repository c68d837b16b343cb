"""Pure: how much is traded on each day of a Chinese year, and a clock that runs with it."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from crm.demo.plan import FloatArray, IntArray, as_date

# First day of the Spring Festival, as month * 100 + day.
NEW_YEAR = {
    2012: 123, 2013: 210, 2014: 131, 2015: 219, 2016: 208, 2017: 128, 2018: 216, 2019: 205,
    2020: 125, 2021: 212, 2022: 201, 2023: 122, 2024: 210, 2025: 129, 2026: 217, 2027: 206,
    2028: 126, 2029: 213, 2030: 203, 2031: 123, 2032: 211, 2033: 131, 2034: 219, 2035: 208,
    2036: 128, 2037: 215, 2038: 204, 2039: 124, 2040: 212,
}  # fmt: skip
USUAL_NEW_YEAR = 205
WEEKDAYS = np.array([1.15, 1.1, 1.05, 1.05, 1.0, 0.3, 0.04])
MONTHS = np.array([1.0, 0.95, 1.1, 1.06, 1.0, 1.0, 0.93, 0.95, 1.06, 1.08, 1.08, 1.02])
YEAR = 365.0


@dataclass(frozen=True)
class TradeDays:
    """A clock on which trade is even: one unit is one average day.

    `clock[k]` is the time at the beginning of day `first + k`.
    """

    first: int
    clock: FloatArray

    def time_of(self, days: IntArray) -> FloatArray:
        return self.clock[np.clip(days - self.first, 0, len(self.clock) - 1)]

    def day_of(self, times: FloatArray) -> IntArray:
        """The day in which a time falls; past the end, the day after the last one."""
        return self.first + np.searchsorted(self.clock, times, side="right") - 1


def trade_days(first: int, last: int) -> TradeDays:
    """The clock from `first` to `last`, both included."""
    weights = np.array([weight(as_date(day)) for day in range(first, last + 1)])
    return TradeDays(first, np.concatenate([[0.0], np.cumsum(weights / weights.mean())]))


def weight(day: date) -> float:
    """How busy a day is; 1 is an ordinary working day."""
    return float(WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] * holiday(day))


def holiday(day: date) -> float:
    from_new_year = (day - spring_festival(day.year)).days
    if -3 <= from_new_year <= 8:
        return 0.02
    if -8 <= from_new_year < -3 or 8 < from_new_year <= 14:
        return 0.4
    if -24 <= from_new_year < -8:
        return 1.3
    if (day.month, day.day) in ((1, 1), (5, 1), (5, 2), (5, 3)):
        return 0.05
    return 0.06 if day.month == 10 and day.day <= 7 else 1.0


def spring_festival(year: int) -> date:
    month, day = divmod(NEW_YEAR.get(year, USUAL_NEW_YEAR), 100)
    return date(year, month, day)


def working_day(days: IntArray) -> IntArray:
    """Saturdays and Sundays moved to the Monday after."""
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    return days + np.where(weekday >= 5, 7 - weekday, 0)


def renewals(
    chance: np.random.Generator,
    *,
    first: FloatArray,
    until: float,
    gap: FloatArray,
    shape: float | FloatArray,
    trend: FloatArray,
    lull: FloatArray | float = 0.0,
) -> tuple[IntArray, FloatArray]:
    """Events of each row from `first` on, that one included: rows and times, in this order.

    Gaps are gamma with the mean `gap`; `trend` is the yearly growth (log) of their rate;
    `lull` the chance that a gap is several times as long as it would be.
    """
    trend = np.where(np.abs(trend) < 1e-6, 1e-6, trend) / YEAR
    span = np.expm1(trend * np.maximum(until - first, 0)) / trend / gap
    counts = np.ceil(span + 6 * np.sqrt(span / shape) + 6).astype(np.int64)
    rows = np.repeat(np.arange(len(first)), counts)
    shapes = np.broadcast_to(shape, len(first))[rows]
    steps = chance.gamma(shapes, gap[rows] / shapes)
    in_lull = chance.random(len(rows)) < np.broadcast_to(lull, len(first))[rows]
    steps *= np.where(in_lull, chance.uniform(3, 9, len(rows)), 1)
    steps[np.cumsum(counts) - counts] = 0
    total = np.cumsum(steps)
    own = total - total[(np.cumsum(counts) - counts)[rows]]
    with np.errstate(invalid="ignore", divide="ignore"):
        times = first[rows] + np.log1p(trend[rows] * own) / trend[rows]
    happens = times < until  # a shrinking rate that has died out gives NaN: never
    return rows[happens], times[happens]
