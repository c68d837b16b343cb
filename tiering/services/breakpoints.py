"""Breakpoints of weighted points, proposed from the facts of the last night."""

from collections.abc import Sequence
from typing import Any

from tiering.models import NightRun, Policy
from tiering.points import COMPUTED, Breakpoints, column, propose_breakpoints
from tiering.services.book import book_under


def breakpoints_of_last_night(criteria: Sequence[str]) -> dict[str, Breakpoints]:
    """By computed criterion; one of which nothing is known yet is left out.

    To be frozen in a draft: the same customers give other figures on another night.
    """
    run = NightRun.objects.latest_finished()
    wanted = [name for name in COMPUTED if name in criteria]
    if run is None or not wanted:
        return {}
    book = book_under(run, Policy(basis=Policy.Basis.POINTS))
    return propose_breakpoints(book, [name for name in wanted if column(name) in book])


def frozen(policy: Policy, criteria: Sequence[str]) -> dict[str, Any]:
    """Breakpoints for these criteria, as a policy keeps them: those that the draft has stay as
    they are, others are proposed."""
    found: dict[str, Any] = {
        name: edges for name, edges in policy.breakpoints.items() if name in criteria
    }
    missing = [name for name in criteria if name in COMPUTED and name not in found]
    found |= breakpoints_of_last_night(missing)
    return {name: [list(edge) for edge in edges] for name, edges in found.items()}
