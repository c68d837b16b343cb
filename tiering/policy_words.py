"""The names of the criteria and presets, in the language of the reader."""

from django.utils.translation import gettext_lazy as _

from tiering.models import Rating

CRITERION_NAMES = {
    "profit": _("Profit"),
    "margin": _("Margin"),
    "continuity": _("Continuity of orders"),
    "promptness": _("Payment on time"),
    "growth": _("Growth"),
    "loyalty": _("Months with an order"),
    "breadth": _("Breadth of categories"),
    "order_size": _("Order size"),
    "credit": _("Credit"),
    **dict(Rating.Criterion.choices),
}
PRESET_NAMES = {
    "four_grades": _("Four grades, 1 / 19 / 30 / 50 per cent"),
    "no_key_below": _("Four grades, no key customer below an amount"),
    "abcd": _("A B C D, 20 / 30 / 30 / 20 per cent"),
    "ten_levels": _("Ten levels"),
    "cumulative": _("Shares of the value: key and secondary make 80 per cent"),
    "money_lines": _("Fixed lines in money: each grade begins at an amount"),
    "point_lines": _("Weighted points with fixed lines at 80, 60 and 40"),
}
