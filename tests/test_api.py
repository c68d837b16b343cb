"""The API: same rows as the pages, nothing else, and as its schema says."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from crm.models import Order
from followups.models import FollowUp, WinBack
from tests.factories import (
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    LostCustomerFactory,
    OrderFactory,
    OrderLineFactory,
    OverrideFactory,
    PaymentFactory,
    StandingFactory,
    VisitFactory,
    WinBackTouchFactory,
)
from tiering.models import NightRun, Standing

LISTS = [
    "customers", "orders", "visits", "standings", "alerts", "follow-ups", "win-backs",
    "lost-customers",
]  # fmt: skip


def make_one_of_each(owner, code):
    customer = CustomerFactory(owner=owner, code=code)
    ContactFactory(customer=customer)
    order = OrderFactory(customer=customer, number=f"SO-{code}")
    OrderLineFactory(order=order)
    PaymentFactory(order=order, amount=40)
    StandingFactory(customer=customer, override=OverrideFactory(customer=customer))
    return {
        "customers": code,
        "orders": order.number,
        "visits": VisitFactory(customer=customer).pk,
        "standings": code,
        "alerts": ChurnAlertFactory(customer=customer).pk,
        "follow-ups": FollowUpFactory(customer=customer).pk,
        "win-backs": WinBackTouchFactory(plan__customer=customer).plan.pk,
        "lost-customers": LostCustomerFactory(customer=customer).pk,
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
    "alerts": 4,  # and the night that says how right they are
    "follow-ups": 3,
    "win-backs": 4,  # and the touches
    "lost-customers": 3,
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


def test_one_standing_is_told_with_its_explanation(alice, client):
    make_one_of_each(alice, "A-1")
    lines = {
        "key": {"places": 1, "inside": "9000.00", "outside": "8000.00"},
        "secondary": {"places": 20, "inside": "4000.00", "outside": "3900.00"},
        "general": {
            "places": 50,
            "inside": "500.00",
            "outside": "400.00",
            "typical": {"order_days": 5.0},
        },
    }
    NightRun.objects.update(lines=lines, graded=100)
    score = {"value": 1_000, "revenue": 100, "line_above": 400_000, "line_below": 40_000}
    Standing.objects.update(score=100_000, watch=1, watch_level="secondary", **score)
    client.force_login(alice)

    one = client.get("/api/v1/standings/A-1/").json()
    listed = client.get("/api/v1/standings/").json()["results"][0]

    explanation = one.pop("explanation")
    assert one == listed
    assert client.get("/api/v1/standings/?watch=up").json()["count"] == 1
    assert client.get("/api/v1/standings/?watch=leaves").json()["count"] == 0
    assert (one["score"], one["level"], one["watch"]) == ("1000.00", "general", "up")
    assert explanation["entered_later"] == 0
    assert [factor["name"] for factor in explanation["factors"]] == ["order_days", "per_order"]
    assert explanation["factors"][1]["times"] == 2
    up, down = explanation["up"], explanation["down"]
    assert (up["level"], up["amount"], up["orders"]) == ("secondary", "3001.00", 16)
    assert (down["level"], down["amount"]) == ("maintain", "600.00")


def test_contributions_add_up_to_the_score_to_the_cent(alice, client):
    make_one_of_each(alice, "A-1")
    NightRun.objects.update(lines={"key": {}}, basis="continuing_value", value_is_profit=True)
    figures = {"value": "61.21", "revenue": "100.00", "p_none": 0.123456}
    Standing.objects.update(score=5_365, **figures)
    client.force_login(alice)

    explanation = client.get("/api/v1/standings/A-1/").json()["explanation"]

    amounts = {part["name"]: Decimal(part["amount"]) for part in explanation["contributions"]}
    assert amounts == {
        "revenue": Decimal(100),
        "costs": Decimal("-38.79"),
        "fall_away": Decimal("-7.56"),
    }
    assert sum(amounts.values()) == Decimal(explanation["score"])
    assert explanation["unit"] == "profit"


@pytest.mark.time_machine("2025-04-20 04:00")
def test_a_win_back_is_told_with_its_touches_and_what_it_regained(alice, client):
    plan = WinBack.objects.get(pk=make_one_of_each(alice, "A-1")["win-backs"])
    WinBack.objects.update(state="won", closed_on=plan.started_on, returned_on=plan.started_on)
    OrderFactory(customer=plan.customer, ordered_on=plan.started_on, amount=250)
    followup = FollowUpFactory(customer=plan.customer, touch=plan.touches.get(), reason="winback")
    FollowUp.objects.filter(pk=followup.pk).update(state="done", closed_at="2025-03-12T04:00Z")
    client.force_login(alice)

    (told,) = client.get("/api/v1/win-backs/?state=won&customer=A-1").json()["results"]

    before = Order.objects.filter(ordered_on=plan.started_on, customer=plan.customer)
    assert Decimal(told["regained"]) == sum(order.base_amount for order in before)
    assert (told["state"], told["owner"], told["value"]) == ("won", "alice", "1000.00")
    assert [(touch["what"], touch["done_at"][:10]) for touch in told["touches"]] == [
        ("Call and ask why", "2025-03-12")
    ]
    assert client.get("/api/v1/win-backs/?state=running").json()["count"] == 0
    assert client.get("/api/v1/lost-customers/?away=true").json()["count"] == 1
    assert client.get("/api/v1/lost-customers/?away=false").json()["count"] == 0


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


def test_a_grade_that_a_person_set_stands_beside_the_computed_one(alice, mona, client):
    override = OverrideFactory(customer__owner=alice, by=mona, reason="They open three new plants")
    StandingFactory(
        customer=override.customer, grade="key", computed_grade="general", override=override
    )
    client.force_login(alice)

    (told,) = client.get("/api/v1/standings/").json()["results"]

    assert (told["grade"], told["computed_grade"]) == ("key", "general")
    assert told["override"] == {
        "grade": "key",
        "reason": "They open three new plants",
        "by": "mona",
        "starts_on": "2025-03-10",
        "until": "2025-09-06",
    }
