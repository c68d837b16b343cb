from datetime import date
from decimal import Decimal

import pytest

from crm.models import Order
from crm.services.currency import NoRate, price_in_base, rate_on, reprice
from tests.factories import ExchangeRateFactory, OrderFactory

pytestmark = pytest.mark.django_db


def test_the_rate_is_the_latest_one_valid_on_the_day():
    ExchangeRateFactory(currency="EUR", valid_from=date(2025, 1, 1), rate=Decimal("7.5"))
    ExchangeRateFactory(currency="EUR", valid_from=date(2025, 2, 1), rate=Decimal(8))

    assert rate_on(currency="EUR", day=date(2025, 1, 31)) == Decimal("7.5")
    assert rate_on(currency="EUR", day=date(2025, 2, 1)) == 8
    assert rate_on(currency="CNY", day=date(1990, 1, 1)) == 1


def test_a_day_before_the_first_rate_has_none():
    ExchangeRateFactory(currency="EUR", valid_from=date(2025, 1, 1))

    with pytest.raises(NoRate, match="EUR on 2024-12-31"):
        rate_on(currency="EUR", day=date(2024, 12, 31))


def test_an_amount_is_rounded_once_to_the_cent_half_up():
    ExchangeRateFactory(currency="EUR", valid_from=date(2025, 1, 1), rate=Decimal("0.5"))
    order = Order(currency="EUR", ordered_on=date(2025, 1, 1), amount=Decimal("0.01"), cost=None)

    price_in_base(order)

    assert (order.base_amount, order.base_cost) == (Decimal("0.01"), None)


def test_a_new_rate_prices_the_orders_of_its_days_anew_and_no_others():
    ExchangeRateFactory(currency="EUR", valid_from=date(2025, 1, 1), rate=Decimal(7))
    early = OrderFactory(currency="EUR", ordered_on=date(2025, 1, 15), base_amount=700)
    late = OrderFactory(currency="EUR", ordered_on=date(2025, 2, 15), base_amount=700)
    home = OrderFactory(currency="CNY", ordered_on=date(2025, 2, 15))
    ExchangeRateFactory(currency="EUR", valid_from=date(2025, 2, 1), rate=Decimal(8))

    assert reprice(currency="EUR") == 1

    for order in (early, late, home):
        order.refresh_from_db()
    assert (early.base_amount, late.base_amount, home.base_amount) == (700, 800, 100)
    assert reprice(currency="EUR") == 0
