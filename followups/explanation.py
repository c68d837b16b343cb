"""The explanation of a grade in words and shapes: factors, ruler, parts, and where to next."""

import math
from typing import Any
from unicodedata import east_asian_width

from django.utils.translation import gettext as _

from crm.templatetags.format import money_whole, percent, to_places
from followups.changes import both_grades, moves, watched
from followups.evidence import Evidence, criterion_rows, part_rows, since_words
from tiering.explain import Explanation, Factor
from tiering.explain.ruler import band
from tiering.explain.shapes import decimal
from tiering.models import Policy, Standing

# Half a bar is at least a factor of two, or small differences would look large.
LEAST_SCALE = 2.0
# More bands than this have no room for the money at each line.
FEW_LEVELS = 5
# So many letters, a Chinese one counted as two, stand under one of ten bands.
ROOM, ROOM_ON_A_PHONE = 11, 5


def explanation(why: Explanation, standing: Standing) -> dict[str, Any]:
    """What the card of the grade needs beside the figures; SVG lengths are plain texts."""
    policy, evidence = standing.run.policy, Evidence(standing)
    return {
        "why": why,
        "basis": Policy.Basis(why.book.basis).label,
        "is_points": why.book.basis == Policy.Basis.POINTS,
        "is_monthly": why.book.basis == Policy.Basis.ARPU,
        "since": since_words(why, evidence),
        "why_level": policy.name_of_level(why.customer.level),
        "why_bars": bars(why, policy, evidence),
        "why_parts": part_rows(why, evidence),
        "why_criteria": criterion_rows(why, evidence),
        "why_score": scored(why, why.customer.score),
        "ruler": ruler(why, policy),
        "moves": moves(why, standing),
        "both_grades": both_grades(why, standing),
        "watch": watched(why, standing),
    }


def scored(why: Explanation, score: int) -> str:
    """A score as its basis is written: money, or points."""
    return in_unit(decimal(score), is_points=why.book.basis == Policy.Basis.POINTS)


def in_unit(amount: Any, *, is_points: bool, places: int = 2) -> str:
    return to_places(amount, places) if is_points else money_whole(amount)


def bars(why: Explanation, policy: Policy, evidence: Evidence) -> list[dict[str, Any]]:
    """One bar for each factor and one for all together, on a log scale around ×1."""
    if why.times is None:
        return []
    scale = max(LEAST_SCALE, *(stretch(factor.times) for factor in why.factors))
    rows = [
        bar(factor.times, scale)
        | {"label": label, "words": words, "href": evidence.of_factor(factor.name)}
        for factor in why.factors
        for label, words in [factor_words(factor)]
    ]
    together = _("%(times)s times the line of %(level)s") % {
        "times": in_figures(why.times, 2),
        "level": policy.name_of_level(why.line),
    }
    whole = {"label": _("Together"), "words": together, "is_sum": True}
    return [*rows, bar(why.times, scale, places=2) | whole]


def factor_words(factor: Factor) -> tuple[str, str]:
    """What the factor is, and its figure beside that of customers at the line."""
    if factor.name == "order_days":
        shown = {"own": in_figures(factor.own, 0), "line": in_figures(factor.at_line, 0)}
        return _("Order days"), _("%(own)s in a year; at the line: %(line)s") % shown
    if factor.name == "months":
        shown = {"own": in_figures(factor.own, 0), "line": in_figures(factor.at_line, 0)}
        return _("Months known"), _("spread over %(own)s; at the line: %(line)s") % shown
    if factor.name == "continuity":
        shown = {"own": percent(factor.own, 1), "line": percent(factor.at_line, 1)}
        return _("Chance to go on"), _("%(own)s in 180 days; at the line: %(line)s") % shown
    shown = {"own": money_whole(factor.own), "line": money_whole(factor.at_line)}
    return _("Amount of each"), _("%(own)s; at the line: %(line)s") % shown


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


def ruler(why: Explanation, policy: Policy) -> dict[str, Any]:
    """Bands from the worst level to the best, each with its class, its name and its line."""
    bands, is_wide = bands_of(why, policy), len(policy.levels) <= FEW_LEVELS
    lines = [f"{each['name']} {each['line']}" for each in bands if each["line"]]
    sentence = _("%(score)s on a scale of %(levels)s levels; the lines: %(lines)s") % {
        "score": scored(why, why.customer.score),
        "levels": len(bands),
        "lines": ", ".join(lines),
    }
    return {
        "bands": bands,
        "width": f"{band(why.book):.2f}",
        "is_wide": is_wide,
        "span": "" if is_wide else span_of(why, policy),
        "place": f"{why.place:.1f}",
        "anchor": "start" if why.place < 15 else "end" if why.place > 85 else "middle",
        "sentence": sentence,
    }


def span_of(why: Explanation, policy: Policy) -> str:
    """The line under the own level and the one over it, where the ruler has no room."""
    codes, own = why.book.codes, why.customer.level
    at = codes.index(own)
    shown = {
        "level": policy.name_of_level(own),
        "line": line_of(why, own),
        "above": policy.name_of_level(codes[at - 1]) if at else "",
        "next": line_of(why, codes[at - 1]) if at else "",
    }
    if shown["line"] and shown["next"]:
        return _("%(level)s begins at %(line)s, %(above)s at %(next)s.") % shown
    if shown["line"]:
        return _("%(level)s begins at %(line)s.") % shown
    return _("%(above)s begins at %(next)s.") % shown if shown["next"] else ""


def bands_of(why: Explanation, policy: Policy) -> list[dict[str, str]]:
    """With names as long as there is room; a phone without room for all of them shows codes."""
    width, levels = band(why.book), why.book.levels[::-1]
    names = [policy.name_of_level(level.code) for level in levels]
    on_a_phone = all(letters(name) <= ROOM_ON_A_PHONE for name in names)
    return [
        {
            "grade": level.grade,
            "name": name,
            "short": clipped(name, ROOM),
            "tiny": name if on_a_phone else level.code,
            "x": f"{width * place:.2f}",
            "middle": f"{width * (place + 0.5):.2f}",
            "line": line_of(why, level.code),
        }
        for place, (level, name) in enumerate(zip(levels, names, strict=True))
    ]


def clipped(text: str, room: int) -> str:
    if letters(text) <= room:
        return text
    while letters(text) >= room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def letters(text: str) -> int:
    """How wide a text is; a Chinese letter is two wide."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def line_of(why: Explanation, code: str) -> str:
    edge = why.book.edge(code)
    return "" if edge is None else scored(why, edge)


def in_figures(number: float, places: int) -> str:
    """Fewer places for large numbers: 1.8, 12, 140."""
    return to_places(number, places if number < 10 else 0)
