"""Past nights in the list of customers: each test with a book and nights of its own."""

import csv
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from crm.models import Customer, Order
from crm.services.ownership import assign
from tests.factories import AS_OF, ChurnAlertFactory, UserFactory
from tests.followups.past_lists import URL, exported, shown, then
from tests.tiering.books import customers, order, restless_book
from tiering import past
from tiering.models import NightRun
from tiering.services import history, run_night

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-04-20 04:00")]

NEXT = AS_OF + timedelta(days=1)
KEPT = 2  # nights, where it is 35 in truth: that is tested where figures are let go of


def test_before_the_first_night_there_is_no_past(alice, client):
    client.force_login(alice)

    assert "No night has run yet" in client.get(URL, {"as_of": "2025-03-09"}).content.decode()


def test_whoever_came_from_the_pool_was_in_the_pool_that_night(otto, ada, client):
    (customer,) = customers(1)
    order(customer, 0)
    run_night(as_of=AS_OF)
    run_night(as_of=NEXT)
    assign(customers=Customer.objects.filter(pk=customer.pk), to_owner=otto, by=ada)
    client.force_login(ada)

    assert then(client, pool=1).totals["count"] == 1
    assert then(client, owner=otto.pk).totals["count"] == 0


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("viewer", "queries"), [("alice", 9), ("mona", 13)])
def test_the_past_costs_the_same_for_any_length(
    viewer, queries, count, alice, client, django_assert_num_queries, request
):
    for each in customers(count, owner=alice, region="East"):
        order(each, 0)
        ChurnAlertFactory(customer=each)
    run_night(as_of=AS_OF)
    run_night(as_of=NEXT)
    client.force_login(request.getfixturevalue(viewer))

    with django_assert_num_queries(queries):
        client.get(URL, {"as_of": "2025-03-10"})


def test_a_night_computed_again_shows_its_last_word(alice, client):
    rich, poor = customers(2, owner=alice)
    order(rich, 0, "5000.00")
    order(poor, 0, "100.00")
    run_night(as_of=AS_OF)
    order(poor, 0, "90000.00")
    run_night(as_of=AS_OF, force=True)
    run_night(as_of=NEXT)
    client.force_login(alice)

    assert shown(then(client)) == {poor.code: ("key", 90100), rich.code: ("general", 5000)}


def present(client) -> dict:
    rows = exported(client)
    return {
        row["Code"]: (row["Grade"], row["Value, 12 months"], row["Likely to continue"])
        for row in rows
    }


def remembered(client, tmp_path, day: date) -> tuple[dict, list[dict]]:
    """What the list showed on that day, and what the command exported."""
    path = tmp_path / "then.csv"
    call_command("export_grades", path, as_of=day)
    with path.open(newline="") as file:
        return present(client), list(csv.DictReader(file))


def test_every_past_night_is_what_its_list_showed_and_what_its_export_said(
    ada, client, tmp_path, monkeypatch
):
    for module in (history, past):
        monkeypatch.setattr(module, "NIGHTS_KEPT", KEPT)
    restless_book(60)
    for number, owner in enumerate(Customer.objects.order_by("code")):
        if number % 2:
            Customer.objects.filter(pk=owner.pk).update(owner=UserFactory())
    client.force_login(ada)
    said = {}
    for day in (AS_OF + timedelta(days=each) for each in range(24)):
        for each in Order.objects.order_by("-amount", "id")[day.day : day.day + 2]:
            order(each.customer, (AS_OF - day).days, f"{each.pk % 97 * 100}.00")
        run_night(as_of=day)
        if day.day in (12, 20, 28, 31, 1):
            said[day] = remembered(client, tmp_path, day)

    assert len(said) == 5
    for day, (seen, file) in said.items():
        rows = exported(client, as_of=day.isoformat())
        again = {
            row["Code"]: (row["Grade"], row["Value, 12 months"], row["Likely to continue"])
            for row in rows
        }
        grades = {code: grade for code, (grade, *_) in again.items()}
        assert grades == {code: grade for code, (grade, *_) in seen.items()}
        assert {code: grade.lower() for code, grade in grades.items()} == {
            row["customer"]: row["grade"] for row in file
        }
        if (
            day >= NightRun.objects.latest_finished().as_of - timedelta(days=KEPT - 1)
            or day.day == 31
        ):
            assert again == seen
            assert {row["customer"]: row["value"] for row in file} == {
                code: value for code, (_, value, _) in again.items()
            }
