"""Sums and figures of retention, as they are written."""

from django import template

from followups import retention_words

register = template.Library()


@register.filter
def sum_of(value, figure):
    """¥84.2k, or 1,204."""
    return retention_words.amount(figure, value)


@register.filter
def rate_of(value, figure):
    return retention_words.worded(figure, value)


@register.filter
def made_of(sums, figure):
    """420 of 610 buyers."""
    return retention_words.made_of(figure, sums)
