"""What every row of a list of duties says; in Python, as a page has dozens of them."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from crm.templatetags.format import as_chance, money_short, money_whole

register = template.Library()


@register.filter
def money_at_risk(standing):
    """The short figure, and on hover how it comes about."""
    reckoned = _("Value at risk: %(chance)s × %(value)s × 90/365 = %(risk)s") % {
        "chance": as_chance(standing.p_none_90),
        "value": money_whole(standing.value),
        "risk": money_whole(standing.value_at_risk),
    }
    cell = '<data class="money" value="{}" title="{}">{}</data>'
    return format_html(cell, standing.value_at_risk, reckoned, money_short(standing.value_at_risk))


@register.filter
def snooze_label(name):
    return _("Snooze: %(name)s") % {"name": name}


@register.filter
def done_label(name):
    return _("Done: %(name)s") % {"name": name}


@register.filter
def visit_label(name):
    return _("Log a visit: %(name)s") % {"name": name}
