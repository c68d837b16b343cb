"""Levels of a policy as badges: the four grades, or levels with names of their own."""

from django import template
from django.utils.translation import get_language

from crm.templatetags.marks import badge_in, grade_badge

register = template.Library()


@register.simple_tag
def level_badge(policy, code):
    """The badge of a level by its code: in the colour and with the letter of its grade."""
    if policy is None or code not in policy.classes:
        return grade_badge(code)
    return badge_in(get_language(), policy.grade_of_level(code), False, policy.name_of_level(code))
