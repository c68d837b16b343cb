import pytest
from django.urls import reverse

from tests.factories import NightRunFactory
from tiering.models import Policy

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("mona", 200), ("ada", 200)])
def test_managers_and_administrators_read_the_policy(who, status, client, request):
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse("policy")).status_code == status


def test_the_lines_are_those_of_the_last_night(mona, client):
    NightRunFactory(lines={"key": {"inside": "157094.46"}})
    client.force_login(mona)

    lines = client.get(reverse("policy")).context["lines"]

    assert [(line["grade"], str(line["share"])) for line in lines] == [
        ("key", "0.01"),
        ("secondary", "0.19"),
        ("general", "0.3"),
        ("maintain", "0.5"),
    ]
    assert str(lines[0]["from_value"]) == "157094.46"
    assert lines[1]["from_value"] is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_versions(
    count, mona, client, django_assert_num_queries
):
    Policy.objects.bulk_create(Policy(version=2 + n, name="Draft") for n in range(count))
    client.force_login(mona)

    with django_assert_num_queries(8):
        client.get(reverse("policy"))
