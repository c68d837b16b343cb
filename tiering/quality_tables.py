"""The tables of the page on how right alerts are: words, from figures that were measured."""

from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crm.templatetags.format import NOTHING, percent, to_places
from tiering.churn.measures import lower_bound
from tiering.churn.shown_list import ALL, BASELINES, BY_CHANCE, BY_MBG, SHOWN
from tiering.models import AlertQuality, ChurnAlert, Grade, Signal
from tiering.quality_words import LISTS, SIGNALS, precision
from tiering.services.realised import Became, by_grade_and_signal, by_salesperson
from tiering.services.thresholds import shown_whole


class Line(NamedTuple):
    """`is_used`: of the threshold, or the list, that alerts go by."""

    cells: list[str]
    is_used: bool = False


class Table(NamedTuple):
    title: str
    heads: list[str]
    lines: list[Line]


def lists_table(lists: dict[str, Any]) -> Table:
    heads = [_("List"), _("Alerts"), *of_a_list()]
    lines = [
        Line([str(LISTS[name]), *_cells(lists[name])], name == SHOWN)
        for name in (SHOWN, BY_CHANCE, BY_MBG, *BASELINES)
        if name in lists
    ]
    return Table(_("Beside simpler lists"), heads, lines)


def parts_table(shown: dict[str, Any]) -> Table:
    heads = [_("Part of the list"), _("Alerts"), *of_a_list()]
    names = _names_of_parts()
    lines = [Line([str(names[part]), *_cells(shown[part])]) for part in names if part in shown]
    return Table(_("By grade and by signal"), heads, lines)


def _names_of_parts() -> dict[str, Any]:
    names = {f"grade:{code}": label for code, label in Grade.choices}
    signals = [*ChurnAlert.Signal.choices, *Signal.choices]
    return names | {f"signal:{code}": label for code, label in signals}


def steps_table(quality: AlertQuality, at: float) -> Table:
    """Each threshold, for the list as shown and for the other orders and signals."""
    found: dict[float, dict[str, Any]] = {}
    for row in quality.lists:
        if row["part"] == ALL:
            found.setdefault(row["threshold"], {})[row["list"]] = row
    names = (SHOWN, BY_CHANCE, BY_MBG)
    heads = [_("Threshold"), _("Alerts"), *(str(LISTS[name]) for name in names), _("Recall")]
    lines = [
        Line(
            [
                percent(step),
                number_format(rows[SHOWN]["n"]),
                *(precision(*counts(rows[name])) for name in names),
                _share(rows[SHOWN]["caught"], rows[SHOWN]["lost"]),
            ],
            step == at,
        )
        for step, rows in sorted(found.items())
    ]
    return Table(_("At every threshold"), heads, lines)


def tried_table(quality: AlertQuality, threshold: float) -> Table:
    heads = [_("Threshold"), _("Customers"), _("Right"), _("At least, with 90 % confidence")]
    heads.append(_("Right, of the list as it is shown"))
    lines, shown = [], shown_whole(quality)
    for row in quality.tried:
        cells = [percent(row["threshold"]), number_format(row["n"])]
        cells += [_share(row["right"], row["n"]), percent(lower_bound(row["right"], row["n"]))]
        n, right = shown.get(row["threshold"], (0, 0))
        lines.append(Line([*cells, _share(right, n)], row["threshold"] == threshold))
    return Table(_("How the threshold was found"), heads, lines)


def signals_table(quality: AlertQuality) -> Table:
    heads = [
        _("Signal"),
        _("AUC"),
        _("Right, of the tenth put first"),
        _("Value caught by the tenth put first"),
    ]
    lines = [
        Line(
            [
                str(SIGNALS[name]),
                NOTHING if row["auc"] is None else f"{row['auc']:.3f}",
                percent(row["precision"]),
                percent(row["value"]),
            ],
            name == "shipped",
        )
        for name in ("shipped", "mbg", *BASELINES)
        if (row := quality.compared.get(name))
    ]
    return Table(_("The signals on the newest day that is over"), heads, lines)


def calibration_table(quality: AlertQuality) -> Table:
    heads = [_("Chance said"), _("Fell silent"), _("Customers and weeks")]
    lines = [
        Line([percent(row["chance"]), percent(row["share"]), number_format(row["n"])])
        for row in quality.calibration
    ]
    return Table(_("Are the chances true?"), heads, lines)


def kinds(past: Became) -> Table:
    heads = [_("Alerts judged in a year"), _("Alerts"), _("No order followed")]
    named = (
        (_("Told, and nobody acted"), past.alone),
        (_("Held back by the budget of the week"), past.held),
        (_("Somebody acted (apart: a saved customer looks like a false alarm)"), past.acted),
    )
    lines = [Line([name, number_format(n), precision(n, right)]) for name, (n, right) in named]
    return Table(_("How right alerts have been in fact"), heads, lines)


def bands(past: Became) -> Table:
    heads = [_("Chance when raised"), _("Somebody acted"), _("No order followed")]
    heads += [_("Nobody acted"), _("No order followed")]
    lines = []
    for band in past.bands:
        edges = {"low": percent(band.least), "high": percent(band.least + 0.1)}
        cells = [_("%(low)s to %(high)s") % edges, number_format(band.acted)]
        cells += [_share(band.acted_right, band.acted), number_format(band.alone)]
        lines.append(Line([*cells, _share(band.alone_right, band.alone)]))
    return Table(_("Does acting help?"), heads, lines)


def parts_in_fact(as_of: date) -> Table:
    found = {row["part"]: row for row in by_grade_and_signal(as_of=as_of)}
    names = _names_of_parts()
    lines = [Line([str(names[part]), *_in_fact(found[part])]) for part in names if part in found]
    title = _("In fact, by grade and by signal")
    return Table(title, [_("Part of the list"), *_of_judged()], lines)


def people(alerts: Any, as_of: date) -> Table:
    lines = [
        Line([row["customer__owner__name"] or _("Pool"), *_in_fact(row)])
        for row in by_salesperson(alerts, as_of=as_of)
    ]
    return Table(_("By salesperson"), [_("Salesperson"), *_of_judged()], lines)


def _of_judged() -> list[str]:
    heads = [_("Alerts judged"), _("Somebody acted"), _("Ordered again")]
    return [*heads, _("Nobody acted"), _("No order followed")]


def _in_fact(row: dict[str, Any]) -> list[str]:
    return [
        number_format(row["n"]),
        number_format(row["with_act"]),
        _share(row["ordered"], row["with_act"]),
        number_format(row["without"]),
        _share(row["right"], row["without"]),
    ]


def of_a_list() -> list[str]:
    return [_("Right"), _("Recall"), _("Value caught"), _("Days of warning")]


def _cells(row: dict[str, Any]) -> list[str]:
    warning = row["warning"]
    return [
        number_format(row["n"]),
        precision(*counts(row)),
        _share(row["caught"], row["lost"]),
        _share(row["caught_value"], row["lost_value"]),
        NOTHING if warning is None else to_places(warning, 0),
    ]


def counts(row: dict[str, Any]) -> tuple[int, int]:
    return row["n"], row["right"]


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else NOTHING
