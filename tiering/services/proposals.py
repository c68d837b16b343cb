"""Changes of grade that wait for a person: many at once are approved or declined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crm.models import User
from crm.permissions import Permission
from tiering.models import GradeProposal, NightRun
from tiering.models.proposal import ProposalQuerySet
from tiering.services import history
from tiering.services.calmness import AT_LEVEL, COUNTED_ANEW
from tiering.services.guard import NightRefused, one_night_at_a_time
from tiering.services.standings import BEHIND, written

PATIENCE = 10  # seconds: a person is waiting
# As a night does, but for these customers and with the figures of the night that stands.
RECORD = f"""
INSERT INTO tiering_gradechange (customer_id, run_id, as_of, correction, from_grade, to_grade,
    from_level, to_level, was_eligible, eligible, cause, before, after)
SELECT s.customer_id, r.id, r.as_of,
    (SELECT coalesce(max(correction) + 1, 0) FROM tiering_gradechange WHERE as_of = r.as_of),
    s.grade, (%(classes)s::text[])[array_position(%(codes)s::text[], p.to_level::text)],
    s.level, p.to_level, s.eligible, s.eligible, 'data',
    {BEHIND.format("s", "%(policy)s::integer", "r.as_of", "r.basis")},
    {BEHIND.format("s", "%(policy)s::integer", "r.as_of", "r.basis")}
        || jsonb_build_object('proposal', p.id)
FROM tiering_gradeproposal p JOIN tiering_standing s ON s.customer_id = p.customer_id
JOIN tiering_nightrun r ON r.id = %(run)s
WHERE p.id = ANY (%(proposals)s) AND s.override_id IS NULL
"""
STAY = "watch = 0, watch_level = '', watch_on = NULL"
PLACE = "(array_position(%(codes)s::text[], p.to_level::text) - 1)"
RAISE_OR_LOWER = f"""
UPDATE tiering_standing s SET level = p.to_level,
    grade = CASE WHEN s.override_id IS NULL
        THEN (%(classes)s::text[])[{PLACE} + 1] ELSE s.grade END,
    state = {AT_LEVEL.format("s.state", PLACE)},
    state_before = {AT_LEVEL.format("s.state_before", PLACE)}, {STAY}
FROM tiering_gradeproposal p WHERE p.customer_id = s.customer_id AND p.id = ANY (%(proposals)s)
"""
COUNT_ANEW = f"""
UPDATE tiering_standing s SET state = {COUNTED_ANEW.format("s.state")},
    state_before = {COUNTED_ANEW.format("s.state_before")}, {STAY}
FROM tiering_gradeproposal p WHERE p.customer_id = s.customer_id AND p.id = ANY (%(proposals)s)
"""
KEEP = """
UPDATE tiering_standingsnapshot k SET level = s.level, grade = s.grade
FROM tiering_standing s JOIN tiering_gradeproposal p ON p.customer_id = s.customer_id
WHERE k.customer_id = s.customer_id AND k.as_of = %(as_of)s AND p.id = ANY (%(proposals)s)
"""


Act = Callable[[NightRun, Mapping[str, Any]], None]


class CannotDecide(Exception):
    """These proposals are not decided; the message may be shown."""


@dataclass(frozen=True)
class Decided:
    """How many were decided, and how many of those asked for no longer waited."""

    count: int
    missed: int


def approve(
    *, proposals: ProposalQuerySet, by: User, today: date, expected: int | None = None
) -> Decided:
    """Let these changes act at once, all together.

    The level changes, the grade too unless a person set it; the counting of nights begins
    again, and history says which proposal brought the change. Of `proposals` only those that
    `by` sees, that wait and whose deadline is not past are decided; where there are not
    `expected` of them, or a night is being computed, CannotDecide is raised and nothing
    changes.
    """
    return _decide(proposals, by, today, expected, GradeProposal.State.APPROVED, _act)


def decline(
    *, proposals: ProposalQuerySet, by: User, today: date, expected: int | None = None
) -> Decided:
    """Leave these customers where they are; their nights are counted from the beginning, so
    that the same change is not proposed tomorrow. Refused as in `approve`."""
    return _decide(proposals, by, today, expected, GradeProposal.State.DECLINED, _count_anew)


def _decide(
    proposals: ProposalQuerySet,
    by: User,
    today: date,
    expected: int | None,
    state: GradeProposal.State,
    act: Act,
) -> Decided:
    if not by.may(Permission.APPROVE_GRADES):
        raise CannotDecide(_("Only managers and administrators decide on changes of grade."))
    try:
        # Nobody else decides, and no night reads what is about to change.
        with one_night_at_a_time(PATIENCE), transaction.atomic():
            asked = proposals.visible_to(by)
            found, missed = _found(asked, today, expected, act)
            closed = GradeProposal.objects.filter(pk__in=found)
            closed.update(state=state, decided_by=by, decided_on=today)
            return Decided(len(found), missed)
    except NightRefused as refused:
        message = _("Grades are being computed just now. Nothing was decided; try again soon.")
        raise CannotDecide(message) from refused


def _found(
    asked: ProposalQuerySet, today: date, expected: int | None, act: Act
) -> tuple[list[int], int]:
    """Those that were acted upon, and how many no longer waited."""
    run = NightRun.objects.select_related("policy").latest_finished()
    if run is None:
        return [], asked.count()
    found = _waiting(asked, run, today)
    missed = _missed(asked, found, expected)
    act(run, _params(run, found))
    return found, missed


def _waiting(asked: ProposalQuerySet, run: NightRun, today: date) -> list[int]:
    """Those that can still be decided, of customers who stand where the proposal says."""
    codes = [level["code"] for level in run.policy.levels]
    open_ones = asked.decidable(today=today).filter(to_level__in=codes)
    found = open_ones.filter(customer__standing__level=F("from_level"))
    return list(found.order_by("customer_id").values_list("pk", flat=True))


def _missed(asked: ProposalQuerySet, found: list[int], expected: int | None) -> int:
    if expected is not None and len(found) != expected:
        raise CannotDecide(
            _("The list has changed since you looked at it. Nothing was decided; look again.")
        )
    return asked.count() - len(found)


def _params(run: NightRun, proposals: list[int]) -> dict[str, Any]:
    levels = run.policy.levels
    return {
        "proposals": proposals,
        "run": run.pk,
        "as_of": run.as_of,
        "policy": run.policy.version,
        "codes": [level["code"] for level in levels],
        "classes": [level["grade"] for level in levels],
    }


def _act(run: NightRun, params: Mapping[str, Any]) -> None:
    changed = written(RECORD, params)
    written(RAISE_OR_LOWER, params)
    written(KEEP, params)
    history.take_in(run, changed=changed)


def _count_anew(run: NightRun, params: Mapping[str, Any]) -> None:
    written(COUNT_ANEW, params)
