"""The book that previews grade again and again, read once."""

from typing import Any

import pandas as pd
from django.db.models import Count, Max

from crm.models import OwnerChange
from tiering.models import GradeChange, NightRun, Override, Policy
from tiering.services.book import book_under

# One book in each process: a line that is dragged asks for it several times a second.
_kept: dict[str, Any] = {}


def stamp_of(run: NightRun) -> str:
    """Changes with the night, and with every grade that a person sets, approves or publishes,
    and every customer that goes to somebody else."""
    changed = GradeChange.objects.aggregate(last=Max("pk"))["last"]
    given = OwnerChange.objects.aggregate(last=Max("pk"))["last"]
    by_hand = Override.objects.aggregate(
        set=Count("approved_at"), ended=Count("ended_on"), last=Max("pk")
    )
    return f"{run.pk} {run.finished_at} {changed} {given} {by_hand}"


def book_kept(run: NightRun, policy: Policy) -> pd.DataFrame:
    """`book_under`, not read again while its stamp is the same; not to be changed in place."""
    name = f"{stamp_of(run)} {policy.is_points}"
    found: pd.DataFrame | None = _kept.get(name)
    if found is None:
        found = book_under(run, policy)
        _kept.clear()
        _kept[name] = found
    return found


def let_go() -> None:
    """Before something else needs the memory; the next preview reads its book again."""
    _kept.clear()
