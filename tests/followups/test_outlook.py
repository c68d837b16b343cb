"""How customers behave and whose grade is about to change: counted, opened, said."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.factories import AS_OF, CustomerFactory, StandingFactory
from tiering.models import Standing

pytestmark = pytest.mark.django_db

UP, DOWN, LEAVES = Standing.Watch.UP, Standing.Watch.DOWN, Standing.Watch.LEAVES


@pytest.fixture
def book(alice, otto):
    """Alice's customers by code, one of Otto's beside them."""
    rows = {
        "LOYAL": {"behaviour": "loyal", "value": 900},
        "UP": {"behaviour": "growing", "value": 500, "watch": UP},
        "UP2": {"behaviour": "growing", "value": 40, "watch": UP},
        "DOWN": {"behaviour": "sleeping", "value": 10, "watch": DOWN},
        "GOES": {"behaviour": "sleeping", "value": 5, "watch": LEAVES},
    }
    for place, (code, fields) in enumerate(rows.items()):
        if "watch" in fields:
            fields |= {"watch_level": "general", "watch_on": AS_OF + timedelta(days=9 - place)}
        StandingFactory(customer=CustomerFactory(owner=alice, code=code), **fields)
    StandingFactory(
        customer=CustomerFactory(owner=otto, code="OTTO"), behaviour="loyal", value=7, watch=UP
    )


def listed(client, **query):
    return client.get(reverse("customers"), query).context["listing"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"behaviour": "growing"}, ["UP", "UP2"]),
        ({"behaviour": "loyal"}, ["LOYAL"]),
        ({"behaviour": "promising"}, []),
        ({"watch": "up"}, ["UP", "UP2"]),
        ({"watch": "down"}, ["DOWN"]),
        ({"watch": "leaves"}, ["GOES"]),
        ({"watch": "any"}, ["UP", "UP2", "DOWN", "GOES"]),
        ({"watch": "any", "sort": "change"}, ["GOES", "DOWN", "UP2", "UP"]),
        ({"watch": "sideways"}, []),
    ],
)
def test_the_list_is_filtered_by_behaviour_and_by_what_is_coming(query, found, book, alice, client):
    client.force_login(alice)

    assert [row.code for row in listed(client, **query).page] == found


def test_the_list_and_its_file_say_when(book, alice, client):
    client.force_login(alice)

    text = client.get(reverse("customers"), {"watch": "down"}).text
    file = client.get(reverse("customers"), {"watch": "down", "export": "csv"})

    assert "falls 16 Mar 2025" in text
    assert b"Sleeping,Falls,2025-03-16" in file.getvalue()


def test_the_dashboard_counts_whom_the_list_opens(book, mona, ada, client):
    for viewer, growing, loyal in ((mona, (2, 540), (1, 900)), (ada, (2, 540), (2, 907))):
        client.force_login(viewer)
        page = client.get(reverse("dashboard"))
        seen = page.context["outlook"]

        groups = {each.code: each for each in [*seen.behaviours, *seen.watched]}
        assert [(groups[n].customers, groups[n].value) for n in ("growing", "loyal")] == [
            growing,
            loyal,
        ]
        assert seen.changing == 4 + (viewer == ada)
        for code, group in groups.items():
            pattern = rf'href="([^"]*(?:behaviour|watch)={code})(?:&amp;sort=change)?"'
            (address,) = set(re.findall(pattern, page.text))
            rows = client.get(address).context["listing"]
            assert (rows.totals["count"], rows.totals["value"] or 0) == (
                group.customers,
                group.value,
            )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"behaviour": "loyal"}, "It buys steadily and does not grow."),
        ({"behaviour": "growing", "growth": 0.2}, "has grown by 50 %."),
        ({"behaviour": "growing", "growth": 1.0}, "and nothing in the 180 days"),
        ({"behaviour": "sleeping", "silent_days": 200}, "It has not ordered for 200 days."),
        ({"behaviour": "promising", "order_days": 0, "first_order_on": None}, "not ordered yet"),
        ({"behaviour": "promising", "first_order_on": date(2025, 2, 1)}, "It first ordered on 1"),
        ({"behaviour": "promising"}, "small, and rated high"),
    ],
)
def test_the_customer_page_says_how_it_behaves_and_what_to_do(fields, said, alice, client):
    customer = CustomerFactory(owner=alice)
    StandingFactory(customer=customer, **fields)
    client.force_login(alice)

    assert said in " ".join(client.get(customer.get_absolute_url()).text.split())


def test_programs_read_behaviour_and_watch(book, alice, client):
    client.force_login(alice)

    (row,) = client.get("/api/v1/standings/", {"behaviour": "growing", "customer": "UP"}).json()[
        "results"
    ]

    assert (row["behaviour"], row["watch"], row["watch_level"]) == ("growing", "up", "general")
    assert Decimal(row["value"]) == 500
