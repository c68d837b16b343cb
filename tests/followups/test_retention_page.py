"""The page of retention figures, and the customers behind each, by scope."""

import csv
import io
import re
from datetime import date

import pytest

from crm.models import Customer
from followups.retention import Point, added, cohorts, parts_of, sums_of
from followups.retention_page import change_of
from tests.factories import AS_OF, CaseFactory, TeamFactory, UserFactory, VisitFactory
from tests.tiering.books import ago, customers, order
from tiering.models import NightRun
from tiering.retention import FIGURES, by_code
from tiering.services import run_night

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-04-20 04:00")]


@pytest.fixture
def book(alice, otto):
    """Alice: one stays and grows, one left, one is new. Otto: one who shrinks. One in the pool."""
    grows, left, new = customers(3, "A", owner=alice, region="East", industry="Metal")
    (shrinks,) = customers(1, "O", owner=otto, region="West", industry="Food")
    (free,) = customers(1, "P")
    for each, days, amount in (
        (grows, 400, "100.00"),
        (grows, 30, "90.00"),
        (grows, 20, "90.00"),
        (left, 500, "200.00"),
        (new, 5, "60.00"),
        (shrinks, 400, "400.00"),
        (shrinks, 10, "100.00"),
        (free, 3, "10.00"),
    ):
        order(each, days, amount)
    CaseFactory(customer=grows, opened_on=ago(100), due_on=ago(100))
    VisitFactory(customer=new, by=alice, satisfaction=4)
    Customer.objects.filter(pk=new.pk).update(yearly_need=100)
    run_night(as_of=AS_OF)
    return grows, left, new, shrinks, free


def page(client, user, address="/retention/", **query):
    client.force_login(user)
    return client.get(address, query)


def values(response) -> dict:
    return {tile.code: (tile.value, tile.made_of) for tile in response.context["tiles"]}


def test_every_figure_of_a_salesperson_is_of_her_own_book(book, alice, client):
    shown = values(page(client, alice))

    assert shown["repeat"] == ("50.0 %", "1 of 2 buyers")
    assert shown["stayed"] == ("50.0 %", "1 of 2 buyers of the year before")
    # 180 of grows and nothing of left, after 100 and 200.
    assert shown["net_revenue"] == ("60.0 %", "¥180 after ¥300 the year before")
    assert shown["complaints"] == ("33.33", "1 complaints, 3 order days")
    assert shown["tolerance"] == ("100.0 %", "1 of 1 complaints")
    assert shown["satisfaction"] == ("4.00", "1 answers")
    assert shown["wallet"] == ("60.0 %", "¥60 of ¥100 needed")
    assert shown["largest"] == ("75.0 %", "¥180 of ¥240")
    assert shown["discount"] == ("–", "")


def test_a_manager_sees_team_and_pool_and_an_administrator_all(book, mona, ada, otto, client):
    assert values(page(client, mona))["repeat"][1] == "1 of 3 buyers"
    assert values(page(client, ada))["repeat"][1] == "1 of 4 buyers"
    assert values(page(client, otto))["net_revenue"] == (
        "25.0 %",
        "¥100 after ¥400 the year before",
    )


def test_a_manager_without_a_team_and_an_empty_book_see_that_there_is_nothing(book, client):
    nobody = UserFactory(role="manager", team=None)

    for address in ("/retention/", "/retention/repeat/", "/retention/cohort/"):
        assert "No customer" in page(client, nobody, address).content.decode()


def test_before_the_first_night_the_page_says_what_to_do(alice, client):
    assert "No night has run yet" in page(client, alice).content.decode()
    assert page(client, alice, "/retention/repeat/").status_code == 200
    assert page(client, alice, "/retention/cohort/", began="2024-01-01").status_code == 200


def test_an_unknown_figure_is_not_found(book, alice, client):
    assert page(client, alice, "/retention/nonsense/").status_code == 404


@pytest.mark.parametrize("by", ["grade", "team", "owner", "region", "industry"])
def test_parts_add_up_to_the_whole_and_each_figure_opens_its_rows(by, book, ada, client):
    shown = page(client, ada, by=by)
    whole = values(shown)
    addresses = re.findall(r'href="(/retention/[a-z_]+/\?[^"]*)">([^<]*)<', shown.content.decode())

    assert len([each for each in addresses if f"{by}=" in each[0] or "pool=" in each[0]]) == (
        len(FIGURES) * len(shown.context["lines"])
    )
    for address, said in addresses:
        if "/cohort/" in address:
            continue
        rows = client.get(address.replace("&amp;", "&")).context
        totals = rows["listing"].totals
        if totals["count"]:
            assert totals["value"] == pytest.approx(figure_of(said, rows["figure"]), abs=5e-3)
        else:
            assert said == "–"
    sums = added(sums_of(part) for part in parts_of(Customer.objects.all(), by))
    assert (sums["bought"], sums["revenue"], sums["largest"]) == (4, 350, 180)
    assert whole["largest"][1] == "¥180 of ¥350"


def figure_of(said: str, figure) -> float:
    return float(said.removesuffix(" %")) / (100 if said.endswith("%") else 1)


def test_the_rows_of_a_figure_add_up_and_are_exported(book, ada, client):
    for figure in FIGURES:
        listing = page(client, ada, f"/retention/{figure.code}/").context["listing"]
        if listing.totals["count"] and not figure.of_the_largest:
            assert sum(row.top for row in listing.page) == listing.totals["sums"][figure.top]
            assert sum(row.bottom for row in listing.page) == listing.totals["sums"][figure.bottom]

    response = page(client, ada, "/retention/net_revenue/", export="csv")
    lines = csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig")))
    found = {each["Code"]: each["Net revenue retention"] for each in lines}
    assert found == {"A00000": "1.8", "A00001": "0.0", "O00000": "0.25"}


def test_each_customers_share_of_ours(book, ada, client):
    listing = page(client, ada, "/retention/largest/").context["listing"]

    assert [row.own for row in listing.page] == pytest.approx(
        [180 / 350, 100 / 350, 60 / 350, 10 / 350]
    )


def test_who_did_not_stay(book, alice, client):
    listing = page(client, alice, "/retention/stayed/", counted="0").context["listing"]

    assert [row.code for row in listing.page] == ["A00001"]


def test_nobody_opens_the_rows_of_others(book, otto, client):
    for code in ("repeat", "net_revenue", "cohort"):
        body = page(client, otto, f"/retention/{code}/").content.decode()
        assert "O00000" in body
        assert "A0000" not in body


def test_a_team_includes_its_sub_teams(book, east, ada, client):
    below = UserFactory(team=TeamFactory(parent=east, name="East A"))
    (one,) = customers(1, "S", owner=below)
    order(one, 1)
    run_night(as_of=AS_OF, force=True)

    lines = lines_by_name(page(client, ada, by="team"))

    assert lines["East"].sums["bought"] == 3
    assert lines["East A"].sums["bought"] == 1
    # Whoever leads the sub-team alone has no line of East, which would open nothing.
    leads = UserFactory(role="manager", team=below.team)
    assert lines_by_name(page(client, leads, by="team")).keys() == {"East A", ""}


def lines_by_name(response) -> dict:
    return {row.line.name: row.line for row in response.context["lines"]}


def test_cohorts_by_hand_and_the_customers_behind_a_cell(book, ada, client):
    night = NightRun.objects.latest_finished()
    found = {each.starts_on: each for each in cohorts(Customer.objects.all(), night)}

    # 400 days before 10 March 2025 is 4 February 2024; 500 days is 27 October 2023.
    assert set(found) == {date(2023, 10, 1), date(2024, 1, 1), date(2025, 1, 1)}
    assert found[date(2024, 1, 1)].kept == (2, 0, 0, 0, 2)
    assert found[date(2023, 10, 1)].kept == (1, 0, 0, 0, 0, 0)
    query = {"began": "2024-01-01", "after": "4"}
    rows = page(client, ada, "/retention/cohort/", **query).context["listing"]
    assert {row.code for row in rows.page} == {"A00000", "O00000"}
    rows = page(client, ada, "/retention/cohort/", began="2024-01-01", after="3").context["listing"]
    assert rows.totals["count"] == 0


def test_the_trend_is_that_of_month_ends_and_of_the_same_part(book, ada, mona, client):
    run_night(as_of=date(2025, 3, 31))
    run_night(as_of=date(2025, 4, 19))
    shown = page(client, ada, region="West").context

    assert [row.on for row in shown["trend"]] == [date(2025, 3, 31), date(2025, 4, 19)]
    assert shown["trend_chart"]["hrefs"] == ["?region=West&as_of=2025-03-31", "?region=West"]
    assert shown["trend_chart"]["figures"]["net_revenue"]["values"] == [0.25, 0.25]
    assert {tile.code: tile.change for tile in shown["tiles"]}[
        "net_revenue"
    ] == "unchanged since 31 Mar"
    assert page(client, mona, region="West").context["trend"] == []


def test_a_point_of_the_trend_opens_the_sums_of_that_night_which_add_up(book, ada, mona, client):
    run_night(as_of=date(2025, 3, 31))
    order(book[0], -30, "500.00")  # in April
    run_night(as_of=date(2025, 4, 19))
    then = {"as_of": "2025-04-05", "region": " "}  # no night kept of that day: the one before

    shown = page(client, ada, **then)
    assert values(shown)["largest"] == ("100.0 %", "¥10 of ¥10")
    for by in ("grade", "team", "owner", "region", "industry"):
        shown = page(client, ada, as_of="2025-03-31", by=by)
        assert values(shown)["net_revenue"] == ("40.0 %", "¥280 after ¥700 the year before")
        assert shown.context["cohorts"] == []
        for row in shown.context["lines"]:
            listing = client.get(f"/retention/net_revenue/{row.asks}").context["listing"]
            sums = listing.totals["sums"]
            assert listing.totals["count"] == len(listing.page.object_list)
            assert sums["revenue_stayed"] == sum(each.top for each in listing.page)
            assert sums["revenue_stayed"] == row.line.sums["revenue_stayed"]
            assert sums["revenue_before"] == row.line.sums["revenue_before"]
    lines = page(client, ada, "/retention/repeat/", as_of="2025-03-31", export="csv")
    assert len(lines.getvalue().decode().splitlines()) == 1 + 4
    # What sums of nights do not know is not asked for.
    assert (
        page(client, ada, "/retention/repeat/", as_of="2025-03-31", signal="late").status_code
        == 200
    )
    assert values(page(client, mona, as_of="2025-03-31"))["net_revenue"][0] == "60.0 %"


def test_of_a_day_before_the_first_night_nothing_is_kept(book, ada, client):
    assert "No figures of that day are kept" in page(client, ada, as_of="2024-12-31").text
    answer = page(client, ada, "/retention/repeat/", as_of="2024-12-31")
    assert answer.url == "/retention/?as_of=2024-12-31"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/retention/?by=team", 13), ("/retention/repeat/", 10), ("/retention/cohort/", 10)],
)
def test_pages_cost_the_same_for_any_book(
    address, queries, count, alice, mona, client, django_assert_num_queries
):
    for number, each in enumerate(customers(count, owner=alice, region="East")):
        order(each, number)
    run_night(as_of=AS_OF)
    client.force_login(mona)

    with django_assert_num_queries(queries):
        client.get(address)


@pytest.mark.parametrize(
    ("code", "before", "value", "said"),
    [
        ("complaints", 4.0, 3.5, ("−0.50 since 31 Mar", True)),
        ("complaints", 4.0, 4.5, ("+0.50 since 31 Mar", False)),
        ("repeat", 0.5, 0.421, ("−7.9 pp since 31 Mar", False)),
        ("repeat", 0.5, 0.521, ("+2.1 pp since 31 Mar", True)),
        ("repeat", 0.5, 0.4996, ("unchanged since 31 Mar", None)),
        ("repeat", None, 0.5, ("", None)),
    ],
)
def test_a_change_is_good_or_bad_by_what_is_better(code, before, value, said):
    first, last = date(2025, 3, 31), date(2025, 4, 19)
    points = [Point(first, {code: before}), Point(last, {code: value})]

    assert change_of(by_code(code), value, points) == said
