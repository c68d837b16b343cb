"""What stands on the page on how right alerts are."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext as _

from crm.models import Order
from crm.permissions import Permission
from crm.templatetags.format import percent
from tiering import quality_tables as tables
from tiering.churn.shown_list import ALL, BY_CHANCE, LEAST, SHOWN
from tiering.models import AlertQuality, ChurnAlert, NightRun
from tiering.quality_badges import badges, earning
from tiering.quality_words import meaning, precision, threshold_found
from tiering.services.realised import became, regained

# The first day whose customers are known for 90 days, and the 90 days after it.
SOONEST = timedelta(days=180)


def page_of(user: Any, night: NightRun) -> dict[str, Any]:
    """Everything on the page: of the company, and by salesperson whom the reader sees."""
    found = night.alert_quality
    quality = AlertQuality.objects.filter(fit=night.fit_id).first() if found else None
    is_measured = bool(quality and quality.weeks)
    seen = ChurnAlert.objects.visible_to(user)
    context: dict[str, Any] = {
        "fit": night.fit,
        "meaning": meaning(night.fit),
        "threshold": threshold_found(found) if found else [],
        "quality": quality if is_measured else None,
        "became": (past := became(as_of=night.as_of)),
        "regained": regained(seen, as_of=night.as_of),
        "kinds": tables.kinds(past),
        "bands": tables.bands(past),
        "in_fact": tables.parts_in_fact(night.as_of),
        "badges": badges(night.signal_quality),
    }
    if user.may(Permission.SEE_TEAM):
        context["people"] = tables.people(seen, night.as_of)
    if quality is None or not is_measured:
        return context | {"least": LEAST, "soonest": soonest(night.as_of)}
    return context | measured(quality, found["threshold"], found.get("raising", []))


def measured(quality: AlertQuality, threshold: float, raising: list[str]) -> dict[str, Any]:
    at = _step(quality, threshold)
    whole = [row for row in quality.lists if row["threshold"] == at]
    shown = {row["part"]: row for row in whole if row["list"] == SHOWN}
    lists = {row["list"]: row for row in whole if row["part"] == ALL}
    return {
        "step": at,
        "stated": [precision(*tables.counts(lists[name])) for name in (SHOWN, BY_CHANCE)],
        "lists": tables.lists_table(lists),
        "parts": tables.parts_table(shown),
        "steps": tables.steps_table(quality, at),
        "tried": tables.tried_table(quality, threshold),
        "signals": tables.signals_table(quality),
        "calibration": tables.calibration_table(quality),
        "chart": chart_of(quality),
        "earning": earning(quality.badges, at, raising),
        "wanted": wanted_of(quality.badges, at),
    }


def wanted_of(badges: list[dict[str, Any]], at: float) -> float | None:
    """What a badge has to reach before it raises alerts."""
    return next((row["wanted"] for row in badges if row["threshold"] == at), None)


def chart_of(quality: AlertQuality) -> dict[str, Any]:
    """For the browser: [chance, share] of each group, and how it is said."""
    rows = quality.calibration
    said = _("Said %(chance)s, in fact %(share)s")
    return {
        "points": [[row["chance"], row["share"]] for row in rows],
        "said": [
            said % {"chance": percent(row["chance"]), "share": percent(row["share"])}
            for row in rows
        ],
        "chance": _("Chance said"),
        "share": _("Fell silent"),
    }


def soonest(as_of: date) -> date | None:
    """From when on something can be measured at the earliest; None where it is only too few."""
    past = Order.objects.counted().until(as_of)
    first = past.aggregate(first=Min("ordered_on"))["first"]
    day = (first or as_of) + SOONEST
    return day if day > as_of else None


def _step(quality: AlertQuality, threshold: float) -> float:
    """That of the measured ones which the threshold reaches."""
    steps = {row["threshold"] for row in quality.lists}
    return max((each for each in steps if each <= threshold + 1e-9), default=min(steps))
