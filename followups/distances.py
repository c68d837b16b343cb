"""What is missing, or what can be lost, in words: money, points, orders."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.templatetags.format import money, to_places
from tiering.explain import Explanation, Move
from tiering.models import Policy


def gain(why: Explanation, move: Move) -> str:
    if why.book.basis == Policy.Basis.POINTS:
        return more_points(why, move)
    if why.book.money_is == "profit":
        return _("%(amount)s more profit") % {"amount": money(move.amount)}
    return _("%(amount)s more revenue") % {"amount": money(move.amount)}


def more_points(why: Explanation, move: Move) -> str:
    shown = {"points": to_places(move.amount, 2), "amount": money(move.order)}
    if move.order is None:
        return _("%(points)s more points") % shown
    if not why.customer.eligible:
        return _("One order of %(amount)s") % shown
    if why.book.value_is_profit:
        return _("%(points)s more points, or one order of %(amount)s at the usual margin") % shown
    return _("%(points)s more points, or one order of %(amount)s") % shown


def loss(why: Explanation, move: Move) -> str:
    if why.book.basis == Policy.Basis.POINTS:
        return _("%(points)s fewer points") % {"points": to_places(move.amount, 2)}
    if why.book.money_is == "profit":
        return _("%(amount)s less profit") % {"amount": money(move.amount)}
    return _("%(amount)s less revenue") % {"amount": money(move.amount)}


def orders_of_usual_size(count: int | None) -> str:
    return ngettext(
        "%(n)d order of the usual size", "%(n)d orders of the usual size", count or 0
    ) % {"n": count or 0}


def orders_fewer(count: int | None) -> str:
    return ngettext("%(n)d order fewer", "%(n)d orders fewer", count or 0) % {"n": count or 0}
