"""Amounts in base currency, at the rate of each document's date."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from crm.models import ExchangeRate, Order

CENT = Decimal("0.01")

REPRICE = """
UPDATE crm_order AS o
SET base_amount = round(o.amount * dated.rate, 2), base_cost = round(o.cost * dated.rate, 2)
FROM (
    SELECT p.id, (
        SELECT r.rate FROM crm_exchangerate AS r
        WHERE r.currency = p.currency AND r.valid_from <= p.ordered_on
        ORDER BY r.valid_from DESC LIMIT 1
    ) AS rate
    FROM crm_order AS p
    WHERE p.currency = %s
) AS dated
WHERE o.id = dated.id
  AND dated.rate IS NOT NULL
  AND (o.base_amount, o.base_cost) IS DISTINCT FROM
      (round(o.amount * dated.rate, 2), round(o.cost * dated.rate, 2))
"""


class NoRate(Exception):
    """There is no exchange rate for that day; the message is for the user."""


def rate_on(*, currency: str, day: date) -> Decimal:
    """What one unit of the currency is worth in base currency on a day.

    Raises NoRate when no rate is valid by then.
    """
    if currency == settings.BASE_CURRENCY:
        return Decimal(1)
    known = ExchangeRate.objects.filter(currency=currency, valid_from__lte=day)
    rate = known.order_by("-valid_from").values_list("rate", flat=True).first()
    if rate is None:
        raise NoRate(
            _("There is no exchange rate for %(currency)s on %(day)s.")
            % {"currency": currency, "day": day.isoformat()}
        )
    return rate


def price_in_base(order: Order) -> None:
    """Fill an order's amounts in base currency, each rounded once to the cent. Raises NoRate."""
    rate = rate_on(currency=order.currency, day=order.ordered_on)
    order.base_amount = (order.amount * rate).quantize(CENT, ROUND_HALF_UP)
    if order.cost is not None:
        order.base_cost = (order.cost * rate).quantize(CENT, ROUND_HALF_UP)


def reprice(*, currency: str) -> int:
    """Price every order of a currency anew after its rates changed; returns how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(REPRICE, [currency])
        return cursor.rowcount
