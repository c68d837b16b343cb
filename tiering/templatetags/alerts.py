"""Alerts in words."""

from html import escape

from django import template
from django.utils.safestring import mark_safe

from tiering import alert_words

register = template.Library()


@register.filter
def silence(alert):
    """The days are what the eye looks for."""
    words = alert_words.silent(alert)
    shown = alert_words.figures(alert) | {"days": f"<b>{alert.silent_days}</b>"}
    return mark_safe(escape(words) % shown)


@register.filter
def raised_by(alert):
    """Which badge raised it, and why that is shown; nothing where its chance did."""
    return alert_words.raised_by(alert)


@register.filter
def how_sure(alert):
    """What follows on the silence: the chance."""
    return alert_words.chance(alert)
