"""Changes of grade that no night made: what a page of them costs, and how each is worded."""

from datetime import timedelta

import pytest

from tests.factories import AS_OF, CustomerFactory, GradeChangeFactory, NightRunFactory
from tiering.breakdown import breakdown
from tiering.models import GradeChange, Policy

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


def worded(**fields):
    return GradeChange.objects.worded().get(pk=GradeChangeFactory(**fields).pk)


def test_levels_have_the_names_of_the_policy_that_each_was_served_under(alice, client):
    """The night went over from policy 2 to 3, and rests on another one by now."""
    for version, name in ((2, "Partner"), (3, "Friend")):
        levels = [{"code": "1", "grade": "key", "names": {"en": name}}]
        Policy.objects.create(version=version, levels=levels)
    change = worded(
        customer__owner=alice,
        from_grade="key",
        from_level="1",
        to_level="1",
        before={"policy": 2, "computed_level": "1"},
        after={"policy": 3, "computed_level": "1"},
    )
    client.force_login(alice)

    row = b"".join(client.get(URL, {"export": "csv"}).streaming_content).decode()
    assert "Partner,Friend" in row
    assert row.strip().endswith(",3")
    assert (breakdown(change)[-1].before, breakdown(change)[-1].after) == ("Partner", "Friend")
    assert "Partner → Friend" in history(client, change.customer.code).content.decode()


def test_a_score_of_another_basis_has_no_difference(alice):
    change = worded(
        before={"score": 7000, "basis": "points"}, after={"score": 120050, "basis": "value"}
    )

    line = next(line for line in breakdown(change) if line.label == "Score")

    assert (line.before, line.after, line.difference) == ("70.00", "¥1,200.50", "")


def test_a_difference_of_chances_is_in_percentage_points():
    change = worded(before={"p_none": 0.34}, after={"p_none": 0.365})

    line = next(line for line in breakdown(change) if "180 days" in line.label)

    assert (line.before, line.after, line.difference) == ("34.0 %", "36.5 %", "+2.5 pp")
