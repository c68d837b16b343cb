"""The figures behind a change of grade, before and after it side by side, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.format import NOTHING, day, money, percent, pp, to_places
from tiering.models import GradeChange, Policy
from tiering.models.grade import name_in

HUNDREDTHS = 100
# Name among the figures of a change, its words, and how it is written.
FIGURES = [
    ("score", gettext_lazy("Score"), "score"),
    ("rank", gettext_lazy("Place in the book"), "number"),
    ("value", gettext_lazy("Value, 12 months"), "money"),
    ("continuing_value", gettext_lazy("Likely to continue"), "money"),
    ("p_none", gettext_lazy("Chance of no order in 180 days"), "share"),
    ("order_days_365", gettext_lazy("Order days, 12 months"), "number"),
]


@dataclass(frozen=True)
class Line:
    """One figure of both nights, and how much it grew; a dash where one of them is missing."""

    label: str
    before: str
    after: str
    difference: str = ""


def breakdown(change: GradeChange) -> list[Line]:
    """All that is kept of a change, from a row that is `worded`."""
    before, after = change.before, change.after
    return [
        Line(_("Night"), _day(before), _day(after)),
        Line(_("Grading policy"), _text(before, "policy"), _text(after, "policy")),
        Line(_("Measured by"), _basis(before), _basis(after)),
        *(_figure(name, str(label), kind, change) for name, label, kind in FIGURES),
        Line(
            _("Computed level"),
            _level(change.levels_before, before),
            _level(change.levels_after, after),
        ),
    ]


def _figure(name: str, label: str, kind: str, change: GradeChange) -> Line:
    before, after = (_decimal(figures.get(name)) for figures in (change.before, change.after))
    return Line(
        label,
        _written(before, kind, change.before),
        _written(after, kind, change.after),
        _difference(before, after, name, kind, change),
    )


def _difference(
    before: Decimal | None, after: Decimal | None, name: str, kind: str, change: GradeChange
) -> str:
    """Empty where there is none to speak of: a score of another basis is another measure."""
    same = name != "score" or change.before.get("basis") == change.after.get("basis")
    if before is None or after is None or not same:
        return ""
    grown = after - before
    if not grown:
        return "0"
    return f"{'+' if grown > 0 else '−'}{_step(abs(grown), kind, change.after)}"


def _step(size: Decimal, kind: str, figures: Mapping[str, Any]) -> str:
    """A difference of shares is one of percentage points."""
    if kind == "share":
        return str(pp(size, 1))
    return _written(size, kind, figures)


def _written(number: Decimal | None, kind: str, figures: Mapping[str, Any]) -> str:
    if number is None:
        return NOTHING
    if kind == "share":
        return str(percent(number, 1))
    if kind == "money" or (kind == "score" and not _is_points(figures)):
        return str(money(number / HUNDREDTHS if kind == "score" else number))
    if kind == "score":
        return to_places(number / HUNDREDTHS, 2)
    return to_places(number, 0 if number == int(number) else 1)


def _is_points(figures: Mapping[str, Any]) -> bool:
    return figures.get("basis") == Policy.Basis.POINTS


def _decimal(figure: Any) -> Decimal | None:
    return None if figure is None else Decimal(str(figure))


def _day(figures: Mapping[str, Any]) -> str:
    on = figures.get("as_of")
    return str(day(date.fromisoformat(on))) if on else NOTHING


def _text(figures: Mapping[str, Any], name: str) -> str:
    return str(figures.get(name) or NOTHING)


def _basis(figures: Mapping[str, Any]) -> str:
    basis = figures.get("basis")
    return str(Policy.Basis(str(basis)).label) if basis in Policy.Basis else NOTHING


def _level(levels: Iterable[Mapping[str, Any]], figures: Mapping[str, Any]) -> str:
    code = figures.get("computed_level")
    return name_in(levels, code) if code else NOTHING
