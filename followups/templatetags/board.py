"""Shares and bars of the dashboard, as attributes of SVG (no inline style)."""

from django import template

from tiering.models import Grade

register = template.Library()


@register.filter
def width(share):
    """.2345 → 23.45%, for x and width."""
    return f"{max(float(share), 0) * 100:.2f}%"


@register.filter
def share_of(part, whole):
    return float(part) / float(whole) if whole else 0.0


@register.filter
def stacked(line, most):
    """The grades of one bar, one behind the other; the longest bar is 1."""
    parts, start = [], 0.0
    for grade in Grade.values:
        share = share_of(line.by_grade.get(grade, 0), most)
        if share:
            parts.append({"grade": grade, "start": start, "share": share})
            start += share
    return parts


@register.filter
def thinned(rows, most):
    """At most so many rows, first and last among them."""
    step = max(1, -(-len(rows) // most))
    chosen = list(rows[::step])
    return chosen if not rows or chosen[-1] == rows[-1] else [*chosen, rows[-1]]
