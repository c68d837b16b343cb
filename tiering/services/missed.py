"""Nights that were missed are made good in order: calm grades count nights."""

from datetime import date, timedelta

from tiering.models import NightRun
from tiering.services.night import run_night

DAY = timedelta(days=1)


def missed_nights(*, before: date) -> list[date]:
    """The days after the latest finished night and before this one; none before the first."""
    latest = NightRun.objects.latest_finished()
    if latest is None:
        return []
    return [latest.as_of + DAY * days for days in range(1, (before - latest.as_of).days)]


def run_nights_until(
    *, as_of: date, at_most: int | None = None, followed: bool = False
) -> list[NightRun]:
    """The nights that were missed and that of `as_of`, in order, each of them whole.

    `at_most`: only so many of the missed ones, the latest. `followed`: the night after
    `as_of` comes at once. Raises NightRefused as `run_night` does; nights finished by then stay.
    """
    missed = missed_nights(before=as_of)
    chosen = missed if at_most is None else missed[len(missed) - min(at_most, len(missed)) :]
    before = [run_night(as_of=day, followed=True) for day in chosen]
    return [*before, run_night(as_of=as_of, followed=followed)]
