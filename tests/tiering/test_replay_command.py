"""The command `replay`: the nights of a span from the database, with nothing saved."""

import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import time_machine
from django.core.management import CommandError, call_command

from crm.models import Order
from tests.factories import AS_OF, OrderLineFactory, PaymentFactory, ProductFactory
from tests.policies import rewrite
from tests.tiering.books import ago, customers, order, restless_book
from tests.tiering.checksums import left_behind
from tiering.ledger import NO_COST, Documents, Ledger
from tiering.models import Policy, Rating, Standing
from tiering.replay import replay
from tiering.rules import Policy as Rules
from tiering.schemes import PRESETS
from tiering.services import run_night
from tiering.services.criteria import criteria_kept
from tiering.services.replayed_criteria import criteria_by_day
from tiering.windows import day_number

pytestmark = pytest.mark.django_db

START, END, ORIGIN = ago(60), ago(20), ago(200)


@pytest.fixture
def book():
    """Restless customers, and one that would lead without what it sent back long ago;
    graded by value, calmly."""
    Policy.objects.create(version=2, name="Calm", basis="value", valid_from=date(2000, 1, 1))
    restless_book()
    (latest,) = customers(1, "L")
    order(latest, 500, "-89000.00")
    order(latest, 300, "90000.00")
    order(latest, 100, "5000.00")
    order(latest, 95, "-50.00")
    order(latest, 90, "8000.00", status=Order.Status.CANCELLED)
    order(latest, 0, "10.00")
    return latest


@pytest.fixture
def replayed(capsys):
    """Run the command; the object on its last line."""

    def run(*options: str, start=START, end=END) -> dict:
        span = ["--from", start.isoformat(), "--to", end.isoformat()]
        call_command("replay", *span, "--json", *options)
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def documents():
    """Every document that counts, read one by one."""
    rows = [
        (
            each.customer_id,
            day_number(each.ordered_on),
            int(each.base_amount * 100),
            NO_COST if each.base_cost is None else int(each.base_cost * 100),
        )
        for each in Order.objects.exclude(status="cancelled").order_by("id")
    ]
    return Documents(*np.array(rows, dtype=np.int64).T)


def expected(**options):
    origins = [day_number(ORIGIN)]
    span = {"start": day_number(START), "end": day_number(END), "origins": origins}
    return vars(replay(documents(), **{"policy": Rules(basis="value")} | span | options))


def figures_in(found):
    return {name: found[name] for name in expected() if name != "customer_years"}


def test_the_figures_are_one_object(replayed, book):
    found = replayed("--origins", ORIGIN.isoformat())

    assert list(found) == [
        "from", "to", "origins", "policy", "basis", "scheme", "nights", "customer_years",
        "changes_per_customer_year", "flip_backs_per_100_customer_years",
        "share_top20", "share_top1", "revenue_share_top20", "revenue_share_top1",
    ]  # fmt: skip
    assert (found["nights"], found["policy"]) == (41, 2)
    assert found["changes_per_customer_year"] > 0
    assert found["share_top20"] > found["share_top1"] > 0


@pytest.mark.parametrize("basis", ["value", "continuing_value", "revenue", "arpu"])
def test_they_are_those_of_the_documents_that_count(replayed, book, basis):
    """With costs, so that value and revenue differ."""
    Order.objects.filter(ordered_on__day__lte=15).update(base_cost=1)
    Order.objects.filter(ordered_on__day__gt=15).update(base_cost=Decimal("-3.50"))

    found = replayed("--origins", ORIGIN.isoformat(), "--basis", basis)

    wanted = expected(policy=Rules(basis=basis))
    assert found["basis"] == basis
    assert found["customer_years"] == round(wanted.pop("customer_years"), 2)
    assert figures_in(found) == wanted


def test_another_scheme_can_be_replayed(replayed, book):
    found = replayed("--preset", "abcd", "--basis", "value")

    wanted = expected(policy=Rules(basis="value", **PRESETS["abcd"]), origins=[])
    assert figures_in(found) == figures_in(wanted)
    assert found["changes_per_customer_year"] != expected()["changes_per_customer_year"]


def test_a_preset_comes_with_the_default_calmness_and_without_a_floor(replayed, book):
    rewrite(Policy.objects.filter(version=2), band=50, nights_up=99, floor="1.00")

    found = replayed("--preset", "four_grades")

    assert figures_in(found) == figures_in(expected(origins=[]))


def test_the_policy_in_force_on_the_last_day_rules(replayed, book):
    """Changes that wait for approval are taken as approved."""
    shares = {"key": 20, "secondary": 30, "general": 30, "maintain": 20}
    fields = {"basis": "value", "shares": shares, "alert_threshold": "0.05", "propose_only": True}
    Policy.objects.create(version=3, name="Three", valid_from=END, **fields)
    Policy.objects.create(version=4, name="Later", valid_from=END + timedelta(days=1))

    found = replayed(start=ago(150))

    span = {"start": day_number(ago(150)), "origins": []}
    rules = Rules(basis="value", shares=shares)
    wanted = figures_in(expected(policy=rules, alert_threshold=0.05, **span))
    assert (found["policy"], figures_in(found)) == (3, wanted)
    # Alerts that open early hold some of the grades.
    assert wanted != figures_in(expected(policy=rules, **span))


@pytest.fixture
def points(db):
    """Half of the score comes with order, half from what is paid, of which range and how rated."""
    weights = {"profit": 40, "promptness": 10, "credit": 10, "breadth": 20, "potential": 20}
    breakpoints = {
        "profit": [[0, 0], [1_000_000, 100]],
        "promptness": [[-60, 0], [0, 100]],
        "credit": [[0, 0], [1, 100]],
        "breadth": [[0, 0], [4, 100]],
    }
    at_once = {"band": 0, "nights_up": 1, "nights_down": 1, "alert_days": 0, "new_days": 0}
    return Policy.objects.create(
        version=2, name="Points", basis="points", valid_from=date(2000, 1, 1),
        weights=weights, breakpoints=breakpoints, **at_once,
    )  # fmt: skip


def test_weighted_points_are_those_that_the_nights_would_have_known(replayed, points, alice):
    """Payments, returns, lines and ratings of the three nights, and of days after the last one."""
    book = restless_book()
    for place, customer in enumerate(book[:30]):
        for days_ago in (1, 0, -1):
            Rating.objects.create(
                customer=customer, criterion="potential", points=1 + (place + days_ago) % 5,
                rated_on=ago(days_ago), by=alice,
            )  # fmt: skip
        owed = order(customer, 40, "900.00", due_on=ago(30))
        PaymentFactory(order=owed, paid_on=ago(place % 4 - 1), amount="300.00")
        order(customer, place % 5 - 2, "-250.00", returns=owed)
        bought = order(customer, place % 3, "500.00")
        OrderLineFactory(order=bought, product=ProductFactory(category=f"C{place % 7}"))
    order(book[0], -5, "10.00")
    levels, known = [], []
    for days_ago in (2, 1, 0):
        run_night(as_of=ago(days_ago))
        known.append(criteria_kept(pd.Index(Standing.objects.values_list("pk", flat=True))))
        levels.append(dict(Standing.objects.filter(eligible=True).values_list("pk", "level")))
    stayed = [
        (before[customer], then[customer])
        for before, then in pairwise(levels)
        for customer in before.keys() & then.keys()
    ]
    changes = sum(before != then for before, then in stayed)

    found = replayed(start=ago(2), end=AS_OF)

    ledger, more = Ledger(documents()), criteria_by_day(documents(), points.rules())
    for days_ago, of_night in zip((2, 1, 0), known, strict=True):
        ledger.advance(day_number(ago(days_ago)))
        replayed_anew = more(ledger, ledger.facts())
        wanted = of_night.loc[replayed_anew.index, replayed_anew.columns]
        pd.testing.assert_frame_equal(replayed_anew, wanted, check_names=False)
    assert changes > 10
    assert (found["basis"], found["nights"]) == ("points", 3)
    assert found["changes_per_customer_year"] == pytest.approx(365 * changes / len(stayed))


def test_lines_in_points_cut_no_book_by_money(replayed, book):
    points = {"basis": "points", "weights": {"fit": 100}, "scheme": "lines"}
    lines = {"key": 80, "secondary": 60, "general": 40}
    Policy.objects.create(version=3, name="Points", valid_from=END, lines=lines, **points)

    with pytest.raises(CommandError, match="Choose a preset too"):
        replayed("--basis", "value")
    assert replayed("--basis", "value", "--preset", "abcd")["scheme"] == "shares"
    assert replayed("--preset", "abcd", start=END)["basis"] == "points"


def test_nothing_is_saved(replayed, book):
    before = left_behind()

    replayed("--origins", ORIGIN.isoformat())

    assert left_behind() == before


def test_without_json_there_is_a_table(capsys, book):
    call_command("replay", "--from", "2025-01-01", "--to", "2025-01-31")

    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("Nights 2025-01-01 to 2025-01-31 (31), policy 2, basis value, ")
    assert [line.split("  ")[-1] for line in lines] == [
        "changes per customer-year",
        "flip-backs per 100 customer-years",
    ]


def test_where_nobody_is_eligible_there_are_no_rates(capsys, book):
    call_command("replay", "--from", "2020-01-01", "--to", "2020-01-02")

    assert "–  changes per customer-year" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--from", "2025-02-02", "--to", "2025-02-01"], "2025-02-01 is before 2025-02-02"),
        (["--from", "2025-02-01", "--to", "2025-03-11"], "latest order is of 2025-03-10"),
        (
            ["--from", "2025-02-01", "--to", "2025-02-02", "--origins", "2024-09-12"],
            "180 days after 2024-09-12 are not over: the latest order is of 2025-03-10",
        ),
        (["--from", "1899-01-01", "--to", "1899-01-02"], "No grading policy is in force"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_a_sentence(book, wrong, message):
    with pytest.raises(CommandError, match=message) as refused:
        call_command("replay", *wrong)

    assert refused.value.returncode == 2


@pytest.mark.parametrize("text", ["yesterday", "2025-02-30", "2024-01-01,"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(CommandError, match="is no day"):
        call_command("replay", "--from=2025-01-01", "--to=2025-01-02", f"--origins={text}")


def test_an_empty_book_is_refused():
    with pytest.raises(CommandError, match="no orders to replay"):
        call_command("replay", "--from", "2025-01-01", "--to", "2025-01-02")


@time_machine.travel("2025-03-01T02:00:00Z", tick=False)
def test_orders_dated_later_than_today_do_not_say_that_a_night_is_past(book):
    with pytest.raises(CommandError, match="Nothing is known of 2025-03-02"):
        call_command("replay", "--from", "2025-02-01", "--to", "2025-03-02")


def test_an_origin_whose_future_ends_with_the_data_counts(replayed, book):
    found = replayed("--origins", date(2024, 9, 11).isoformat())

    assert found["share_top20"] is not None
