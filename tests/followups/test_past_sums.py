"""The dashboard of a past night reads sums: what they cost, and who sees them."""

from datetime import date, timedelta

import pytest

from followups.trend import ends_of_spans
from tests.factories import AS_OF
from tests.tiering.books import customers, order
from tiering.models import NightRun, NightSummary, OwnerSummary, Policy
from tiering.services import run_night

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-04-20 04:00")]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("person", ["mona", "ada"])
def test_the_past_costs_the_same_for_any_book_and_reads_no_customer(
    person, count, alice, client, request, django_assert_num_queries
):
    for each in customers(count, owner=alice, region="East", industry="Metal"):
        order(each, 0)
    for each in range(3):
        run_night(as_of=AS_OF + timedelta(days=each))
    client.force_login(request.getfixturevalue(person))

    with django_assert_num_queries(15 if person == "mona" else 14) as queries:
        client.get("/dashboard/", {"as_of": "2025-03-11"})

    read = " ".join(query["sql"] for query in queries)
    assert "crm_order" not in read
    assert "tiering_standing" not in read
    # Only to ask whose changes and, for the navigation, whose alerts and notices these are.
    assert read.count('FROM "crm_customer"') <= 4


def test_a_long_history_has_a_point_for_each_month():
    days = [date(2024, 4, 2) + timedelta(days=each) for each in range(300)]

    points = [on for _pk, on in ends_of_spans(enumerate(days))]

    assert len(points) == 10
    assert points[:3] == [date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 30)]
    assert points[-1] == days[-1]
    assert ends_of_spans([]) == []


@pytest.mark.parametrize(("person", "rows"), [("alice", 1), ("mona", 2), ("ada", 3), ("otto", 1)])
def test_sums_are_seen_by_whoever_sees_their_owner_today(person, rows, alice, otto, request):
    user = request.getfixturevalue(person)
    run = NightRun.objects.create(
        as_of=AS_OF, policy=Policy.objects.get(), started_at="2025-03-11T00:00Z", state="finished"
    )
    figures = {"run": run, "grade": "key", "customers": 1, "eligible": 1, "value": 1}
    for owner in (alice, otto, None):
        OwnerSummary.objects.create(owner=owner, **figures)
        NightSummary.objects.create(owner=owner, **figures)

    for sums in (OwnerSummary, NightSummary):
        assert sums.objects.visible_to(user).count() == rows
