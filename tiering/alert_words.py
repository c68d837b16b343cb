"""An alert in one sentence: what is seen, how sure that is, how often alerts like it were right."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.templatetags.format import as_chance, day
from tiering.churn.cadence import OWN_GAPS_FOR_QUANTILE
from tiering.models import ChurnAlert, NightRun
from tiering.models.alert import HORIZON
from tiering.quality_words import cases_like
from tiering.signal_words import sentence as evidence


def sentence(alert: ChurnAlert, night: NightRun | None) -> str:
    """The same words wherever an alert is named; figures of the night `alert.seen_on`, and of
    the latest `night` how often alerts like it were right."""
    said = (silence(alert), raised_by(alert), chance(alert), rightness(alert, night))
    return " ".join(filter(None, said))


def silence(alert: ChurnAlert) -> str:
    return silent(alert) % figures(alert)


def figures(alert: ChurnAlert) -> dict[str, Any]:
    return {"days": alert.silent_days, "counted": alert.silence, "gap": gap(alert)}


def silent(alert: ChurnAlert) -> str:
    """With placeholders for the days, those of them that are counted, and the gap."""
    return over_holidays(alert) if alert.silent_holidays else without_holidays(alert)


def over_holidays(alert: ChurnAlert) -> str:
    """Its gaps leave holidays out, so the silence is told in the same days, too."""
    days = alert.silent_days
    if alert.long_gap and counts_own_gaps(alert):
        return ngettext(
            "Silent %(days)s day, %(counted)s without holidays;"
            " 9 of 10 of its gaps were under %(gap)s days.",
            "Silent %(days)s days, %(counted)s without holidays;"
            " 9 of 10 of its gaps were under %(gap)s days.",
            days,
        )
    if alert.long_gap:
        return ngettext(
            "Silent %(days)s day, %(counted)s without holidays;"
            " for a rhythm like its own 9 of 10 gaps are under %(gap)s days.",
            "Silent %(days)s days, %(counted)s without holidays;"
            " for a rhythm like its own 9 of 10 gaps are under %(gap)s days.",
            days,
        )
    if alert.usual_gap:
        return ngettext(
            "Silent %(days)s day, %(counted)s without holidays; its usual gap is %(gap)s days.",
            "Silent %(days)s days, %(counted)s without holidays; its usual gap is %(gap)s days.",
            days,
        )
    return without_holidays(alert)


def without_holidays(alert: ChurnAlert) -> str:
    days = alert.silent_days
    if alert.long_gap and counts_own_gaps(alert):
        return ngettext(
            "Silent %(days)s day; 9 of 10 of its gaps were under %(gap)s days.",
            "Silent %(days)s days; 9 of 10 of its gaps were under %(gap)s days.",
            days,
        )
    if alert.long_gap:
        return ngettext(
            "Silent %(days)s day; for a rhythm like its own 9 of 10 gaps are under %(gap)s days.",
            "Silent %(days)s days; for a rhythm like its own 9 of 10 gaps are under %(gap)s days.",
            days,
        )
    if alert.usual_gap:
        return ngettext(
            "Silent %(days)s day; its usual gap is %(gap)s days.",
            "Silent %(days)s days; its usual gap is %(gap)s days.",
            days,
        )
    return ngettext(
        "Silent %(days)s day, after too few orders to know its rhythm.",
        "Silent %(days)s days, after too few orders to know its rhythm.",
        days,
    )


def gap(alert: ChurnAlert) -> str:
    return number_format(round(alert.long_gap or alert.usual_gap or 0))


def counts_own_gaps(alert: ChurnAlert) -> bool:
    """Whether its own gaps are enough to count, or the book has to help; alerts that ended
    before nights kept their order days had enough of them for all that is known."""
    return alert.order_days is None or alert.order_days > OWN_GAPS_FOR_QUANTILE


def chance(alert: ChurnAlert) -> str:
    shown = {"day": day(alert.seen_on + HORIZON), "chance": as_chance(alert.p_none)}
    return _("Chance of no order by %(day)s: %(chance)s.") % shown


def raised_by(alert: ChurnAlert) -> str:
    """The badge that raised it, with its evidence while that is there; empty where its chance did."""
    if not alert.badge:
        return ""
    said = _("Raised by “%(signal)s”.") % {"signal": alert.get_badge_display()}
    standing = getattr(alert.customer, "standing", None)
    shown = (standing.signals or {}) if standing else {}
    if standing is None or alert.badge not in shown:
        return said
    return f"{said} {evidence(alert.badge, shown[alert.badge], standing)}"


def rightness(alert: ChurnAlert, night: NightRun | None) -> str:
    """How often alerts like it were right; empty where it has not been measured."""
    standing = getattr(alert.customer, "standing", None)
    found = cases_like(night, standing.grade if standing else None, alert.badge)
    return found.sentence if found else ""
