"""The manager's dashboard: whose customers, which figures, at what cost."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from crm.models import Customer
from followups import dashboard as figures
from tests.factories import (
    AS_OF,
    ChurnAlertFactory,
    CustomerFactory,
    FollowUpFactory,
    NightRunFactory,
    StandingFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(AS_OF, tick=False):
        yield AS_OF


def make_customer(owner, value="1000", grade="general", **customer):
    customer = CustomerFactory(owner=owner, region="East", industry="Tools", **customer)
    StandingFactory(customer=customer, value=Decimal(value), grade=grade)
    return customer


def make_row(owner, **customer):
    customer = make_customer(owner, **customer)
    ChurnAlertFactory(customer=customer)
    FollowUpFactory(customer=customer, due_on=AS_OF - timedelta(days=3))


def open_board(client, user, **query):
    client.force_login(user)
    return client.get(reverse("dashboard"), query)


def test_a_salesperson_has_no_dashboard(alice, client):
    assert open_board(client, alice).status_code == 403


def test_a_manager_sees_the_team_and_nobody_elses_customers(alice, otto, mona, client):
    make_row(alice)
    make_row(otto, value="777000")

    page = open_board(client, mona)

    assert page.context["customers_total"] == 1
    assert page.context["value_total"] == Decimal(1000)
    assert page.context["alerts_total"] == page.context["overdue_total"] == 1
    assert [line.name for line in page.context["sellers"]] == ["Alice Ai"]
    assert "777" not in page.content.decode()


def test_an_administrator_sees_every_team_and_can_choose_one(alice, otto, ada, client):
    make_row(alice)
    make_row(otto)

    assert open_board(client, ada).context["customers_total"] == 2
    assert open_board(client, ada, team=otto.team.pk).context["customers_total"] == 1


def test_a_manager_cannot_choose_a_foreign_team(otto, mona, client):
    make_row(otto)

    assert open_board(client, mona, team=otto.team.pk).context["customers_total"] == 0


def test_sub_teams_belong_to_the_team(mona, east, client):
    make_row(UserFactory(team=TeamFactory(parent=east)))

    assert open_board(client, mona).context["customers_total"] == 1


def test_a_manager_without_a_team_is_told_so(client):
    manager = UserFactory(role="manager", team=None)
    make_row(UserFactory(team=None))

    page = open_board(client, manager)

    assert page.context["customers_total"] == 0
    assert "You do not manage a team yet" in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_book(
    count, alice, mona, client, django_assert_num_queries
):
    for number in range(count):
        make_row(alice, code=f"D-{number}")
    client.force_login(mona)

    with django_assert_num_queries(18):
        client.get(reverse("dashboard"))


def test_shares_add_up_and_a_negative_value_has_none(alice):
    make_customer(alice, value="900", grade="key")
    make_customer(alice, value="100", grade="general")
    make_customer(alice, value="-50", grade="maintain")

    lines = {line.grade: line for line in figures.by_grade(Customer.objects.all())}

    assert lines["key"].value_share == pytest.approx(0.9)
    assert lines["maintain"].value_share == 0
    assert sum(line.customers_share for line in lines.values()) == pytest.approx(1)


def test_the_vital_few_are_those_that_make_the_first_80_per_cent(alice):
    for value in ("500", "300", "100", "60", "40", "-10"):
        make_customer(alice, value=value)

    curve = figures.vital_few(Customer.objects.all())

    assert curve.vital == 2
    assert curve.points[0] == (1, 0.5)
    assert curve.points[-1] == (5, 1.0)


def test_an_empty_book_has_no_curve():
    assert figures.vital_few(Customer.objects.all()).vital is None


def test_the_structure_adds_up_to_the_book(alice):
    make_customer(alice, value="900")
    CustomerFactory(owner=alice)
    StandingFactory(customer__owner=alice, customer__region="West", value=Decimal(100))

    table = figures.structure(Customer.objects.all())

    assert (table["shown"], table["total"]) == (Decimal(900), Decimal(1000))


def test_before_the_first_night_the_page_says_what_to_do(mona, client):
    assert "No night has run yet" in open_board(client, mona).content.decode()


def test_late_is_before_today_and_the_oldest_is_named(alice, mona, client):
    make_row(alice)
    FollowUpFactory(customer=make_customer(alice), due_on=AS_OF)
    NightRunFactory()

    line = open_board(client, mona).context["sellers"][0]

    assert (line.overdue, line.oldest) == (1, date(2025, 3, 7))


def test_the_script_reads_the_place_as_a_number(alice, mona, client, monkeypatch):
    make_customer(alice)
    curve = figures.Curve([(1, 0.1), (1234, 0.8), (2000, 1.0)], 1234)
    monkeypatch.setattr(figures, "vital_few", lambda customers: curve)

    assert 'data-vital="1234"' in open_board(client, mona).content.decode()


def test_each_number_opens_rows_that_add_up_to_it(alice, otto, ada, client):
    for owner, value in ((alice, "1000"), (otto, "500"), (None, "50")):
        customer = make_customer(owner, value=value)
        ChurnAlertFactory(customer=customer)
        FollowUpFactory(customer=customer, assignee=owner, due_on=AS_OF - timedelta(days=3))
    page = open_board(client, ada)

    opened = {}
    for address in sorted(
        set(re.findall(r'href="(/(?:customers|alerts|follow-ups)/[^"]*)"', page.content.decode()))
    ):
        listing = client.get(address.replace("&amp;", "&")).context["listing"]
        opened[address] = listing.totals["count"]

    assert opened["/alerts/?pool=1"] == opened[f"/alerts/?owner={alice.pk}"] == 1
    assert opened["/follow-ups/?when=overdue"] == 3
    assert opened["/follow-ups/?when=overdue&amp;assignee=none"] == 1
    assert opened["/customers/?grade=general"] == 3
    assert opened["/customers/?grade=key"] == 0
    assert opened["/customers/?region=East&amp;industry=Tools&amp;sort=-value"] == 3
