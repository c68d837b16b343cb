"""The nights of a span in memory, from the documents of the database; nothing is saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from crm.models import Order
from tiering import rules
from tiering.bulk import copy_out
from tiering.facts import DOCUMENT_TYPES, DOCUMENTS, LONGEST_WINDOW, holidays_kept
from tiering.ledger import NO_COST, Documents
from tiering.models import Policy
from tiering.models.wording import explained
from tiering.replay import FUTURE, Replayed, replay
from tiering.schemes import PRESETS
from tiering.services.replayed_criteria import criteria_by_day
from tiering.windows import day_number

POINTS = "points"
# Weights, breakpoints and amounts belong to one policy: they are replayed where they are in force.
OF_ONE_BOOK = ("no_key_below", "money_lines", "point_lines")
REPLAYED_BASES = tuple(basis for basis in rules.BASES if basis != POINTS)
REPLAYED_PRESETS = tuple(name for name in PRESETS if name not in OF_ONE_BOOK)


class ReplayRefused(Exception):
    """These nights cannot be replayed; the message is for the user."""


@dataclass(frozen=True)
class ReplayOfBook:
    """The figures of a span of nights, and what graded them.

    policy   in force on the last night
    rules    what it says, with the basis and the scheme that were asked for instead; changes
             that wait for approval are taken as approved
    """

    policy: Policy
    rules: rules.Policy
    figures: Replayed


def replay_book(
    *,
    start: date,
    end: date,
    today: date,
    origins: Sequence[date] = (),
    basis: str = "",
    preset: str = "",
) -> ReplayOfBook:
    """Grade every night of a span, both ends included, with the policy in force on its last day.

    `origins` are days whose next 180 days say how much of the future the top of the book
    holds. `basis` (of REPLAYED_BASES) replaces that of the policy; `preset` (of
    REPLAYED_PRESETS) its scheme, floor and calmness, the last by the default. Orders dated after `today` are not looked at. Raises ReplayRefused.
    """
    _check_days(start, end, origins, today)
    policy, own = _policy_of(end)
    asked = _asked(own, basis, preset)
    documents = _documents(min([start, *origins]), max([end, *map(_future_of, origins)]))
    figures = replay(
        documents,
        policy=asked,
        start=day_number(start),
        end=day_number(end),
        origins=[day_number(day) for day in origins],
        more=criteria_by_day(documents, asked),
        alert_threshold=float(policy.alert_threshold),
        holidays=holidays_kept(),
    )
    return ReplayOfBook(policy, asked, figures)


def _check_days(start: date, end: date, origins: Sequence[date], today: date) -> None:
    if end < start:
        message = _("A replay must not end before it begins: %(end)s is before %(start)s.")
        raise ReplayRefused(message % {"start": start, "end": end})
    known = Order.objects.counted().until(today)
    latest = known.aggregate(latest=Max("ordered_on"))["latest"]
    if latest is None:
        raise ReplayRefused(_("There are no orders to replay."))
    if end > latest:
        message = _("Nothing is known of %(day)s: the latest order is of %(latest)s.")
        raise ReplayRefused(message % {"day": end, "latest": latest})
    for day in origins:
        if _future_of(day) > latest:
            message = _(
                "The %(days)s days after %(day)s are not over: the latest order is of %(latest)s."
            )
            raise ReplayRefused(message % {"days": FUTURE, "day": day, "latest": latest})


def _future_of(day: date) -> date:
    return day + timedelta(days=FUTURE)


def _policy_of(end: date) -> tuple[Policy, rules.Policy]:
    policy = Policy.objects.in_force(day=end)
    if policy is None:
        raise ReplayRefused(_("No grading policy is in force on %(day)s.") % {"day": end})
    try:
        return policy, policy.rules()
    except rules.PolicyError as error:
        message = _("The grading policy %(policy)s cannot grade a book: %(reason)s")
        reason = {"policy": policy, "reason": explained(error.code)}
        raise ReplayRefused(message % reason) from error


def _asked(own: rules.Policy, basis: str, preset: str) -> rules.Policy:
    """What the policy says, with what was asked for in its place."""
    asked = replace(own, calmness=replace(own.calmness, propose_only=False))
    if preset:
        asked = replace(own, **PRESETS[preset], floor=None, calmness=rules.Calmness())
    asked = replace(asked, basis=basis or own.basis)
    if own.basis == POINTS != asked.basis and (asked.scheme == "lines" or asked.floor is not None):
        raise ReplayRefused(_("Lines in points cannot cut a book by money. Choose a preset too."))
    return asked


def _documents(first: date, last: date) -> Documents:
    """What counts from a year before the first day to the last; of sales, all that came before."""
    # The query of a night with a longer window: returns matter in the window of any of them.
    longest = (last - first).days + LONGEST_WINDOW
    params = {"as_of": last, "longest": longest, "no_cost": int(NO_COST)}
    columns = copy_out(DOCUMENTS, params, DOCUMENT_TYPES)
    return Documents(*(columns[name].astype("i8") for name in Documents._fields))
