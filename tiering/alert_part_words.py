"""What an alert's chance is made of, in words, with what each part adds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.format import as_chance, money_whole, percent, to_places
from tiering.alert_why import AlertWhy
from tiering.churn.explained import ByRegression, ByRepeats, Part

# Of a figure above the average of the customers learned from, and of one that is not.
WORDS: dict[str, tuple[Promise, Promise]] = {
    "silence": (
        gettext_lazy("Silent longer than average: %(silence)s days"),
        gettext_lazy("Silent shorter than average: %(silence)s days"),
    ),
    "cadence": (
        gettext_lazy("Later by its own rhythm than average"),
        gettext_lazy("Less late by its own rhythm than average"),
    ),
    "orders": (
        gettext_lazy("More order days in all than average: %(orders)s"),
        gettext_lazy("Fewer order days in all than average: %(orders)s"),
    ),
    "orders_90": (
        gettext_lazy("More order days in 90 days than average: %(orders_90)s"),
        gettext_lazy("Fewer order days in 90 days than average: %(orders_90)s"),
    ),
    "orders_180": (
        gettext_lazy("More order days in 180 days than average: %(orders_180)s"),
        gettext_lazy("Fewer order days in 180 days than average: %(orders_180)s"),
    ),
    "chance": (
        gettext_lazy("Chance of no order from repeat buying alone above average: %(by_model)s"),
        gettext_lazy("Chance of no order from repeat buying alone below average: %(by_model)s"),
    ),
    "trend": (
        gettext_lazy(
            "Order days in 180 days against the 185 before, better than average: %(orders_180)s after %(before)s"
        ),
        gettext_lazy(
            "Order days in 180 days against the 185 before, worse than average: %(orders_180)s after %(before)s"
        ),
    ),
    "revenue": (
        gettext_lazy("More revenue in 12 months than average: %(revenue)s"),
        gettext_lazy("Less revenue in 12 months than average: %(revenue)s"),
    ),
    "season": (
        gettext_lazy("More order days than average in the coming season a year ago: %(season)s"),
        gettext_lazy("Fewer order days than average in the coming season a year ago: %(season)s"),
    ),
}
# A bar is as wide as this share of the half it grows into.
HALF = 50.0


def part_rows(why: AlertWhy) -> dict[str, Any]:
    """What the templates show of the parts, by the kind of model; empty without parts."""
    if isinstance(why.parts, ByRegression):
        return regression_rows(why.parts, why.figures)
    return repeats_rows(why.parts) if why.parts else {}


def regression_rows(parts: ByRegression, figures: Mapping[str, int]) -> dict[str, Any]:
    """SVG lengths are plain texts."""
    told = figures_told(parts, figures)
    said = [part for part in parts.parts if part.above is not None]
    scale = max([abs(parts.base), abs(parts.log_odds), *(abs(part.adds) for part in said)])
    base = row(_("The average customer of those learned from"), parts.base, scale)
    return {
        "kind": "regression",
        "rows": [base, *(row(words_of(part, told), part.adds, scale) for part in said)],
        "sum": row(_("Log odds of no order"), parts.log_odds, scale),
        "chance": as_chance(parts.chance, 1),
        "silent_figures": len(parts.parts) - len(said),
    }


def words_of(part: Part, told: Mapping[str, str]) -> str:
    above, below = WORDS[part.name]
    return str(above if (part.above or 0) > 0 else below) % told


def figures_told(parts: ByRegression, figures: Mapping[str, int]) -> dict[str, str]:
    told = {name: number_format(number) for name, number in figures.items()}
    revenue = money_whole(Decimal(figures["revenue_cents"]) / 100)
    return told | {"revenue": revenue, "by_model": as_chance(parts.by_model, 1)}


def row(label: str, adds: float, scale: float) -> dict[str, Any]:
    width = HALF * abs(adds) / scale if scale else 0
    return {
        "label": label,
        "adds": signed(adds),
        "is_up": adds > 0,
        "x": f"{HALF if adds > 0 else HALF - width:.1f}",
        "width": f"{width:.1f}",
    }


def signed(adds: float) -> str:
    """+1.20, −0.45; a plus speaks for no order."""
    rounded = round(adds, 2)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return sign + to_places(abs(rounded), 2)


def repeats_rows(parts: ByRepeats) -> dict[str, Any]:
    product = _("%(stays)s that it has not left × %(silent)s that it then does not order") % {
        "stays": percent(1 - parts.left, 1),
        "silent": percent(1 - parts.orders_if_not, 1),
    }
    return {
        "kind": "repeats",
        "rows": [
            share(_("It has left for good"), parts.left),
            share(_("It has not left, and does not order in 90 days"), parts.silent_though_not)
            | {"words": product},
        ],
        "sum": share(_("No order in 90 days"), parts.chance),
        "orders": percent(parts.orders_if_not, 1),
    }


def share(label: str, part: float) -> dict[str, Any]:
    return {"label": label, "share": percent(part, 1), "width": f"{100 * part:.1f}"}
