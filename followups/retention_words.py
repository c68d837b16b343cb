"""Retention figures in words: what each is called, what it is made of, how it is counted."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from crm.templatetags.format import NOTHING, money_short, percent, pp, to_places
from tiering.retention import Figure, Kind


class Words(NamedTuple):
    """`made_of` has the places %(top)s and %(bottom)s; `top` and `bottom` head columns."""

    title: Any
    made_of: Any
    top: Any
    bottom: Any
    how: Any


WORDS = {
    "repeat": Words(
        _("Repeat-purchase rate"),
        _("%(top)s of %(bottom)s buyers"),
        _("Bought again"),
        _("Bought"),
        _(
            "Of the customers with an order day in the last 365 days, the share with at least two."
            " Several orders on one day are one order day; returns are none."
        ),
    ),
    "stayed": Words(
        _("Customers who stayed"),
        _("%(top)s of %(bottom)s buyers of the year before"),
        _("Stayed"),
        _("Bought the year before"),
        _(
            "Of the customers with an order day in the 365 days before the last 365, the share with"
            " an order day in the last 365."
        ),
    ),
    "net_revenue": Words(
        _("Net revenue retention"),
        _("%(top)s after %(bottom)s the year before"),
        _("Revenue, 12 months"),
        _("Revenue, 12 months before"),
        _(
            "Orders less returns of the last 365 days of those customers whose sum of the 365 days"
            " before was positive, divided by that sum. New customers are not in it. Above 100 % the"
            " growth of those who stayed outweighs what others took away."
        ),
    ),
    "complaints": Words(
        _("Complaints per 100 orders"),
        _("%(top)s complaints, %(bottom)s order days"),
        _("Complaints"),
        _("Order days"),
        _(
            "Complaints opened in the last 365 days for every 100 order days of the same time."
            " Other service cases are not counted."
        ),
    ),
    "tolerance": Words(
        _("Orders after a complaint"),
        _("%(top)s of %(bottom)s complaints"),
        _("Followed by an order"),
        _("Complaints judged"),
        _(
            "Of the complaints opened 90 to 454 days ago, the share after which the customer ordered"
            " within 90 days, not counting the day itself. Younger ones cannot be judged yet."
        ),
    ),
    "satisfaction": Words(
        _("Satisfaction"),
        _("%(bottom)s answers"),
        _("Sum of answers"),
        _("Answers"),
        _("Mean of the answers, 1 to 5, noted in visits of the last 365 days."),
    ),
    "own_brand": Words(
        _("Contacts they began"),
        _("%(top)s of %(bottom)s contacts"),
        _("Begun by them"),
        _("Contacts"),
        _(
            "Attention to our brand: of the visits, calls and messages of the last 365 days in which"
            " somebody was reached, the share in which the customer turned to us or came to us."
        ),
    ),
    "competitors": Words(
        _("Contacts that named a competitor"),
        _("%(top)s of %(bottom)s contacts"),
        _("Competitor named"),
        _("Contacts"),
        _(
            "Attention to competitors: of the visits, calls and messages of the last 365 days in"
            " which somebody was reached, the share with a competitor in the note."
        ),
    ),
    "wallet": Words(
        _("Share of wallet"),
        _("%(top)s of %(bottom)s needed"),
        _("Bought from us"),
        _("Yearly need"),
        _(
            "Revenue of the last 365 days divided by the yearly need, of the customers whose need is"
            " known. The yearly need is entered on the customer's file or imported."
        ),
    ),
    "dependent": Words(
        _("Customers who depend on us"),
        _("%(top)s of %(bottom)s with a known need"),
        _("Depend on us"),
        _("Need known"),
        _(
            "Of the customers whose yearly need is known, the share whose revenue of the last 365"
            " days is at least half of it."
        ),
    ),
    "discount": Words(
        _("Orders with a discount"),
        _("%(top)s of %(bottom)s orders with list prices"),
        _("With a discount"),
        _("Orders with list prices"),
        _(
            "Price sensitivity: of the orders of the last 365 days whose lines know the list price of"
            " the day, the share with a line sold below it."
        ),
    ),
    "largest": Words(
        _("Share of the largest customer"),
        _("%(top)s of %(bottom)s"),
        _("Revenue, 12 months"),
        _("Revenue of all"),
        _(
            "Our own dependence: revenue of the last 365 days of the largest customer divided by that"
            " of all. The list behind it gives the share of each. Negative revenue counts as none."
        ),
    ),
}


def amount(figure: Figure, value: Any) -> str:
    """A sum of a measure: money, or a number."""
    if figure.in_money:
        return money_short(value)
    return to_places(value, 0)


def worded(figure: Figure, value: float | None) -> str:
    """42.1 %, or 4.21."""
    if value is None:
        return NOTHING
    if figure.kind == Kind.SHARE:
        return percent(value, 1)
    return to_places(value, 2)


def difference_of(figure: Figure, difference: float) -> str:
    """Without its sign: 2.1 pp, or 0.25."""
    if figure.kind == Kind.SHARE:
        return pp(abs(difference), 1)
    return to_places(abs(difference), 2)


def made_of(figure: Figure, sums: dict[str, Any]) -> str:
    return str(WORDS[figure.code].made_of) % {
        "top": amount(figure, sums[figure.top]),
        "bottom": amount(figure, sums[figure.bottom]),
    }
