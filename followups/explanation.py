"""The explanation of a grade in words and shapes: factor bars, ruler, and where to next."""

import math
from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crm.templatetags.format import money_whole
from tiering.explain import BAND, GRADES, Explanation, Factor, Line, Move
from tiering.models import Grade

# Half a bar is at least a factor of two, or small differences would look large.
LEAST_SCALE = 2.0


def explanation(why: Explanation, lines: Mapping[str, Line]) -> dict[str, Any]:
    """What the card of the grade needs beside the figures; SVG lengths are plain texts."""
    return {
        "why": why,
        "why_bars": bars(why),
        "ruler": ruler(why, lines),
        "moves": {"up": label_of(why.up), "down": label_of(why.down)},
    }


def bars(why: Explanation) -> list[dict[str, Any]]:
    """One bar for each factor and one for all together, on a log scale around ×1."""
    if why.times is None:
        return []
    scale = max(LEAST_SCALE, *(stretch(factor.times) for factor in why.factors))
    rows = [
        bar(factor.times, scale) | {"label": words[0], "words": words[1]}
        for factor in why.factors
        for words in [factor_words(factor)]
    ]
    together = _("%(times)s times the %(grade)s line") % {
        "times": in_figures(why.times, 2),
        "grade": Grade(why.line).label,
    }
    whole = {"label": _("Together"), "words": together, "is_sum": True}
    return [*rows, bar(why.times, scale, places=2) | whole]


def factor_words(factor: Factor) -> tuple[str, str]:
    if factor.name == "orders":
        shown = {"own": in_figures(factor.own, 0), "line": in_figures(factor.at_line, 0)}
        return _("Order days"), _("%(own)s in a year; grade line: %(line)s") % shown
    shown = {"own": money_whole(factor.own), "line": money_whole(factor.at_line)}
    return _("Value of each"), _("%(own)s; grade line: %(line)s") % shown


def bar(times: float, scale: float, places: int = 1) -> dict[str, Any]:
    width = min(50 * math.log(stretch(times)) / math.log(scale), 50)
    start = 50 if times >= 1 else 50 - width
    return {
        "times": in_figures(times, places),
        "is_up": times >= 1,
        "x": f"{start:.1f}",
        "width": f"{width:.1f}",
    }


def stretch(times: float) -> float:
    """How far from ×1, on either side."""
    return max(times, 1 / times)


def ruler(why: Explanation, lines: Mapping[str, Line]) -> dict[str, Any]:
    marks = [
        {"grade": Grade(name), "x": f"{BAND * place:.0f}", "money": money_whole(lines[name].inside)}
        for place, name in enumerate(GRADES[::-1])
        if name in lines and lines[name].inside is not None
    ]
    said = ", ".join(f"{mark['grade'].label} {mark['money']}" for mark in marks)
    sentence = _("%(value)s on a scale from Maintain to Key; the lines: %(lines)s")
    return {
        "lines": marks,
        "place": f"{why.place:.1f}",
        "anchor": "start" if why.place < 15 else "end" if why.place > 85 else "middle",
        "sentence": sentence % {"value": money_whole(why.standing.score), "lines": said},
    }


def label_of(move: Move | None) -> str:
    return str(Grade(move.to).label) if move else ""


def in_figures(number: float, places: int) -> str:
    """Fewer places for large numbers: 1.8, 12, 140."""
    return number_format(round(number, places if number < 10 else 0), places if number < 10 else 0)
