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
def strongest_signal(standing, night, reason=""):
    return strongest_of(standing, night, but=SAID.get(reason, ""))
