"""What would change a grade, when it would be shown, and why two grades may differ, in words."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.templatetags.format import day, to_places
from followups.distances import gain, loss, orders_fewer, orders_of_usual_size
from tiering.explain import Explanation, Move, stays_near
from tiering.models import Grade, Policy, Standing

FIXED = "lines"


def moves(why: Explanation, standing: Standing) -> list[dict[str, Any]]:
    """The next step up and the next step down, as far as there are any."""
    return [move for move in (move_up(why, standing), move_down(why, standing)) if move]


def move_up(why: Explanation, standing: Standing) -> dict[str, Any] | None:
    """What is enough for a better level, and when that level is shown."""
    if why.up is None:
        return None
    return {
        "icon": "up",
        "says": gain_sentence(why, standing, why.up),
        "sub": shown_after(why, standing, why.up, is_up=True),
        "level": standing.run.policy.name_of_level(why.up.to),
    }


def move_down(why: Explanation, standing: Standing) -> dict[str, Any] | None:
    if why.down is None:
        return None
    return {
        "icon": "down",
        "says": loss_sentence(why, standing, why.down),
        "sub": shown_after(why, standing, why.down, is_up=False),
        "level": standing.run.policy.name_of_level(why.down.to),
    }


def gain_sentence(why: Explanation, standing: Standing, move: Move) -> str:
    """The four ways of saying it are sentences of their own, for languages differ in order."""
    shown = {
        "gain": gain(why, move),
        "orders": orders_of_usual_size(move.orders),
        "day": day(standing.run.as_of + timedelta(days=move.by_days)) if move.by_days else "",
        "level": standing.run.policy.name_of_level(move.to),
    }
    if move.by_days and move.orders:
        return _("%(gain)s, or %(orders)s, by %(day)s → %(level)s") % shown
    if move.by_days:
        return _("%(gain)s by %(day)s → %(level)s") % shown
    if move.orders:
        return _("%(gain)s, or %(orders)s → %(level)s") % shown
    return _("%(gain)s → %(level)s") % shown


def loss_sentence(why: Explanation, standing: Standing, move: Move) -> str:
    policy = standing.run.policy
    shown = {
        "loss": loss(why, move),
        "orders": orders_fewer(move.orders),
        "level": policy.name_of_level(move.to),
        "own": policy.name_of_level(why.customer.level),
    }
    if move.is_certain and move.orders:
        return _("%(loss)s, or %(orders)s → %(level)s") % shown
    if move.is_certain:
        return _("%(loss)s → %(level)s") % shown
    if move.orders:
        return _("%(loss)s, or %(orders)s: no longer %(own)s") % shown
    return _("%(loss)s: no longer %(own)s") % shown


def shown_after(why: Explanation, standing: Standing, move: Move, *, is_up: bool) -> str:
    """When the shown grade follows a computed one."""
    policy = standing.run.policy
    if standing.override:
        return set_by_a_person(standing)
    if not standing.eligible:
        return _("The order makes it active again, and the grade is shown that night.")
    codes = why.book.codes
    shown, to = codes.index(standing.level), codes.index(move.to)
    if shown <= to if is_up else shown >= to:
        return _("The shown grade is %(level)s already.") % {
            "level": policy.name_of_level(standing.level)
        }
    return " ".join([nights(why, policy, is_up=is_up), *besides(why, standing, move, is_up=is_up)])


def besides(why: Explanation, standing: Standing, move: Move, *, is_up: bool) -> list[str]:
    """What else holds a change back."""
    codes, policy, found = why.book.codes, standing.run.policy, []
    if policy.one_step and abs(codes.index(standing.level) - codes.index(move.to)) > 1:
        found.append(_("A change goes one level at a time."))
    if standing.first_order_on and not is_up:
        free = standing.first_order_on + timedelta(days=policy.new_days)
        if free > standing.run.as_of + timedelta(days=policy.nights_down):
            found.append(_("It is new and does not fall before %(day)s.") % {"day": day(free)})
    return found


def nights(why: Explanation, policy: Policy, *, is_up: bool) -> str:
    count = policy.nights_up if is_up else policy.nights_down
    if policy.propose_only:
        return after_nights_and_approval(count)
    if not has_band(why, policy):
        return _("The shown grade follows that night.") if count == 1 else after_nights(count)
    return clearly_over(count) if is_up else clearly_behind(count)


def after_nights(count: int) -> str:
    return ngettext(
        "The shown grade follows after %(n)d night in a row.",
        "The shown grade follows after %(n)d nights in a row.",
        count,
    ) % {"n": count}


def after_nights_and_approval(count: int) -> str:
    return ngettext(
        "The shown grade follows after %(n)d night and an approval.",
        "The shown grade follows after %(n)d nights and an approval.",
        count,
    ) % {"n": count}


def clearly_over(count: int) -> str:
    return ngettext(
        "The shown grade follows after %(n)d night clearly over the line.",
        "The shown grade follows after %(n)d nights clearly over the line.",
        count,
    ) % {"n": count}


def clearly_behind(count: int) -> str:
    return ngettext(
        "The shown grade follows after %(n)d night clearly behind the line.",
        "The shown grade follows after %(n)d nights clearly behind the line.",
        count,
    ) % {"n": count}


def has_band(why: Explanation, policy: Policy) -> bool:
    """A fixed line is said as it stands and has none."""
    return bool(policy.band) and why.book.scheme != FIXED


def both_grades(why: Explanation, standing: Standing) -> dict[str, Any] | None:
    """The computed and the shown grade, and why they differ; None where they do not."""
    is_set = standing.override is not None
    if standing.grade == standing.computed_grade and (
        is_set or standing.level == standing.computed_level
    ):
        return None
    policy = standing.run.policy
    return {
        "shown_grade": standing.grade,
        "shown": Grade(standing.grade).label if is_set else policy.name_of_level(standing.level),
        "computed_grade": standing.computed_grade,
        "computed": policy.name_of_level(standing.computed_level),
        "reason": set_by_a_person(standing) if is_set else calm_reason(why, standing),
    }


def set_by_a_person(standing: Standing) -> str:
    return _("The shown grade is set by a person until %(day)s.") % {
        "day": day(standing.override.until)
    }


def calm_reason(why: Explanation, standing: Standing) -> str:
    """The watch says when it changes; without one it stays near the line, or nights are counted
    anew since a person has decided."""
    policy = standing.run.policy
    if standing.watch != Standing.Watch.NONE:
        return _(
            "Grades change calmly: up after %(up)d nights clearly over a line, down after"
            " %(down)d clearly behind it."
        ) % {"up": policy.nights_up, "down": policy.nights_down}
    if stays_near(why.customer, why.book, shown=standing.level, band=policy.band):
        return _(
            "It stands within %(band)s per cent of the places at the line: there the shown grade"
            " stays."
        ) % {"band": to_places(policy.band, 0)}
    return _(
        "Nights are counted anew since the last decision; the next night says when the shown grade"
        " follows."
    )


def watched(why: Explanation, standing: Standing) -> dict[str, str] | None:
    """What will happen unless something changes; what a person set does not change so."""
    if standing.watch == Standing.Watch.NONE or standing.override or not standing.watch_on:
        return None
    icon = "up" if standing.watch == Standing.Watch.UP else "clock"
    return {"icon": icon, "says": watch_sentence(why, standing)}


def watch_sentence(why: Explanation, standing: Standing) -> str:
    policy = standing.run.policy
    shown = {
        "level": policy.name_of_level(standing.watch_level),
        "day": day(standing.watch_on),
        "gain": gain(why, why.up) if why.up else "",
    }
    if standing.watch == Standing.Watch.LEAVES:
        return _("Becomes inactive on %(day)s unless it orders before.") % shown
    is_up = standing.watch == Standing.Watch.UP
    if standing.watch_on <= standing.run.as_of:
        return (
            _("A rise to %(level)s is due and waits for approval.") % shown
            if is_up
            else _("A fall to %(level)s is due and waits for approval.") % shown
        )
    if is_up:
        return _("Rises to %(level)s on %(day)s if it stays clearly over the line.") % shown
    if is_enough_to_stay(why, standing):
        return _("Falls to %(level)s on %(day)s unless there is %(gain)s.") % shown
    return _("Falls to %(level)s on %(day)s unless it gets back over the line.") % shown


def is_enough_to_stay(why: Explanation, standing: Standing) -> bool:
    """Whether the next step up leads back to the shown level."""
    codes = why.book.codes
    return why.up is not None and codes.index(why.up.to) <= codes.index(standing.level)
