"""The signals of a customer in words: what is seen, the figures behind it, how often it was right."""

from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.templatetags.format import day, money_whole, percent
from tiering.models import NightRun, Signal, Standing
from tiering.signals.rules import CODES, strongest

# Fewer cases say nothing.
ENOUGH = 30


class Shown(NamedTuple):
    """`measured`: how often it was right, or empty where it was seen too rarely to say."""

    code: str
    label: str
    sentence: str
    measured: str

    @property
    def title(self) -> str:
        return f"{self.sentence} {self.measured}".strip()


def signals_of(standing: Standing | None, night: NightRun | None) -> list[Shown]:
    """All signals of a customer, the one that was right most often first."""
    if not standing or not standing.signals:
        return []
    found, added = standing.signals, added_below(standing, night)
    quality = added or quality_of(night)
    left, ordered = [code for code in CODES if code in found], []
    while left:
        first = strongest(left, quality, enough=ENOUGH)
        left.remove(first)
        ordered.append(first)
    return [
        Shown(
            code,
            str(Signal(code).label),
            sentence(code, found[code], standing),
            measured_below(code, added) if added else measured(code, quality),
        )
        for code in ordered
    ]


def strongest_of(
    standing: Standing | None, night: NightRun | None, *, but: str = ""
) -> Shown | None:
    """The first of them; `but` is said already."""
    return next((each for each in signals_of(standing, night) if each.code != but), None)


def quality_of(night: NightRun | None) -> dict[str, list[int]]:
    return night.signal_quality if night else {}


def added_below(standing: Standing, night: NightRun | None) -> dict[str, list[int]]:
    """By signal [alerts, right] that it would add below the threshold, for a customer who is
    there: most who show a badge and order no more are above it, and so say nothing of this one.
    Empty for others, and where that is not measured."""
    found = night.alert_quality if night else {}
    chance, cases = standing.p_none_90, found.get("cases", {})
    if chance is None or chance >= found.get("threshold", 0):
        return {}
    return {code: cases[part] for code in CODES if (part := f"signal:{code}") in cases}


def measured_below(code: str, added: dict[str, list[int]]) -> str:
    n, right = added.get(code, [0, 0])
    if n < ENOUGH:
        return _("Too rarely seen so far to say how often this was right.")
    return _(
        "Right %(share)s of the time (%(n)s) where the chance alone raised no alert: no order in the"
        " next 90 days."
    ) % {"share": percent(right / n), "n": number_format(n)}


def measured(code: str, quality: dict[str, list[int]]) -> str:
    n, right = quality.get(code, [0, 0])
    if n < ENOUGH:
        return _("Too rarely seen so far to say how often this was right.")
    base_n, base_right = quality["base"]
    return _(
        "Right %(share)s of the time (%(n)s): no order in the next 90 days; of all customers %(base)s."
    ) % {"share": percent(right / n), "n": number_format(n), "base": percent(base_right / base_n)}


def sentence(code: str, figures: list[Any], standing: Standing) -> str:
    """The evidence; `figures` are those that `services.signals` keeps."""
    return WORDS[code](figures, standing)


def _complaint(figures: list[Any], standing: Standing) -> str:
    opened, satisfaction = figures
    if opened:
        return _("A complaint has been open since %(day)s.") % {"day": _day(opened)}
    return _("Satisfaction told last: %(points)s of 5.") % {"points": satisfaction}


def _contact(figures: list[Any], standing: Standing) -> str:
    last, promised = figures
    return ngettext(
        "Last reached on %(day)s; its grade promises a contact every day.",
        "Last reached on %(day)s; its grade promises a contact every %(n)s days.",
        promised,
    ) % {"day": _day(last), "n": promised}


def _spending(figures: list[Any], standing: Standing) -> str:
    shown = {"now": money_whole(figures[0]), "then": money_whole(figures[1])}
    return _("%(now)s in the last 90 days, %(then)s in the same days a year ago.") % shown


def _item(figures: list[Any], standing: Standing) -> str:
    return _("%(product)s was last bought on %(day)s and is overdue by its own rhythm.") % {
        "product": figures[0],
        "day": _day(figures[1]),
    }


def _categories(figures: list[Any], standing: Standing) -> str:
    shown = {"now": figures[0], "then": figures[1]}
    return (
        _(
            "Categories bought in the 180 days up to its last order: %(now)s; in the 180 before: %(then)s."
        )
        % shown
    )


def _payments(figures: list[Any], standing: Standing) -> str:
    shown = {"now": figures[0], "then": figures[1]}
    return _("Pays %(now)s days late on average in the last 180 days; before: %(then)s.") % shown


def _owner(figures: list[Any], standing: Standing) -> str:
    return _("Went from one salesperson to another on %(day)s.") % {"day": _day(figures[0])}


def _late(figures: list[Any], standing: Standing) -> str:
    return _("Its silence is longer than 95 of 100 of its own gaps between orders.")


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


WORDS = {
    "complaint": _complaint,
    "contact": _contact,
    "spending": _spending,
    "item": _item,
    "categories": _categories,
    "payments": _payments,
    "owner": _owner,
    "late": _late,
}
