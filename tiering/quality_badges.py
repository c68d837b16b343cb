"""The tables of badges on the page on how right alerts are: what they say, what they would add."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.format import NOTHING, percent
from tiering.churn.earned import WhyNot
from tiering.churn.realised import ENOUGH
from tiering.models import Grade, Signal, SignalSwitch
from tiering.quality_tables import Line, Table
from tiering.quality_words import precision
from tiering.signal_words import ENOUGH as SEEN_ENOUGH
from tiering.signals.rules import CODES

Use = SignalSwitch.Use
NO = {
    WhyNot.FEW: gettext_lazy("No: fewer than %(enough)s such alerts"),
    WhyNot.NOT_SURE: gettext_lazy("No: at least %(wanted)s is asked for"),
    WhyNot.NO_MEASURE: gettext_lazy("No: the list is too short to compare with"),
    WhyNot.FAILED: gettext_lazy(
        "No: of %(alone)s of its alerts on which nobody acted, only %(share)s were right"
    ),
}


def badges(quality: Mapping[str, list[int]]) -> Table:
    """Of all who show them, whether or not there is an alert as well."""
    heads = [_("Signal"), _("Customers and months"), _("Right: no order in 90 days")]
    lines = []
    for code in CODES:
        n, right = quality.get(code, [0, 0])
        says = precision(n, right) if n >= SEEN_ENOUGH else _("too rarely seen")
        lines.append(Line([str(Signal(code).label), number_format(n), says]))
    n, right = quality.get("base", [0, 0])
    lines.append(Line([_("All customers"), number_format(n), precision(n, right)]))
    return Table(_("Badges beside the alerts"), heads, lines if quality else [])


def earning(measured: list[dict[str, Any]], at: float, raising: list[str]) -> Table:
    """What each badge would add to the list at a threshold; `raising`: those that do."""
    title = _("Which badges raise alerts")
    found = {row["signal"]: row for row in measured if row["threshold"] == at}
    if not found:
        return Table(title, [], [])
    uses = {each.signal: each for each in SignalSwitch.objects.all()}
    lines = [
        Line(
            [
                name_of(uses[code]),
                _answer(uses[code], found.get(code), raising),
                *_figures(found.get(code)),
            ],
            code in raising,
        )
        for code in CODES
    ]
    return Table(title, _heads(), lines)


def _heads() -> list[str]:
    heads = [_("Signal"), _("Raises alerts"), _("Alerts that it would add"), _("Right, of these")]
    return [*heads, _("At least, with 90 % confidence"), _("Have an alert by their chance")]


def name_of(switch: SignalSwitch) -> str:
    """With the grades that show it, where these are not all."""
    name = str(switch.get_signal_display())
    if switch.least_grade == Grade.MAINTAIN:
        return name
    grades = [str(label) for code, label in Grade.choices if code in switch.grades]
    return _("%(signal)s (%(grades)s)") % {"signal": name, "grades": ", ".join(grades)}


def _figures(row: dict[str, Any] | None) -> list[str]:
    if row is None:
        return [NOTHING] * 4
    share = percent(row["over"] / row["seen"]) if row["seen"] else NOTHING
    says = precision(row["n"], row["right"]) if row["n"] >= ENOUGH else NOTHING
    least = percent(row["at_least"]) if row["n"] >= ENOUGH else NOTHING
    return [number_format(row["n"]), says, least, share]


def _answer(switch: SignalSwitch, row: dict[str, Any] | None, raising: list[str]) -> str:
    if switch.use == Use.OFF:
        return _("No: switched off")
    if switch.use == Use.BADGE:
        return _("No: a badge only, by its switch")
    if row is None:
        return _("Not measured yet")
    if row["signal"] in raising:
        return _("Yes")
    if not row["why"]:
        return _("From the next night on")
    return str(NO[WhyNot(row["why"])]) % {
        "enough": ENOUGH,
        "wanted": NOTHING if row["wanted"] is None else percent(row["wanted"]),
        "share": percent(row.get("in_fact") or 0),
        "alone": number_format(row.get("alone") or 0),
    }
