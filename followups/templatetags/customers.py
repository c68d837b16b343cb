"""What a row of the list of customers says in a few words."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.format import day
from tiering.models import Standing

register = template.Library()

COMING = {
    Standing.Watch.UP: gettext_lazy("rises %(day)s"),
    Standing.Watch.DOWN: gettext_lazy("falls %(day)s"),
    Standing.Watch.LEAVES: gettext_lazy("inactive %(day)s"),
}
# Due, under a policy that asks a person; who leaves waits for nobody.
WAITING = COMING | {
    Standing.Watch.UP: gettext_lazy("rise to be approved"),
    Standing.Watch.DOWN: gettext_lazy("fall to be approved"),
}


@register.filter
def coming(standing, night):
    """falls 3 Dec, or that it waits for a person; nothing for those who stay."""
    if not standing or not standing.watch or not standing.watch_on:
        return ""
    due = night and standing.watch_on <= night.as_of
    words = WAITING[standing.watch] if due else COMING[standing.watch]
    text = words % {"day": day(standing.watch_on)}
    return format_html(' <span class="sub coming">{}</span>', text)


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
