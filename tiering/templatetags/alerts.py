"""Alerts in words."""

from django import template

from tiering import alert_words

register = template.Library()


@register.filter
def silence(alert):
    return alert_words.silence(alert)


@register.filter
def how_sure(alert):
    """What follows on the silence: the chance, and how often alerts like it were right."""
    return " ".join(filter(None, (alert_words.chance(alert), alert_words.rightness(alert))))
