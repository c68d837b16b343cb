"""Marks that stand in every row of a list, rendered once for each language and kept."""

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def icon(name):
    return icon_in_pages(name)


@cache
def icon_in_pages(name):
    return mark_safe(render_to_string("partials/icon.html", {"name": name}).strip())


@register.simple_tag
def grade_badge(grade, big=False):
    return badge_in(get_language(), grade, big) if grade else ""


@cache
def badge_in(language, grade, big, name=""):
    """`name`: of a level of that grade, said in place of the grade's."""
    context = {"grade": grade, "big": big, "name": name}
    return mark_safe(render_to_string("partials/grade.html", context).strip())
