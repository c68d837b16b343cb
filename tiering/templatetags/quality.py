"""How often alerts like one were right, for the rows and pages that show it."""

from django import template

from tiering.quality_words import cases_like as like

register = template.Library()


@register.simple_tag
def cases_like(night, grade, badge=""):
    return like(night, grade, badge)
