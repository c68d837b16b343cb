"""Signals of a customer, for the rows and the page that show them."""

from django import template

from tiering.signal_words import signals_of, strongest_of

register = template.Library()

# What the reason of a row says already.
SAID = {"gone_quiet": "late", "cadence": "contact", "case": "complaint"}


@register.simple_tag
def signals(standing, night):
    return signals_of(standing, night)


@register.simple_tag
def strongest_signal(standing, night, reason="", badge=""):
    """`reason` and `badge` of the alert are said beside it already."""
    return strongest_of(standing, night, but=badge or SAID.get(reason, ""))
