"""Nights that were missed are made good in order: calm grades count nights."""

from contextlib import suppress
from datetime import date, timedelta

from tiering.models import NightRun
from tiering.services.guard import NightOvertaken
from tiering.services.night import run_night

DAY = timedelta(days=1)
# Whoever graded a book of years ago by hand does not want every night since then.
MADE_GOOD = 35


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
    `as_of` comes at once. Nights that are followed are left out where somebody else makes
    them good at the same time and is past them. Raises NightRefused as `run_night` does;
    nights finished by then stay.
    """
    _, chosen = parted(missed_nights(before=as_of), at_most=at_most)
    if followed:
        return _followed([*chosen, as_of])
    return [*_followed(chosen), run_night(as_of=as_of)]


def _followed(days: list[date]) -> list[NightRun]:
    found = []
    for day in days:
        with suppress(NightOvertaken):
            found.append(run_night(as_of=day, followed=True))
    return found


def parted(missed: list[date], *, at_most: int | None) -> tuple[list[date], list[date]]:
    """Those of the missed nights that are skipped, and those that are made good."""
    first = 0 if at_most is None else max(len(missed) - at_most, 0)
    return missed[:first], missed[first:]
