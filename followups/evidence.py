"""What lies behind each figure of a grade: its parts in words, with the rows they come from."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Order
from crm.templatetags.format import as_chance, money, percent, to_places
from tiering.explain import Criterion, Explanation
from tiering.models import Standing
from tiering.models.wording import criterion_word
from tiering.points import RATED

YEAR = 365
# Growth looks at 180 days of a year ago.
GROWTH_DAYS = 545
# Parts of the same page.
RHYTHM = "#rh"
RATINGS = "#ov"


class Evidence:
    """Addresses of the rows behind the figures of one night and customer."""

    def __init__(self, standing: Standing):
        self.standing = standing
        self.as_of: date = standing.run.as_of

    def orders(self, *, days: int = YEAR, **asked: str) -> str:
        """The list of orders of so many days up to the night."""
        first = self.as_of - timedelta(days=days - 1)
        period = {"from": first.isoformat(), "to": self.as_of.isoformat()}
        return self.list(**period, **asked)

    def list(self, **asked: str) -> str:
        code = self.standing.customer.code
        return f"{reverse('orders')}?{urlencode({'customer': code, **asked})}"

    def entered_later(self) -> str:
        """The counted documents of the year that were entered after the night began."""
        after = str(self.standing.run.last_order)
        return self.orders(after=after, status=Order.Status.CONFIRMED)

    def of_factor(self, name: str) -> str:
        if name == "months":
            return ""
        return RHYTHM if name == "continuity" else self.orders()

    def of_part(self, name: str) -> str:
        if name == "fall_away":
            return RHYTHM
        if name == "no_loss":
            return ""
        return self.orders(status="return") if name == "returns" else self.orders()

    def of_criterion(self, name: str) -> str:
        if name in RATED:
            return RATINGS
        if name in ("promptness", "credit"):
            return self.list(owed="late") if name == "credit" else self.list()
        return self.orders(days=GROWTH_DAYS if name == "growth" else YEAR)


def part_rows(why: Explanation, evidence: Evidence) -> list[dict[str, Any]]:
    """Money only: points have a table of their own."""
    if why.criteria or not why.parts:
        return []
    words = part_words(why, evidence)
    return [
        {
            "label": words[part.name],
            "amount": part.amount,
            "is_less": part.amount < 0,
            "href": evidence.of_part(part.name),
        }
        for part in why.parts
    ]


def since_words(why: Explanation, evidence: Evidence) -> dict[str, str] | None:
    """Why the list of orders differs from these figures, with the orders that are the reason."""
    if why.since is None:
        return None
    count = {"n": why.since.entered}
    if not why.since.entered:
        return {
            "says": _(
                "Orders of that time came in or changed after the night, so the list differs from these figures until the next one."
            )
        }
    if why.since.is_all:
        says = ngettext(
            "%(n)d order of that time was entered after this night; the next night counts it.",
            "%(n)d orders of that time were entered after this night; the next night counts them.",
            why.since.entered,
        )
    else:
        says = ngettext(
            "%(n)d order of that time was entered after this night, and others were changed or taken back; the next night counts all of it.",
            "%(n)d orders of that time were entered after this night, and others were changed or taken back; the next night counts all of it.",
            why.since.entered,
        )
    return {"says": says % count, "href": evidence.entered_later()}


def part_words(why: Explanation, evidence: Evidence) -> dict[str, str]:
    chance = as_chance(evidence.standing.p_none, 1)
    return {
        "sales": _("Orders of 365 days"),
        "returns": _("less what came back"),
        "revenue": _("Revenue of 365 days, net of returns"),
        "costs": _("less what the goods cost"),
        "no_loss": _("a loss counts as nothing"),
        "fall_away": _("less what is expected to fall away (%(chance)s no order in 180 days)")
        % {"chance": chance},
    }


def criterion_rows(why: Explanation, evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {
            "label": criterion_word(each.name),
            "figure": figure_words(each),
            "points": None if each.points is None else to_places(each.points, 1),
            "at_line": None if each.at_line is None else to_places(each.at_line, 1),
            "weight": to_places(each.weight, 1),
            "contribution": to_places(each.contribution, 2),
            "own_weight": to_places(each.own, 0 if each.own == int(each.own) else 2),
            "is_known": each.points is not None,
            "href": evidence.of_criterion(each.name),
        }
        for each in why.criteria
    ]


def figure_words(criterion: Criterion) -> str:
    """The raw figure as a person would say it."""
    figure, name = criterion.figure, criterion.name
    if figure is None:
        return _("not known")
    if name in RATED:
        return _("rated %(points)d of 5") % {"points": figure}
    if name in ("profit", "order_size"):
        return money(round(figure) / 100)
    if name == "breadth":
        return ngettext("%(n)d category", "%(n)d categories", round(figure)) % {"n": figure}
    if name in ("continuity", "promptness"):
        return days_words(name, round(YEAR - figure) if name == "continuity" else -figure)
    if name == "growth":
        return growth_words(figure)
    return percent(figure)


def growth_words(figure: float) -> str:
    """The figure is (recent - before) / (recent + before)."""
    if figure >= 1:
        return _("nothing in the period before")
    if figure <= -1:
        return _("nothing in the last 180 days")
    rise = 2 * figure / (1 - figure)
    said = {"part": percent(abs(rise))}
    if rise < 0:
        return _("%(part)s less than in the period before") % said
    return _("%(part)s more than in the period before") % said


def days_words(name: str, days: float) -> str:
    if name == "continuity":
        sentence = ngettext("longest silence %(n)d day", "longest silence %(n)d days", round(days))
        return sentence % {"n": days}
    return _("%(days)s days late on average") % {"days": to_places(days, 1)}
