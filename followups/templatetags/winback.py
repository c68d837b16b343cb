"""Figures of lost customers in words."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.templatetags.format import percent

register = template.Library()


@register.filter
def months_away(lost, today):
    return lost.months_away(today)


@register.filter
def in_full(chance):
    """What a chance of return is made of: whose, how many, how sure."""
    shown = {
        "n": chance.n,
        "months": spoken(chance.months, last=-1),
        "days": spoken(chance.order_days),
        "share": percent(chance.share),
        "low": percent(chance.low),
        "high": percent(chance.high),
    }
    if not chance.is_known:
        return _("Too few to say: %(n)s were away %(months)s months after %(days)s order days.") % (
            shown
        )
    return ngettext(
        "Of %(n)s case away %(months)s months after %(days)s order days, %(share)s ordered within"
        " 180 days (with 95 %% certainty %(low)s to %(high)s).",
        "Of %(n)s cases away %(months)s months after %(days)s order days, %(share)s ordered within"
        " 180 days (with 95 %% certainty %(low)s to %(high)s).",
        chance.n,
    ) % (shown)


def spoken(span, last=0):
    """4–9, 10+, 1: whole numbers, the last one included."""
    first, until = span
    if until is None:
        return f"{first}+"
    until += last
    return str(first) if first == until else f"{first}–{until}"
