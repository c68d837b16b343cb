"""The list of the day: what stands on it, why, and who sees it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from followups.models import FollowUp
from tests.factories import (
    CaseFactory,
    ChurnAlertFactory,
    CustomerFactory,
    FollowUpFactory,
    PromiseFactory,
    StandingFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)  # Tuesday, 10:00 in Shanghai
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


def day(days: int):
    return TODAY + timedelta(days=days)


def graded(owner, **standing):
    customer = standing.pop("customer", None) or CustomerFactory(owner=owner)
    StandingFactory(customer=customer, value_at_risk=Decimal(100), p_none_90=0.4, **standing)
    return customer


def followup(owner, *, due, reason="planned", **fields) -> FollowUp:
    return FollowUpFactory(customer=graded(owner), due_on=day(due), reason=reason, **fields)


def section(client, code):
    sections = client.get(reverse("today")).context["sections"]
    return next(section for section in sections if section.code == code)


def rows(client, code) -> list:
    return [row.followup for row in section(client, code).rows]


@pytest.mark.parametrize(
    ("viewer", "seen"), [("alice", True), ("mona", False), ("otto", False), ("ada", False)]
)
def test_the_list_is_that_of_its_reader(viewer, seen, alice, mona, client, request):
    due = followup(alice, due=0)
    client.force_login(request.getfixturevalue(viewer))

    assert rows(client, "today") == ([due] if seen else [])


@pytest.mark.parametrize(("viewer", "seen"), [("alice", False), ("mona", True), ("otto", False)])
def test_what_nobody_else_can_do_is_on_the_managers_list(viewer, seen, east, client, request):
    request.getfixturevalue("alice")
    left = UserFactory(team=east, is_active=False)
    waiting = [followup(None, due=0), followup(left, due=0)]
    client.force_login(request.getfixturevalue(viewer))

    assert rows(client, "today") == (waiting if seen else [])


def test_a_followup_stands_under_its_day(alice, client):
    due = {days: followup(alice, due=days) for days in (-400, -1, 0, 1, 7, 8)}
    client.force_login(alice)

    assert rows(client, "overdue") == [due[-400], due[-1]]
    assert "oldest 400 days" in client.get(reverse("today")).text
    assert rows(client, "today") == [due[0]]
    assert rows(client, "week") == [due[1], due[7]]


def test_the_dearest_comes_first_among_equals(alice, client):
    cheap, dear, unknown = (followup(alice, due=0) for _ in range(3))
    type(dear.customer.standing).objects.filter(customer=dear.customer).update(value_at_risk=900)
    type(dear.customer.standing).objects.filter(customer=unknown.customer).update(
        value_at_risk=None
    )
    client.force_login(alice)

    assert rows(client, "today") == [dear, cheap, unknown]


def test_figures_count_each_customer_once(alice, client):
    twice = followup(alice, due=0)
    FollowUpFactory(customer=twice.customer, due_on=day(0), reason="cadence")
    followup(alice, due=-1)
    graded(alice)
    FollowUpFactory(customer=graded(alice), state="done", closed_at=NOW, due_on=day(0))
    FollowUpFactory(
        customer=graded(alice), state="done", closed_at=NOW - timedelta(days=1), due_on=day(0)
    )
    client.force_login(alice)

    page = client.get(reverse("today"))

    counts = page.context["counts"]
    assert (counts.done, counts.planned, counts.overdue, counts.today) == (1, 4, 1, 2)
    assert (counts.at_risk["today"], counts.at_risk["all"], counts.book_at_risk) == (100, 200, 500)
    assert section(client, "today").at_risk == 100
    assert (counts.book, counts.waiting) == (5, 3)


def test_whoever_still_buys_and_has_no_date_is_listed_dearest_first(alice, mona, client):
    cheap = graded(alice)
    dear = graded(alice)
    type(dear.standing).objects.filter(customer=dear).update(value_at_risk=900)
    graded(alice, eligible=False)
    graded(mona)
    CustomerFactory(owner=alice)
    followup(alice, due=100)
    client.force_login(alice)

    page = client.get(reverse("today"))

    assert [row.customer for row in page.context["unplanned"]] == [dear, cheap]


def why(client) -> str:
    page = client.get(reverse("today")).content.decode()
    return page.split('class="why">')[1].split("</p>")[0]


def test_why_an_alert(alice, client):
    customer = graded(alice)
    alert = ChurnAlertFactory(customer=customer, silent_days=63, long_gap=41.3)
    FollowUpFactory(customer=customer, alert=alert, due_on=day(0))
    client.force_login(alice)

    assert "Silent <b>63</b> days; 9 of 10 of its gaps were under 41 days." in why(client)


def test_why_a_regular_contact(alice, client):
    customer = graded(alice, grade="key")
    VisitFactory(customer=customer, happened_at=NOW - timedelta(days=31))
    VisitFactory(customer=customer, happened_at=NOW - timedelta(days=2), outcome="missed")
    FollowUpFactory(customer=customer, reason="cadence", due_on=day(0))
    client.force_login(alice)

    sentence = "Key service is a visit every 14 days; the last was <b>31 days</b> ago."
    assert sentence in why(client)


def test_why_a_promise_a_case_and_what_was_agreed(alice, client):
    customer = graded(alice)
    visit = VisitFactory(customer=customer, summary="after the <fair>", happened_at=NOW)
    promise = PromiseFactory(visit=visit, what="A2-70 price list", due_on=day(1))
    case = CaseFactory(customer=customer, opened_on=day(-12), subject="Boxes mislabelled")
    FollowUpFactory(customer=customer, reason="promise", promise=promise, due_on=day(0))
    FollowUpFactory(customer=customer, reason="case", case=case, due_on=day(0))
    FollowUpFactory(customer=customer, reason="planned", dated_by=visit, due_on=day(0))
    client.force_login(alice)

    page = client.get(reverse("today")).content.decode()

    assert "Promised by <b>Wed 12 Mar</b>: A2-70 price list" in page
    assert f"Case {case.number} open <b>12 days</b>: Boxes mislabelled" in page
    assert "Agreed on <b>11 Mar</b>: “after the &lt;fair&gt;”" in page


def test_money_is_written_out(alice, client):
    StandingFactory(
        customer=CustomerFactory(owner=alice),
        p_none_90=0.58,
        value=Decimal(99900),
        value_at_risk=Decimal("14287.07"),
    )
    client.force_login(alice)

    page = client.get(reverse("today")).content.decode()

    assert "Value at risk: 58 % × ¥99,900 × 90/365 = ¥14,287" in page
    assert 'value="14287.07"' in page


def test_later_than_usual_is_a_badge(alice, client):
    graded(alice, later_than_usual=True)
    client.force_login(alice)

    assert "later than usual" in client.get(reverse("today")).content.decode()


def test_a_row_says_what_else_is_open_for_its_customer(alice, client):
    first = followup(alice, due=0)
    case = CaseFactory(customer=first.customer)
    FollowUpFactory(customer=first.customer, due_on=day(30), reason="case", case=case)
    followup(alice, due=0)
    client.force_login(alice)

    assert [each.others for each in rows(client, "today")] == [1, None]
    page = client.get(reverse("today")).content.decode()
    assert page.count("1 more for this customer") == 1
    assert f"/follow-ups/?q={first.customer.code}" in page


def test_empty_sections_say_what_comes_there(alice, client):
    client.force_login(alice)

    page = client.get(reverse("today")).content.decode()

    assert "Nothing is late." in page
    assert "No customers of your own yet." in page


def test_a_long_section_goes_on_where_it_stopped(alice, client):
    due = [followup(alice, due=0) for _ in range(10)]
    client.force_login(alice)

    assert section(client, "today").more == 2
    more = client.get(reverse("today_more", args=["today"]), {"page": "2"})

    assert [row.followup for row in more.context["section"].rows] == due[8:]
    assert more.context["section"].more == 0


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "²"])
def test_a_page_that_is_not_there_is_no_fault(page, alice, client):
    client.force_login(alice)

    assert client.get(reverse("today_more", args=["week"]), {"page": page}).status_code == 200


def test_a_section_that_is_not_there_is_not_found(alice, client):
    client.force_login(alice)

    assert client.get(reverse("today_more", args=["later"])).status_code == 404


@pytest.mark.parametrize(
    ("viewer", "template"),
    [
        ("alice", "followups/today.html"),
        ("mona", "followups/dashboard.html"),
        ("ada", "followups/dashboard.html"),
    ],
)
def test_salespeople_begin_with_their_day_and_managers_with_their_team(
    viewer, template, client, request
):
    client.force_login(request.getfixturevalue(viewer))

    assert template in [used.name for used in client.get(reverse("home")).templates]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    for _ in range(count):
        for days in (-1, 0, 1):
            row = followup(alice, due=days)
            VisitFactory(customer=row.customer)
        FollowUpFactory(customer=graded(alice), state="done", closed_at=NOW, visit=VisitFactory())
        graded(alice)
    client.force_login(alice)
    client.get(reverse("today"))

    with django_assert_num_queries(11):
        client.get(reverse("today"))


def test_what_is_late_stands_by_the_money_at_risk(alice, client):
    for code, risk, days in (("SMALL", 10, 90), ("LARGE", 900, 2), ("NONE", None, 30)):
        customer = CustomerFactory(owner=alice, code=code)
        StandingFactory(customer=customer, value_at_risk=risk)
        FollowUpFactory(customer=customer, due_on=TODAY - timedelta(days=days))
    client.force_login(alice)

    section = client.get(reverse("today")).context["sections"][0]

    assert [row.customer.code for row in section.rows] == ["LARGE", "SMALL", "NONE"]
