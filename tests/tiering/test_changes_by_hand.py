"""Changes of grade that no night made: what a page of them costs, and how each is worded."""

from datetime import timedelta

import pytest

from tests.factories import AS_OF, CustomerFactory, GradeChangeFactory, NightRunFactory
from tiering.breakdown import breakdown
from tiering.models import GradeChange

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-04-20 04:00")]

URL = "/changes/"


def history(client, code):
    return client.get(f"/customers/{code}/grades/")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("viewer", "queries"), [("alice", 5), ("mona", 9)])
def test_the_list_costs_the_same_for_any_length(
    viewer, queries, count, alice, client, django_assert_num_queries, request
):
    for each in range(count):
        run = NightRunFactory(as_of=AS_OF + timedelta(days=each))
        GradeChangeFactory(customer__owner=alice, run=run)
    client.force_login(request.getfixturevalue(viewer))

    with django_assert_num_queries(queries):
        client.get(URL)


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    customer = CustomerFactory(owner=alice)
    for each in range(count):
        run = NightRunFactory(as_of=AS_OF + timedelta(days=each))
        GradeChangeFactory(customer=customer, run=run, from_grade="key", before={"value": "1.00"})
    client.force_login(alice)

    with django_assert_num_queries(6):
        history(client, customer.code)


@pytest.mark.parametrize("cause", GradeChange.Cause.values)
def test_every_cause_has_its_sentence(cause, alice, client):
    change = GradeChangeFactory(customer__owner=alice, cause=cause)
    client.force_login(alice)

    text = history(client, change.customer.code).content.decode()

    sentence = text.split('<p class="say">')[1].split("</p>")[0].strip()
    others = "Its own orders or those of others moved it across a line of the policy."
    assert (sentence == others) == (cause == "data")
    assert len(sentence) > 20


def test_a_score_of_another_basis_has_no_difference(alice):
    change = GradeChangeFactory(
        before={"score": 7000, "basis": "points"}, after={"score": 120050, "basis": "value"}
    )

    line = next(line for line in breakdown(change) if line.label == "Score")

    assert (line.before, line.after, line.difference) == ("70.00", "¥1,200.50", "")


def test_a_difference_of_chances_is_in_percentage_points():
    change = GradeChangeFactory(before={"p_none": 0.34}, after={"p_none": 0.365})

    line = next(line for line in breakdown(change) if "180 days" in line.label)

    assert (line.before, line.after, line.difference) == ("34.0 %", "36.5 %", "+2.5 pp")
