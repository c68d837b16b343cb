"""Codes of a past night in words."""

from django import template

from tiering.models import Behaviour, GradeChange

register = template.Library()


@register.filter
def behaviour_word(code):
    return Behaviour(code).label


@register.filter
def cause_word(code):
    return GradeChange.Cause(code).label
