"""The page of the policy in force and of every version: who reads what, and in which words."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.factories import AS_OF, NightRunFactory
from tests.tiering.books import book_of_values, shares
from tiering.models import NightRun, Policy
from tiering.policy_page import versions_of
from tiering.policy_sentences import calmness_sentences, per_cent
from tiering.services import run_night

pytestmark = pytest.mark.django_db

VERSIONS = {"policy": [], "policy_version": [1], "policy_preview": [1]}


def lines(client):
    return client.get(reverse("policy")).context["told"].levels


@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("mona", 200), ("ada", 200)])
@pytest.mark.parametrize("name", VERSIONS)
def test_managers_and_administrators_read_policies(who, status, name, client, request):
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse(name, args=VERSIONS[name])).status_code == status


def test_the_lines_are_those_of_the_last_night(mona, client):
    NightRunFactory(lines={"key": {"inside": "157094.46", "places": 17}})
    client.force_login(mona)

    found = lines(client)

    assert [(line.grade, line.share_in_words) for line in found] == [
        ("key", "1 %"),
        ("secondary", "19 %"),
        ("general", "30 %"),
        ("maintain", "50 %"),
    ]
    assert (found[0].from_score, found[0].places) == ("¥157,094.46", 17)
    assert found[1].from_score == ""


def test_the_lines_of_a_night_are_not_those_of_another_version(mona, client):
    NightRunFactory(lines={"key": {"inside": "157094.46", "places": 17}})
    Policy.objects.create(version=2, name="Next", valid_from=AS_OF)
    client.force_login(mona)

    assert {line.from_score for line in lines(client)} == {""}


def test_the_page_says_why_the_book_adapted_the_policy(mona, client):
    NightRunFactory(reasons=["no_model", "small_book"])
    client.force_login(mona)

    page = client.get(reverse("policy")).content.decode()

    assert "Fewer than 100 customers" in page
    assert "too few to tell who will order again" in page


def test_every_version_says_in_which_state_it_is():
    proposed = datetime(2025, 3, 10, tzinfo=UTC)
    Policy.objects.create(version=2, name="B", valid_from=date(2025, 1, 1))
    Policy.objects.create(version=3, name="C", valid_from=date(2025, 4, 1))
    Policy.objects.create(version=4, name="D")
    Policy.objects.create(version=5, name="E", proposed_at=proposed)

    found = versions_of(Policy.objects.all(), day=AS_OF)

    assert [(each.policy.version, each.state) for each in found] == [
        (5, "proposed"),
        (4, "draft"),
        (3, "scheduled"),
        (2, "in_force"),
        (1, "past"),
    ]
    assert found[-1].begins_with_the_book


def test_calmness_is_said_in_sentences():
    policy = Policy(version=2, band="7.5", nights_up=1, one_step=True, propose_only=True)

    assert calmness_sentences(policy) == [
        "A better grade is shown after 1 night clearly above a line.",
        "A lower grade is shown after 30 nights clearly below a line.",
        "Clearly is more than 7.5 % of the places of that line away from it.",
        "Nobody falls within 90 days of the first order.",
        "An open churn alert prevents a fall for 60 days at most.",
        "A change goes one level at a time.",
        "Changes wait until a person approves them.",
    ]


@pytest.mark.parametrize(("part", "words"), [(".0584", "5.84 %"), (".1", "10 %"), ("1", "100 %")])
def test_shares_have_as_many_decimals_as_they_need(part, words):
    assert per_cent(Decimal(part)) == words


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_versions(
    count, mona, client, django_assert_num_queries
):
    Policy.objects.bulk_create(Policy(version=2 + n, name="Draft", by=mona) for n in range(count))
    client.force_login(mona)

    with django_assert_num_queries(7):
        client.get(reverse("policy"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_version_costs_the_same_for_any_number_of_others(
    count, mona, client, django_assert_num_queries
):
    Policy.objects.bulk_create(Policy(version=2 + n, name="Draft", by=mona) for n in range(count))
    client.force_login(mona)

    with django_assert_num_queries(8):
        client.get(reverse("policy_version", args=[1]))


def test_a_manager_reads_a_draft_and_what_it_would_do_but_has_no_form(mona, client):
    book_of_values(*range(300, 100, -1))
    run_night(as_of=AS_OF)
    draft = Policy.objects.create(
        version=2, name="Next", basis="value", shares=shares(5, 15, 30, 50)
    )
    client.force_login(mona)

    page, index = (
        client.get(address).content.decode()
        for address in (reverse("policy_version", args=[draft.version]), reverse("policy"))
    )

    assert 'id="draft"' not in page + index
    assert reverse("policy_preview", args=[draft.version]) in page
    assert "data-policy-curve" in index
    in_force, other = (reverse("policy_preview", args=[version]) for version in (1, 2))
    assert (in_force in index, other in index) == (True, False)
    said = "Grades follow them calmly"
    assert [said in client.get(each).content.decode() for each in (in_force, other)] == [
        True,
        False,
    ]
    assert NightRun.objects.count() == 1
