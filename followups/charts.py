"""What the browser draws: figures with their words and with the address behind each mark."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Customer
from crm.templatetags.format import day, money, symbol
from followups.rhythm import Month, Rhythm
from tiering.alert_why import AlertWhy
from tiering.models import ChurnAlert

MOST_GAPS = 100


def rhythm_chart(rhythm: Rhythm, *, customer: Customer) -> dict[str, Any]:
    """Order days as dots, missing ones, months as bars; ISO dates, amounts as floats."""
    orders = f"{reverse('orders')}?{urlencode({'customer': customer.code})}"
    return {
        "since": rhythm.since,
        "until": rhythm.until,
        "symbol": symbol(),
        "days": [
            mark(row.on, row.amount, day(row.on), between(orders, row.on, row.on))
            | {"gap": row.gap}
            for row in rhythm.days
        ],
        "months": [month_mark(row, orders) for row in rhythm.months],
        "missing": rhythm.missing,
        "last": rhythm.last_on,
    }


def gaps_chart(why: AlertWhy, *, alert: ChurnAlert) -> dict[str, Any]:
    """The latest own gaps in order, and the silence; `line`: 9 of 10 gaps are under it."""
    orders = f"{reverse('orders')}?{urlencode({'customer': alert.customer.code})}"
    return {
        "gaps": [
            {
                "days": gap.days,
                "label": _("%(since)s to %(until)s")
                % {"since": day(gap.since), "until": day(gap.until)},
                "href": between(orders, gap.since, gap.until),
            }
            for gap in why.gaps[-MOST_GAPS:]
        ],
        "left_out": max(0, len(why.gaps) - MOST_GAPS),
        "silence": why.silence,
        "line": None if alert.long_gap is None else round(alert.long_gap),
        "days": _("%(n)s days"),
    }


def month_mark(month: Month, orders: str) -> dict[str, Any]:
    """A bar stands in the middle of its month."""
    label = date_format(month.first, "YEAR_MONTH_FORMAT")
    address = between(orders, month.first, month.last)
    return mark(month.first.replace(day=15), month.amount, label, address)


def mark(on: date, amount: Decimal, label: str, href: str) -> dict[str, Any]:
    return {
        "on": on,
        "amount": float(amount),
        "label": label,
        "money": money(amount),
        "href": href,
    }


def between(orders: str, first: date, last: date) -> str:
    """The list with the orders behind a mark."""
    return f"{orders}&from={first.isoformat()}&to={last.isoformat()}"
