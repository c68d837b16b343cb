"""The API: same rows as the pages, nothing else, and as its schema says."""

import pytest
from django.core.management import call_command

from tests.factories import (
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    StandingFactory,
    VisitFactory,
)

LISTS = ["customers", "orders", "visits", "standings", "alerts", "follow-ups"]


def make_one_of_each(owner, code):
    customer = CustomerFactory(owner=owner, code=code)
    ContactFactory(customer=customer)
    order = OrderFactory(customer=customer, number=f"SO-{code}")
    OrderLineFactory(order=order)
    PaymentFactory(order=order, amount=40)
    StandingFactory(customer=customer)
    return {
        "customers": code,
        "orders": order.number,
        "visits": VisitFactory(customer=customer).pk,
        "standings": code,
        "alerts": ChurnAlertFactory(customer=customer).pk,
        "follow-ups": FollowUpFactory(customer=customer).pk,
    }


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(("viewer", "seen"), [("alice", 1), ("mona", 1), ("otto", 0), ("ada", 1)])
def test_lists_and_rows_are_only_those_in_scope(name, viewer, seen, alice, client, request):
    keys = make_one_of_each(alice, "A-1")
    client.force_login(request.getfixturevalue(viewer))

    listed = client.get(f"/api/v1/{name}/")
    one = client.get(f"/api/v1/{name}/{keys[name]}/")

    assert listed.json()["count"] == seen
    assert one.status_code == (200 if seen else 404)


@pytest.mark.parametrize("name", LISTS)
def test_nobody_reads_without_signing_in(name, client, db):
    assert client.get(f"/api/v1/{name}/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(name, method, alice, client):
    keys = make_one_of_each(alice, "A-1")
    client.force_login(alice)

    assert getattr(client, method)(f"/api/v1/{name}/{keys[name]}/").status_code == 405


QUERIES = {
    "customers": 5,
    "orders": 3,
    "visits": 3,
    "standings": 3,
    "alerts": 3,
    "follow-ups": 3,
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_any_length(
    name, count, alice, client, django_assert_num_queries
):
    for number in range(count):
        make_one_of_each(alice, f"A-{number}")
    client.force_login(alice)

    with django_assert_num_queries(QUERIES[name]):  # user, count, rows (and related)
        response = client.get(f"/api/v1/{name}/")

    assert response.json()["count"] == count


def test_what_is_owed_is_the_amount_less_what_was_paid(alice, client):
    make_one_of_each(alice, "A-1")
    client.force_login(alice)

    order = client.get("/api/v1/orders/SO-A-1/").json()

    assert (order["amount"], order["paid"], order["owed"]) == ("100.00", "40.00", "60.00")
    assert [line["quantity"] for line in order["lines"]] == ["10.000"]


def test_filters_narrow_the_list(alice, client):
    make_one_of_each(alice, "A-1")
    make_one_of_each(alice, "A-2")
    client.force_login(alice)

    assert client.get("/api/v1/orders/?customer=A-2").json()["count"] == 1
    assert client.get("/api/v1/customers/?q=a-2").json()["count"] == 1
    assert client.get("/api/v1/orders/?ordered_on_after=2030-01-01").json()["count"] == 0
    assert client.get("/api/v1/orders/?ordered_on_after=never").status_code == 400


def test_the_schema_has_no_warnings(tmp_path):
    call_command(
        "spectacular", "--file", str(tmp_path / "schema.yml"), "--validate", "--fail-on-warn"
    )

    assert "/api/v1/follow-ups/" in (tmp_path / "schema.yml").read_text()


def test_the_docs_load_nothing_from_elsewhere(alice, client):
    client.force_login(alice)

    page = client.get("/api/docs/").content.decode()

    assert 'src="http' not in page
    assert 'href="http' not in page
