"""Books that hardly are any: a night of them ends, and every page about alerts says something."""

from datetime import date

import pytest

from tests.factories import AS_OF
from tests.tiering.books import ago, customers, enter
from tiering.models import ChurnAlert, Standing
from tiering.services import run_night

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

# By name: customers, the days ago on which each of them ordered, and for how much where it matters.
ODD = {
    "nobody": (0, lambda who: []),
    "one": (1, lambda who: [100]),
    "fifty": (50, lambda who: range(20 + who, 600, 40)),
    "one order each": (120, lambda who: [who]),
    "all on one day": (120, lambda who: [200]),
    "clockwork": (120, lambda who: range(100, 700, 30)),
    "as dear as an order can be": (120, lambda who: [100 + who, 150 + who], "99999999999999.99"),
    "before 1970 and after today": (
        120,
        lambda who: [(AS_OF - date(1969, 6, 1)).days + who, -30, *range(50 + who, 500, 70)],
    ),
}


@pytest.mark.parametrize("book", ODD.values(), ids=ODD)
def test_the_night_ends_and_the_pages_open(book, ada, client):
    number, days, *amount = book
    rows = [(each, day) for who, each in enumerate(customers(number)) for day in days(who)]
    enter((each, ago(day), *(amount or [100])) for each, day in rows)

    run = run_night(as_of=AS_OF)

    assert (run.customers, Standing.objects.count()) == (number, number)
    assert not Standing.objects.filter(last_order_on__gt=AS_OF).exists()
    assert not ChurnAlert.objects.filter(p_none__gt=1).exists()
    client.force_login(ada)
    pages = ["/alerts/", "/alerts/quality/", "/retention/", "/winback/", "/dashboard/", "/policy/"]
    pages += ["/changes/", "/customers/", "/orders/"]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    customer = Standing.objects.select_related("customer").first()
    assert customer is None or client.get(customer.customer.get_absolute_url()).status_code == 200
