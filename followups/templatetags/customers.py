"""What a row of the list of customers says in a few words."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def silence(standing):
    """63 d, usually 18."""
    if not standing or standing.silent_days is None:
        return _("no order")
    days = _("%(days)s d") % {"days": standing.silent_days}
    if standing.usual_gap is None:
        return days
    usually = _("usually %(days)s") % {"days": round(standing.usual_gap)}
    return format_html('{}<span class="sub aside">{}</span>', days, usually)
