"""What the browser draws: figures with their words and with the address behind each mark."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format

from crm.models import Customer
from crm.templatetags.format import day, money, symbol
from followups.rhythm import Rhythm


def rhythm_chart(rhythm: Rhythm, *, customer: Customer) -> dict[str, Any]:
    """Order days as dots, missing ones, months as bars; ISO dates, amounts as floats."""
    return {
        "since": rhythm.since,
        "until": rhythm.until,
        "symbol": symbol(),
        "days": [
            mark(row.on, row.amount, day(row.on), orders_between(customer, row.on, row.on))
            for row in rhythm.days
        ],
        "months": [
            mark(
                row.first.replace(day=15),
                row.amount,
                date_format(row.first, "YEAR_MONTH_FORMAT"),
                orders_between(customer, row.first, row.last),
            )
            for row in rhythm.months
        ],
        "missing": rhythm.missing,
        "last": rhythm.last_on,
    }


def mark(on: date, amount, label: str, href: str) -> dict[str, Any]:
    return {
        "on": on,
        "amount": float(amount),
        "label": label,
        "money": money(amount),
        "href": href,
    }


def orders_between(customer: Customer, first: date, last: date) -> str:
    """The list with the orders behind a mark."""
    query = {"customer": customer.code, "from": first.isoformat(), "to": last.isoformat()}
    return f"{reverse('orders')}?{urlencode(query)}"
