"""The list of customers: scope, filters, totals, order, files; and giving customers away."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.models import Customer, OwnerChange, Tag
from followups.models import FollowUp
from tests.factories import (
    AS_OF,
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    StandingFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

URL = "/customers/"


def listing(client, **query):
    return client.get(URL, query).context["listing"]


def codes(client, **query):
    return [customer.code for customer in listing(client, **query).page]


def exported(client, **query):
    response = client.get(URL, {**query, "export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def book(alice):
    """Five customers of alice, each of another kind."""

    def customer(code, **fields):
        return CustomerFactory(code=code, owner=alice, **fields)

    key = customer("KEY", name="昆山恒力", region="East", industry="Metal", phone="0512 1234")
    general = customer("GEN", name="Bolts", region="West", industry="Metal")
    quiet = customer("QUIET", name="Zinc")
    gone = customer("GONE", name="Gone")
    customer("NEW", name="New")
    StandingFactory(
        customer=key, grade="key", value=900, rank=1, silent_days=2, value_at_risk=9, usual_gap=18.4
    )
    StandingFactory(
        customer=general, value=100, rank=3, silent_days=63, later_than_usual=True, value_at_risk=50
    )
    StandingFactory(customer=quiet, value=200, rank=2, silent_days=30, value_at_risk=70)
    StandingFactory(customer=gone, grade="maintain", eligible=False, value=0, rank=None)
    ChurnAlertFactory(customer=quiet)
    ChurnAlertFactory(customer=key, state="closed", closed_on=date(2025, 3, 1), outcome="ordered")
    FollowUpFactory(customer=key, due_on=date(2025, 3, 20))
    FollowUpFactory(customer=key, due_on=date(2025, 3, 15), reason="cadence")
    FollowUpFactory(customer=general, due_on=date(2025, 3, 1))


@pytest.mark.parametrize(
    ("viewer", "sees"), [("alice", True), ("mona", True), ("ada", True), ("otto", False)]
)
def test_rows_totals_and_file_are_in_scope(viewer, sees, alice, client, request):
    StandingFactory(customer__owner=alice, customer__code="C1", value=12)
    client.force_login(request.getfixturevalue(viewer))

    assert codes(client) == (["C1"] if sees else [])
    assert listing(client).totals == {
        "count": int(sees),
        "value": Decimal(12) if sees else None,
        "at_risk": None,
    }
    assert len(exported(client)) == int(sees)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("viewer", "queries"), [("alice", 7), ("mona", 12)])
def test_the_list_costs_the_same_for_any_length(
    viewer, queries, count, alice, client, django_assert_num_queries, request
):
    for n in range(count):
        customer = CustomerFactory(owner=alice, region=f"R{n}")
        StandingFactory(customer=customer)
        ContactFactory(customer=customer, mobile="138")
        FollowUpFactory(customer=customer)
        ChurnAlertFactory(customer=customer)
        StandingFactory(customer__owner=alice, watch=-1, watch_on=AS_OF, signals={"late": []})
    client.force_login(request.getfixturevalue(viewer))

    with django_assert_num_queries(queries):
        client.get(URL)


@pytest.mark.parametrize("count", [1, 3])
def test_the_file_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    StandingFactory.create_batch(count, customer__owner=alice, watch=-1, watch_on=AS_OF)
    client.force_login(alice)

    with django_assert_num_queries(4):
        assert len(exported(client)) == count


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"grade": "key"}, {"KEY"}),
        ({"grade": "maintain"}, {"GONE"}),
        ({"grade": "inactive"}, {"GONE"}),
        ({"grade": "none"}, {"NEW"}),
        ({"eligible": "1"}, {"KEY", "GEN", "QUIET"}),
        ({"eligible": "0"}, {"GONE"}),
        ({"region": "East"}, {"KEY"}),
        ({"industry": "Metal"}, {"KEY", "GEN"}),
        ({"industry": "Metal", "region": "West"}, {"GEN"}),
        ({"alert": "open"}, {"QUIET"}),
        ({"late": "1"}, {"GEN"}),
        ({"planned": "none"}, {"QUIET", "GONE", "NEW"}),
        ({"q": "恒力"}, {"KEY"}),
        ({"q": "05121234"}, {"KEY"}),
        ({"pool": "1"}, set()),
        ({"grade": "golden"}, set()),
        ({"region": "North"}, set()),
    ],
)
def test_filters(query, found, book, alice, client):
    client.force_login(alice)

    page = listing(client, **query)

    assert {customer.code for customer in page.page} == found
    assert page.totals["count"] == len(found)
    assert {row["Code"] for row in exported(client, **query)} == found


def test_a_manager_filters_by_owner_team_and_pool_and_an_outsider_is_no_choice(
    alice, mona, otto, east, client
):
    sub = TeamFactory(parent=east)
    CustomerFactory(code="A", owner=alice)
    CustomerFactory(code="S", owner=UserFactory(team=sub))
    CustomerFactory(code="P", owner=None)
    CustomerFactory(code="O", owner=otto)
    client.force_login(mona)

    assert codes(client, owner=alice.pk) == ["A"]
    assert codes(client, team=sub.pk) == ["S"]
    assert set(codes(client, team=east.pk)) == {"A", "S"}
    assert codes(client, pool=1) == ["P"]
    assert codes(client, owner=otto.pk) == []
    assert codes(client, team=otto.team_id) == []


def test_a_salesperson_sees_no_other_people_regions_or_teams(alice, otto, client):
    CustomerFactory(owner=otto, region="Secret region", industry="Secret industry")
    client.force_login(alice)

    page = client.get(URL).content.decode()

    for hidden in ("Secret region", "Secret industry", "Otto Ou", "West"):
        assert hidden not in page


def test_customers_with_a_tag(alice, client):
    tag = Tag.objects.create(name="VIP")
    CustomerFactory(owner=alice, code="T").tags.add(tag)
    CustomerFactory(owner=alice)
    client.force_login(alice)

    assert codes(client, tag=tag.pk) == ["T"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["KEY", "QUIET", "GEN", "GONE", "NEW"]),
        ("value", ["GONE", "GEN", "QUIET", "KEY", "NEW"]),
        ("-risk", ["QUIET", "GEN", "KEY", "GONE", "NEW"]),
        ("name", ["GEN", "GONE", "NEW", "QUIET", "KEY"]),
        ("grade", ["KEY", "QUIET", "GEN", "GONE", "NEW"]),
        ("-silent", ["GEN", "GONE", "QUIET", "KEY", "NEW"]),
        ("next", ["GEN", "KEY", "QUIET", "GONE", "NEW"]),
        ("owner__password", ["KEY", "QUIET", "GEN", "GONE", "NEW"]),
    ],
)
def test_order(sort, order, book, alice, client):
    client.force_login(alice)

    assert codes(client, sort=sort) == order
    assert [row["Code"] for row in exported(client, sort=sort)] == order


def test_totals_are_of_the_filtered_rows(book, alice, client):
    client.force_login(alice)

    totals = listing(client, industry="Metal").totals

    assert totals == {"count": 2, "value": Decimal(1000), "at_risk": Decimal(59)}


def test_a_row_says_what_the_night_and_the_queue_know(book, alice, client):
    client.force_login(alice)

    rows = {customer.code: customer for customer in listing(client).page}
    page = client.get(URL).content.decode()

    assert rows["KEY"].next_due_on == date(2025, 3, 15)
    assert (rows["QUIET"].alert_open, rows["KEY"].alert_open) == (True, False)
    assert rows["KEY"].call == "0512 1234"
    assert "usually 18" in page
    assert "1 Mar, overdue" in page
    assert 'href="tel:05121234"' in page


def test_the_number_to_call_is_of_the_first_contact(alice, client):
    customer = CustomerFactory(owner=alice, phone="1")
    ContactFactory(customer=customer, phone="2")
    ContactFactory(customer=customer, mobile="3", phone="4", is_primary=True)
    client.force_login(alice)

    assert listing(client).page[0].call == "3"


def test_the_file_is_the_list_and_every_page_of_it(alice, client):
    for n in range(53):
        StandingFactory(customer__owner=alice, customer__code=f"C{n:02}", value=n)
    client.force_login(alice)

    rows = [code for page in (1, 2, 3) for code in codes(client, page=page)]
    file = exported(client)

    assert [row["Code"] for row in file] == rows
    assert sum(Decimal(row["Value, 12 months"]) for row in file) == listing(client).totals["value"]


def test_the_search_box_is_focused_only_when_asked_for(alice, client):
    client.force_login(alice)

    assert " autofocus" in client.get(URL, {"focus": "search"}).content.decode()
    assert " autofocus" not in client.get(URL).content.decode()


def test_an_empty_list_says_what_to_do(alice, client):
    client.force_login(alice)

    page = client.get(URL).content.decode()

    assert "You have no customers yet." in page
    assert reverse("customer_new") in page


# Giving customers to somebody else


@pytest.fixture
def bo(east):
    return UserFactory(name="Bo Bai", team=east)


def chosen(*customers, to, **more):
    return {"customers": [c.pk for c in customers], "to_owner": to.pk, **more}


def test_a_preview_counts_and_changes_nothing(alice, mona, bo, client):
    hers = StandingFactory(customer__owner=alice, value=500).customer
    pooled = CustomerFactory(owner=None)
    client.force_login(mona)

    response = client.post(reverse("customers_assign"), chosen(hers, pooled, to=bo))

    page = response.content.decode()
    assert "2 customers for Bo Bai" in page
    assert [(g["owner_name"], g["count"], g["value"]) for g in response.context["groups"]] == [
        ("Alice Ai", 1, Decimal(500)),
        (None, 1, None),
    ]
    assert Customer.objects.filter(owner=bo).count() == 0


def test_confirmed_customers_move_with_their_follow_ups_and_a_record(alice, mona, bo, client):
    hers, pooled = CustomerFactory(owner=alice), CustomerFactory(owner=None)
    followup = FollowUpFactory(customer=hers)
    client.force_login(mona)

    response = client.post(
        reverse("customers_assign"),
        chosen(hers, pooled, to=bo, confirmed="1", reason="New area", back="grade=key"),
        follow=True,
    )

    assert response.redirect_chain == [("/customers/?grade=key", 302)]
    assert "2 customers are with Bo Bai now." in response.content.decode()
    assert set(Customer.objects.values_list("owner", flat=True)) == {bo.pk}
    assert FollowUp.objects.get(pk=followup.pk).assignee == bo
    assert set(OwnerChange.objects.values_list("from_owner", "to_owner", "by", "reason")) == {
        (alice.pk, bo.pk, mona.pk, "New area"),
        (None, bo.pk, mona.pk, "New area"),
    }


@pytest.mark.parametrize("foreign", ["customer", "person"])
@pytest.mark.parametrize("confirmed", ["", "1"])
def test_what_is_out_of_scope_is_not_found_and_nothing_moves(
    foreign, confirmed, alice, mona, otto, bo, client
):
    hers, theirs = CustomerFactory(owner=alice), CustomerFactory(owner=otto)
    client.force_login(mona)
    data = chosen(hers, theirs, to=bo) if foreign == "customer" else chosen(hers, to=otto)

    response = client.post(reverse("customers_assign"), {**data, "confirmed": confirmed})

    assert response.status_code == 404
    assert not OwnerChange.objects.exists()
    assert {c.owner for c in Customer.objects.all()} == {alice, otto}


def test_a_salesperson_may_not_give_customers_away(alice, bo, client):
    customer = CustomerFactory(owner=alice)
    client.force_login(alice)

    response = client.post(reverse("customers_assign"), chosen(customer, to=bo, confirmed="1"))

    assert response.status_code == 403
    assert Customer.objects.get().owner == alice
    assert "customers_assign" not in client.get(URL).content.decode()
    assert 'name="customers"' not in client.get(URL).content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"to_owner": "bo"}, "Choose at least one customer."),
        ({"customers": "hers"}, "Choose who is to have these customers."),
    ],
)
def test_half_a_choice_is_asked_for_the_rest(data, said, alice, mona, bo, client):
    pks = {"bo": bo.pk, "hers": CustomerFactory(owner=alice).pk}
    client.force_login(mona)

    response = client.post(
        reverse("customers_assign"), {k: pks[v] for k, v in data.items()}, follow=True
    )

    assert said in response.content.decode()
    assert not OwnerChange.objects.exists()
