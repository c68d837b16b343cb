"""What programs are told of a past night costs the same for any book."""

from datetime import timedelta

import pytest

from tests.factories import AS_OF
from tests.tiering.books import customers, order
from tiering.services import run_night

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-04-20 04:00")]


@pytest.mark.parametrize("count", [1, 3])
def test_a_past_night_costs_programs_the_same_for_any_length(
    count, alice, client, django_assert_num_queries
):
    for each in customers(count, owner=alice):
        order(each, 0)
    for days in (0, 1):
        run_night(as_of=AS_OF + timedelta(days=days))
    client.force_login(alice)

    with django_assert_num_queries(6):
        answer = client.get("/api/v1/standings/", {"as_of": AS_OF.isoformat()})

    assert answer.json()["count"] == count
