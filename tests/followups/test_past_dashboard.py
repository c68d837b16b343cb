"""The dashboard of a past night, the matrix, and the chart of twelve months; one book for all."""

import re
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from crm.models import Customer, Team
from crm.services.ownership import assign
from tests.conftest import make_people
from tests.factories import AS_OF, NightRunFactory, TeamFactory, UserFactory
from tests.tiering.books import customers, order
from tiering.models import OwnerSummary
from tiering.services import run_night

NOW = "2025-04-20 04:00"
pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW)]

NEXT = AS_OF + timedelta(days=1)
LATER = AS_OF + timedelta(days=2)


def open_board(client, user, day=AS_OF, **query):
    client.force_login(user)
    return client.get("/dashboard/", {"as_of": day.isoformat() if day else "", **query})


@pytest.fixture(scope="module")
def people_of_module(rows_of_module):
    return make_people("alice", "mona", "otto", "ada")


@pytest.fixture(scope="module")
def book_of_module(people_of_module):
    """Alice's four, Otto's two and one of the pool, in three nights."""
    alice, otto = people_of_module["alice"], people_of_module["otto"]
    hers = customers(4, "A", owner=alice, region="East", industry="Metal")
    his = customers(2, "O", owner=otto, region="West", industry="Food")
    (free,) = customers(1, "P", region="East", industry="Food")
    for place, each in enumerate([*hers, *his, free]):
        order(each, place * 30, f"{9000 // (place + 1)}.00")
    with time_machine.travel(NOW):
        run_night(as_of=AS_OF)
        order(hers[3], -1, "90000.00")
        run_night(as_of=NEXT)
        run_night(as_of=LATER)
    return hers


@pytest.fixture
def book(book_of_module):
    return deepcopy(book_of_module)


def test_the_past_is_for_managers(alice, book, client):
    assert open_board(client, alice).status_code == 403


def test_the_dashboard_of_a_day_is_the_one_that_was_shown_on_it(book, ada, mona, client):
    seen = {}
    for person in (ada, mona):
        for day in (LATER,):
            page = open_board(client, person, day).context
            seen[person] = {
                "grades": [(line.grade, line.customers, line.value) for line in page["grades"]],
                "matrix": [
                    [(cell.customers, cell.value) for cell in cells]
                    for _grade, cells, _all in page["matrix"].rows
                ],
                "structure": page["structure"]["total"],
                "changed": page["changed"],
            }
    order(book[0], -3, "500000.00")
    run_night(as_of=AS_OF + timedelta(days=3))

    for person in (ada, mona):
        page = open_board(client, person, LATER).context
        assert page["book"].is_past
        again = {
            "grades": [(line.grade, line.customers, line.value) for line in page["grades"]],
            "matrix": [
                [(cell.customers, cell.value) for cell in cells]
                for _grade, cells, _all in page["matrix"].rows
            ],
            "structure": page["structure"]["total"],
            "changed": page["changed"],
        }
        assert again == seen[person]


def test_a_manager_sees_the_people_of_today_with_what_they_had_that_night(
    book, alice, otto, mona, ada, client
):
    assert open_board(client, mona).context["customers_total"] == 5
    lines = {line.name: line.customers for line in open_board(client, mona).context["owners"]}
    assert lines == {"Alice Ai": 4, "": 1}

    assign(customers=Customer.objects.filter(pk=book[0].pk), to_owner=otto, by=ada)

    assert open_board(client, mona).context["customers_total"] == 5
    assert "Otto" not in open_board(client, mona).content.decode()


@pytest.mark.parametrize("team", [None, "West"])
def test_an_outsider_gets_nothing(team, book, client):
    stranger = UserFactory(role="manager", team=TeamFactory(name="North") if team else None)

    page = open_board(client, stranger)

    assert page.context["customers_total"] == (1 if team else 0)  # the pool is every manager's
    assert page.context["changed"] == (1 if team else 0)
    assert "Alice" not in page.content.decode()


def test_a_team_is_chosen_in_the_past_too(book, alice, otto, ada, mona, client):
    page = open_board(client, ada, team=alice.team.pk)

    assert page.context["customers_total"] == 4
    assert {line.name for line in open_board(client, ada).context["teams"]} == {
        alice.team.name,
        otto.team.name,
    }
    assert open_board(client, mona, team=otto.team.pk).context["customers_total"] == 5


def test_a_team_above_others_has_the_figures_of_the_page_it_opens(book, alice, otto, ada, client):
    Team.objects.filter(pk=otto.team.pk).update(parent=alice.team)

    lines = open_board(client, ada).context["teams"]

    assert [(line.name, line.customers, line.has_below) for line in lines] == [
        (alice.team.name, 6, True),
        (otto.team.name, 2, False),
    ]
    for line in lines:
        behind = open_board(client, ada, team=line.pk).context
        assert (line.customers, line.value) == (behind["customers_total"], behind["value_total"])
        assert list(line.grades.values()) == [each.customers for each in behind["grades"]]


def opened(client, page) -> dict[str, int]:
    found = {}
    text = page.content.decode().replace("&amp;", "&")
    for address in sorted(set(re.findall(r'href="(/(?:customers|changes)/[^"]*\?[^"]*)"', text))):
        found[address] = client.get(address).context["listing"].totals["count"]
    return found


def test_every_figure_of_the_past_opens_rows_that_add_up_to_it(book, alice, ada, client):
    page = open_board(client, ada)
    counts = opened(client, page)

    for grade, cells, whole in page.context["matrix"].rows:
        if whole.customers:
            assert (
                counts[f"/customers/?as_of=2025-03-10&grade={grade}&sort=-value"] == whole.customers
            )
        for cell in cells:
            if cell.customers:
                address = f"/customers/?as_of=2025-03-10&grade={grade}&behaviour={cell.behaviour}&sort=-value"
                assert counts[address] == cell.customers
    assert counts[f"/customers/?as_of=2025-03-10&owner={alice.pk}"] == 4
    assert counts["/customers/?as_of=2025-03-10&pool=1"] == 1
    assert counts["/changes/?from=2025-03-10&to=2025-03-10"] == page.context["changed"] == 7
    assert counts["/customers/?as_of=2025-03-10&region=East&industry=Metal&sort=-value"] == 4


def test_the_matrix_of_today_opens_its_rows_too(book, ada, client):
    page = open_board(client, ada, None)
    matrix = page.context["matrix"]
    counts = opened(client, page)

    assert matrix.all.customers == 7
    assert matrix.all.value == sum(whole.value for _g, _c, whole in matrix.rows)
    for grade, cells, whole in matrix.rows:
        assert sum(cell.customers for cell in cells) == whole.customers
        for cell in cells:
            if cell.customers:
                address = f"/customers/?as_of=&grade={grade}&behaviour={cell.behaviour}&sort=-value"
                assert counts[address] == cell.customers


def test_a_night_that_knew_no_behaviour_says_so(book, ada, client):
    OwnerSummary.objects.filter(run__as_of=AS_OF).update(behaviour="")

    assert "Behaviour is not known" in open_board(client, ada).content.decode()


def test_of_a_night_whose_figures_went_a_cell_opens_nothing(book, ada, client):
    for each in range(3, 38):
        NightRunFactory(as_of=AS_OF + timedelta(days=each))

    text = open_board(client, ada).content.decode()

    assert "Which customers these were is no longer kept" in text
    assert "behaviour=" not in text


def test_the_chart_has_a_point_for_each_week_with_its_book_behind_it(book, alice, ada, client):
    for week in (1, 2, 3):
        run_night(as_of=AS_OF + timedelta(weeks=week))

    page = open_board(client, ada, None)

    points = page.context["trend"]
    assert [point.on for point in points] == [
        LATER,
        *(AS_OF + timedelta(weeks=w) for w in (1, 2, 3)),
    ]
    assert {point.customers_total for point in points} == {7}
    for point, mark in zip(points, page.context["trend_chart"]["points"], strict=True):
        then = client.get(mark["href"]).context
        assert then["book"].night.as_of == point.on
        assert then["customers_total"] == point.customers_total
        assert (
            then["value_total"] == point.value_total == sum(map(Decimal, map(str, mark["value"])))
        )
        assert [line.customers for line in then["grades"]] == mark["customers"]
    assert "/dashboard/?as_of=2025-03-12" in page.content.decode()


def test_a_past_chart_ends_with_its_night(book, ada, client):
    run_night(as_of=AS_OF + timedelta(weeks=1))

    assert [point.on for point in open_board(client, ada, NEXT).context["trend"]] == [NEXT]


def test_the_chart_is_of_the_scope(book, mona, client):
    assert {point.customers_total for point in open_board(client, mona, None).context["trend"]} == {
        5
    }
