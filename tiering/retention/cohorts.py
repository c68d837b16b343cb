"""Retention by cohort: of those whose first order fell into a quarter, who ordered k later."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

QUARTERS = 62  # as many as a customer's orders are remembered by; older ones count as the next
SHOWN = 12


@dataclass(frozen=True)
class Cohort:
    """Customers whose first order fell into one calendar quarter.

    starts_on   the first day of that quarter
    age         quarters between it and the running one
    customers   how many there are
    kept        how many ordered in the k-th quarter after it, from k = 0, the last one running
    """

    starts_on: date
    age: int
    customers: int
    kept: tuple[int, ...]

    @property
    def shares(self) -> list[float]:
        return [number / self.customers for number in self.kept]


def quarter_start(day: date, *, back: int = 0) -> date:
    """The first day of the quarter of a day, or of one so many quarters before."""
    number = _quarter(day) - back
    return date(number // 4, number % 4 * 3 + 1, 1)


def age_of(day: date, *, as_of: date) -> int:
    """How many quarters the quarter of a day lies before the running one."""
    return _quarter(as_of) - _quarter(day)


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def quarter_starts(as_of: date) -> list[date]:
    """The first days of the latest QUARTERS quarters, the running one last."""
    return [quarter_start(as_of, back=back) for back in range(QUARTERS - 1, -1, -1)]


def cohorts_of(rows: Iterable[Mapping[str, Any]], *, as_of: date) -> list[Cohort]:
    """Newest last. A row: `first_age` (quarters ago), `customers`, and `kept_0`, `kept_1`, …:
    how many of them ordered k quarters after their first."""
    found = [
        Cohort(
            quarter_start(as_of, back=row["first_age"]),
            row["first_age"],
            row["customers"],
            tuple(row[f"kept_{k}"] for k in range(row["first_age"] + 1)),
        )
        for row in rows
    ]
    return sorted(found, key=lambda cohort: cohort.starts_on)
