"""The page of proposed changes of grade: who sees and decides what, in how many queries."""

from datetime import timedelta

import pytest

from crm.templatetags.marks import grade_badge
from tests.factories import (
    AS_OF,
    CustomerFactory,
    GradeProposalFactory,
    NightRunFactory,
    StandingFactory,
    UserFactory,
)
from tiering.models import GradeProposal, Policy, Standing
from tiering.services.presets import settings_of_preset
from tiering.templatetags.levels import level_badge

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

URL, DECIDE = "/proposals/", "/decide/proposals/"


@pytest.fixture
def propose(alice):
    """A proposal for a customer that stands where it says."""

    def make(code, owner=alice, value=100, **fields):
        customer = CustomerFactory(owner=owner, code=code)
        proposal = GradeProposalFactory(customer=customer, **fields)
        StandingFactory(
            customer=customer,
            grade=proposal.from_level,
            level=proposal.from_level,
            value=value,
            state=bytes([2, 1, 5, 5, 5, 0, 0, 0, 0, 0, 0]),
        )
        return proposal

    return make


def listed(client, **query) -> list[str]:
    return [row.customer.code for row in client.get(URL, query).context["listing"].page]


def levels() -> dict[str, str]:
    return dict(Standing.objects.values_list("customer__code", "level"))


def test_a_badge_of_a_level_has_the_letter_of_its_grade_and_its_own_name():
    policy = Policy(**settings_of_preset("ten_levels"))
    policy.levels[1]["names"] = {"en": "Gold & silver"}

    second, last = level_badge(policy, "2"), level_badge(policy, "10")
    assert 'data-g="secondary"><i aria-hidden="true">S</i>Gold &amp; silver</span>' in second
    assert 'data-g="maintain"><i aria-hidden="true">M</i>10</span>' in last
    assert level_badge(policy, "key") == level_badge(None, "key") == grade_badge("key")


def test_what_was_decided_under_another_policy_has_its_names_and_its_way(propose, ada, client):
    names = [("1", "key", "Gold"), ("2", "general", "Silver")]
    levels = [{"code": code, "grade": grade, "names": {"en": name}} for code, grade, name in names]
    former = Policy.objects.create(version=2, levels=levels)
    night = NightRunFactory(as_of=AS_OF - timedelta(days=9), policy=former)
    state = GradeProposal.State.APPROVED
    GradeProposalFactory(
        proposed_on=night.as_of, from_level="2", to_level="1", state=state, customer__owner=ada
    )
    propose("NOW")
    client.force_login(ada)

    rows = client.get(URL, {"state": "all", "way": "up", "export": "csv"})
    text = b"".join(rows.streaming_content).decode()
    assert "Silver,Gold" in text
    assert client.get(URL, {"state": state, "way": "down"}).context["listing"].totals["count"] == 0
    page = client.get(URL, {"state": state}).content.decode()
    assert 'data-g="general"><i aria-hidden="true">G</i>Silver</span>' in page


@pytest.mark.parametrize(
    ("viewer", "sees"), [("mona", ["A"]), ("ada", ["A", "O"]), ("alice", None), ("otto", None)]
)
def test_managers_and_administrators_see_what_waits_in_their_scope(
    viewer, sees, propose, otto, client, request
):
    propose("A")
    propose("O", owner=otto)
    client.force_login(request.getfixturevalue(viewer))

    if sees is None:
        assert client.get(URL).status_code == 403
    else:
        assert listed(client, sort="name") == sees
        assert b"Decide on" in client.get(URL).content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["SOON", "UP", "DOWN"]),
        ({"sort": "-value"}, ["DOWN", "SOON", "UP"]),
        ({"way": "up"}, ["SOON", "UP"]),
        ({"way": "down"}, ["DOWN"]),
        ({"grade": "key"}, ["DOWN"]),
        ({"state": "declined"}, ["OLD"]),
        ({"state": "all"}, ["OLD", "SOON", "UP", "DOWN"]),
        ({"state": "nonsense"}, []),
        ({"q": "DOWN"}, ["DOWN"]),
    ],
)
def test_filters_and_order(query, found, propose, mona, client):
    propose("UP")
    propose("DOWN", value=900, from_level="key", to_level="general", deadline=AS_OF + timedelta(20))
    propose("SOON", value=200, deadline=AS_OF + timedelta(days=3))
    propose("OLD", deadline=AS_OF - timedelta(days=30), state="declined")
    client.force_login(mona)

    assert listed(client, **query) == found


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    count, propose, mona, client, django_assert_num_queries
):
    for number in range(count):
        propose(f"P{number}")
    client.force_login(mona)

    with django_assert_num_queries(10):
        client.get(URL)


def test_chosen_changes_are_shown_first_and_decided_when_that_is_confirmed(propose, mona, client):
    first, second, third = (propose(code) for code in ("A", "B", "C"))
    client.force_login(mona)
    chosen = {"proposals": [first.pk, second.pk], "back": "way=up"}

    page = client.post(DECIDE, chosen)

    assert page.context["changes"] == 2
    assert set(levels().values()) == {"general"}
    response = client.post(DECIDE, chosen | {"decision": "approve"}, follow=True)
    assert response.request["QUERY_STRING"] == "way=up"
    assert "2 changes of grade are approved" in response.text
    assert levels() == {"A": "secondary", "B": "secondary", "C": "general"}
    assert GradeProposal.objects.waiting().get() == third


def test_all_of_a_filter_is_decided_unless_it_has_changed(propose, mona, client):
    for code in ("A", "B"):
        propose(code)
    propose("DOWN", from_level="key", to_level="general")
    client.force_login(mona)
    asked = {"everything": "1", "back": "way=up"}
    assert client.post(DECIDE, asked).context["changes"] == 2

    propose("C")
    late = client.post(DECIDE, asked | {"decision": "decline", "expected": 2}, follow=True)
    assert "has changed since you looked" in late.text
    assert GradeProposal.objects.waiting().count() == 4

    client.post(DECIDE, asked | {"decision": "decline", "expected": 3})
    waiting = GradeProposal.objects.waiting()
    assert [each.customer.code for each in waiting] == ["DOWN"]
    assert set(GradeProposal.objects.filter(state="declined").values_list("decided_by")) == {
        (mona.pk,)
    }


def test_what_somebody_else_has_decided_is_said(propose, mona, client):
    gone, still = propose("GONE", state="approved"), propose("STILL")
    client.force_login(mona)

    response = client.post(
        DECIDE, {"proposals": [gone.pk, still.pk], "decision": "approve"}, follow=True
    )

    assert "1 change of grade is approved" in response.text
    assert "1 change no longer waited" in response.text
    assert levels() == {"GONE": "general", "STILL": "secondary"}


def test_nothing_chosen_is_said(propose, mona, client):
    propose("A")
    client.force_login(mona)

    assert "Choose at least one change." in client.post(DECIDE, follow=True).text


def test_foreign_changes_are_not_found_and_salespeople_decide_nothing(propose, alice, otto, client):
    foreign, own = propose("O", owner=otto), propose("A")
    maria = UserFactory(role="manager", team=otto.team)
    for person, proposal, status in ((maria, own, 404), (alice, own, 403), (otto, foreign, 403)):
        client.force_login(person)
        data = {"proposals": [proposal.pk], "decision": "approve"}
        assert client.post(DECIDE, data).status_code == status

    client.force_login(maria)
    client.post(DECIDE, {"everything": "1", "decision": "approve", "expected": 1})

    assert levels() == {"O": "secondary", "A": "general"}


def test_the_dashboard_says_how_many_wait_in_scope(propose, mona, otto, client):
    propose("A")
    propose("B", state="declined")
    propose("O", owner=otto)
    client.force_login(mona)

    page = client.get("/dashboard/")

    assert page.context["waiting"] == 1
    assert "1 change of grade waits for a decision" in page.text
