"""Levels of a policy as badges: the four grades, or levels with names of their own."""

from django import template
from django.utils.html import format_html

from crm.templatetags.marks import grade_badge
from tiering.models import Grade

register = template.Library()


@register.simple_tag
def level_badge(policy, code):
    """The badge of a level by its code, in the colour of its grade."""
    if policy is None or code in Grade:
        return grade_badge(code)
    grade = next((each["grade"] for each in policy.levels if each["code"] == code), "maintain")
    name = policy.name_of_level(code)
    badge = '<span class="grade" data-g="{}"><i aria-hidden="true">{}</i>{}</span>'
    return format_html(badge, grade, name[:1], name)
