"""Why a level, for every basis and scheme, and what would change it."""

import math
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiering.explained import (
    book_of,
    customer_of,
    graded,
    place_of,
    with_order,
    with_return,
)
from tiering.explain import Book, Customer, Documents, Line, explain, stays_near
from tiering.explain.shapes import MONEY_BASES
from tiering.points import column
from tiering.rules import Level, PointRules, Policy
from tiering.schemes import PRESETS, TEN_LEVELS

POINTS = PointRules(
    {"profit": 60, "growth": 30, "potential": 10},
    {"profit": ((0, 0), (100_000, 100)), "growth": ((-1, 0), (1, 100))},
)
SCHEMES = {
    "shares": {},
    "abcd": PRESETS["abcd"],
    "ten": PRESETS["ten_levels"],
    "cumulative": {"scheme": "cumulative"},
    "ten_cumulative": {"scheme": "cumulative", "levels": TEN_LEVELS},
    "lines": {"scheme": "lines", "lines": {"key": 9_000, "secondary": 4_000, "general": 500}},
    "floor": {"floor": 8_000},
    "cumulative_floor": {"scheme": "cumulative", "floor": 8_000},
    "two": {
        "levels": (Level("in", "key"), Level("out", "maintain")),
        "shares": {"in": 30, "out": 70},
    },
}


def policy_of(basis, scheme):
    fields = dict(SCHEMES[scheme])
    if basis == "points":
        fields["points"] = POINTS
    return Policy(basis=basis, **fields)


def facts_of(rows):
    """Rows of (value, order days, days from first to last, days silent)."""
    names = ["value_cents", "order_days", "recency", "silent_days"]
    facts = pd.DataFrame(rows, columns=names)
    ordered = facts["order_days"] > 0
    facts["recency"] = facts["recency"].where(facts["order_days"] > 1, 0)
    facts["silent_days"] = facts["silent_days"].where(ordered, 0)
    facts["repeats"] = (facts["order_days"] - 1).clip(lower=0)
    facts["age"] = (facts["recency"] + facts["silent_days"]).where(ordered)
    recent = ordered & (facts["silent_days"] < 365)
    facts["order_days_365"] = facts["order_days"].where(recent, 0)
    # Who has not bought for a year has no value but what came back.
    facts["value_cents"] = facts["value_cents"].where(recent, facts["value_cents"].clip(upper=0))
    facts["revenue_cents"] = facts["value_cents"]
    facts[column("profit")] = facts["value_cents"].astype(float)
    facts[column("growth")] = (facts["recency"] / 400 - 1).where(facts["order_days"] > 2)
    facts[column("potential")] = (facts["order_days"] % 6).where(facts["order_days"] % 6 > 0)
    return facts


def explained(rows, row, policy, documents=None):
    table = graded(facts_of(rows), policy)
    figures = table.loc[[row]]
    return explain(
        customer_of(table, row), book_of(table, policy), documents=documents, figures=figures
    )


VALUE = policy_of("value", "shares")
CONTINUING = policy_of("continuing_value", "shares")
HUNDRED = [(100_000 * (101 - place), 4, 200, 30) for place in range(1, 101)]
NOBODY = Documents(0, 0, 0, None)


def test_a_secondary_customer_of_a_book_of_one_hundred_by_hand():
    why = explained(HUNDRED, 19, VALUE)

    assert (why.customer.level, why.line) == ("secondary", "secondary")
    assert why.line_score == Decimal(81_000)
    assert (why.up.to, why.up.amount) == ("key", Decimal(19_001))
    assert (why.down.to, why.down.amount) == ("general", Decimal(1_000))
    assert (why.up.orders, why.down.orders) == (1, 1)  # 81,000 on four days
    assert why.above == 0.19


def test_the_chance_to_go_on_rises_with_the_order_that_is_asked_for():
    """Of 81,000 with a chance c the rest of the way to 100,000 of the best one is asked."""
    why = explained(HUNDRED, 19, CONTINUING)
    best = explained(HUNDRED, 0, CONTINUING).score

    unchanged = best / Decimal(str(why.customer.continuity)) - 81_000
    assert 0 < why.up.amount < unchanged


@pytest.mark.parametrize("basis", MONEY_BASES)
@pytest.mark.parametrize("row", [0, 7, 20, 49, 80])
def test_the_factors_multiply_to_the_distance_from_the_line(row, basis):
    why = explained(HUNDRED, row, policy_of(basis, "shares"))

    further = {"continuing_value": ["continuity"], "arpu": ["months"]}.get(basis, [])
    assert [factor.name for factor in why.factors] == ["order_days", "per_order", *further]
    assert why.times == pytest.approx(float(why.score / why.line_score))
    assert sum(factor.log for factor in why.factors) == pytest.approx(math.log(why.times))


def test_customers_at_the_line_are_the_nearest_fifteen_inside():
    rows = [(100_000 * (101 - place), place, 200, 30) for place in range(1, 101)]
    why = explained(rows, 30, VALUE)

    assert why.factors[0].at_line == 43  # places 36 to 50


def test_the_last_level_is_compared_with_the_first_line_above_it():
    why = explained(HUNDRED, 80, VALUE)

    assert (why.customer.level, why.line) == ("maintain", "general")
    assert why.times < 1
    assert why.down is None


def test_the_best_level_has_nowhere_to_rise():
    assert explained(HUNDRED, 0, VALUE).up is None


def test_nobody_falls_where_nobody_is_behind():
    why = explained([(50_000, 1, 0, 10)], 0, VALUE)

    assert (why.customer.level, why.up, why.down) == ("key", None, None)


def test_whoever_has_not_ordered_for_a_year_needs_one_order_and_does_not_fall():
    rows = [*HUNDRED, (0, 3, 100, 700)]
    why = explained(rows, 100, CONTINUING)

    assert (why.above, why.down, why.factors) == (None, None, [])
    assert (why.up.to, why.up.orders) == ("general", None)
    after = with_order(facts_of(rows), 100, int(why.up.amount * 100))
    assert place_of(after, 100, CONTINUING) == 2


def test_one_customer_more_than_99_would_change_the_rules_so_nothing_is_promised():
    rows = [*HUNDRED[:99], (0, 3, 100, 700)]
    table = graded(facts_of(rows), policy_of("value", "cumulative"))
    book = book_of(table, policy_of("value", "cumulative"))

    assert explain(customer_of(table, 99), book).up is not None
    assert explain(customer_of(table, 99), replace(book, one_more_changes=True)).up is None


def test_returns_beyond_orders_are_explained_without_ratios():
    rows = [*HUNDRED, (-5_000, 2, 50, 20)]
    why = explained(rows, 100, CONTINUING)

    assert (why.factors, why.times) == ([], None)
    assert [(part.name, part.amount) for part in why.parts] == [
        ("revenue", Decimal(-50)),
        ("no_loss", Decimal(50)),
    ]
    assert why.up.orders is None


def test_without_a_chance_nothing_is_promised_on_continuing_value():
    table = graded(facts_of(HUNDRED), CONTINUING)
    book = book_of(table, CONTINUING, params=None)

    assert explain(customer_of(table, 30), book).up is None


def test_a_date_is_said_while_nothing_that_counts_is_a_year_old():
    assert explained(HUNDRED, 30, VALUE, NOBODY).up.by_days is None  # not what the night had
    agreed = Documents(sales=7_000_000, returns=0, costs=0, days_left=12)
    assert explained(HUNDRED, 30, VALUE, agreed).up.by_days == 11
    later = replace(agreed, days_left=300)
    assert explained(HUNDRED, 30, VALUE, later).up.by_days == 30


def test_until_the_date_that_is_said_the_amount_is_enough():
    """The chance after an order gets worse with every day that it comes later."""
    facts, row = facts_of(HUNDRED), 45
    agreed = Documents(sales=5_500_000, returns=0, costs=0, days_left=31)
    tonight = explained(HUNDRED, row, CONTINUING).up.amount
    said = explained(HUNDRED, row, CONTINUING, agreed).up

    def place_in_30_days(amount):
        after = with_order(facts, row, int(amount * 100), in_days=30)
        return place_of(after, row, CONTINUING)

    assert (said.by_days, said.to) == (30, "secondary")
    assert (place_in_30_days(tonight), place_in_30_days(said.amount)) == (2, 1)


def test_the_level_that_is_said_is_reached_until_the_date_that_is_said():
    """One order, and a second one makes a loyal customer of it: the least amount leaps over
    several levels of ten, over fewer of them the later it comes."""
    rows = [*HUNDRED, (5_000_000, 1, 0, 150)]
    policy, agreed = policy_of("continuing_value", "ten"), Documents(5_000_000, 0, 0, 31)
    tonight, said = (explained(rows, 100, policy, each).up for each in (None, agreed))
    after = with_order(facts_of(rows), 100, int(said.amount * 100), in_days=30)

    assert (said.amount, said.by_days) == (1, 30)
    assert (tonight.to, said.to) == ("4", policy.codes[place_of(after, 100, policy)])
    assert said.to == "5"


def test_the_parts_of_profit_are_orders_returns_and_costs():
    table = graded(facts_of(HUNDRED), CONTINUING)
    book = replace(book_of(table, CONTINUING), value_is_profit=True)
    customer = replace(customer_of(table, 50), revenue=9_000_000)
    documents = Documents(sales=9_500_000, returns=-500_000, costs=4_000_000, days_left=90)

    why = explain(customer, book, documents=documents)

    assert [(part.name, part.amount) for part in why.parts[:3]] == [
        ("sales", Decimal(95_000)),
        ("returns", Decimal(-5_000)),
        ("costs", Decimal(-40_000)),
    ]
    assert why.parts[3].name == "fall_away"
    assert sum(part.amount for part in why.parts) == why.score


def test_documents_that_came_since_are_not_taken_for_those_of_the_night():
    why = explained(HUNDRED, 50, VALUE, Documents(1, 0, 0, 10))

    assert [part.name for part in why.parts] == ["revenue"]
    assert why.up.by_days is None


def test_points_name_what_is_not_known_and_share_its_weight_out():
    rows = [*HUNDRED, (5_000, 1, 0, 20)]
    why = explained(rows, 100, policy_of("points", "shares"))

    assert [(each.name, each.weight) for each in why.criteria if each.points is None] == [
        ("growth", 0)
    ]
    assert sum(each.weight for each in why.criteria) == pytest.approx(100)
    assert sum(each.own for each in why.criteria) == 100
    assert sum(part.amount for part in why.parts) == why.score


def test_points_without_the_figures_of_that_night_are_not_split():
    policy = policy_of("points", "shares")
    table = graded(facts_of(HUNDRED), policy)
    other = table.loc[[50]].assign(**{column("profit"): 0.0})

    for figures in (None, other):
        why = explain(customer_of(table, 3), book_of(table, policy), figures=figures)
        assert (why.parts, why.criteria) == ([], [])


@pytest.mark.parametrize("basis", ["continuing_value", "points"])
@pytest.mark.parametrize("scheme", ["shares", "ten_cumulative", "lines", "two"])
def test_the_ruler_keeps_the_order_of_the_book(basis, scheme):
    policy = policy_of(basis, scheme)
    table = graded(facts_of(HUNDRED), policy)
    book = book_of(table, policy)
    found = [explain(customer_of(table, row), book) for row in range(100)]
    band = 100 / len(policy.levels)

    for why in found:
        worst = policy.codes[::-1].index(why.customer.level)
        assert band * worst < why.place < band * (worst + 1)
    ordered = sorted(found, key=lambda why: why.score)
    assert [why.place for why in ordered] == sorted(why.place for why in found)


rows = st.tuples(
    st.integers(-300, 30_000),
    st.integers(0, 9),
    st.integers(1, 700),
    st.sampled_from([0, 0, 1, 20, 90, 200, 364, 500]),
)
books = st.lists(rows, min_size=1, max_size=25)


@settings(max_examples=100)
@given(books, st.sampled_from(MONEY_BASES), st.sampled_from([*SCHEMES]), st.data())
def test_every_amount_moves_the_computed_level(rows, basis, scheme, data):
    policy, facts = policy_of(basis, scheme), facts_of(rows)
    row = data.draw(st.integers(0, len(rows) - 1))
    days = Documents(*_sums(facts, row), 0, data.draw(st.sampled_from([None, 1, 12])))
    why = explained(rows, row, policy, days)
    own = policy.codes.index(why.customer.level)

    if why.up:
        for day in {0, why.up.by_days or 0}:
            after = with_order(facts, row, int(why.up.amount * 100), in_days=day)
            assert place_of(after, row, policy) <= policy.codes.index(why.up.to) < own
    if why.down:
        after = with_return(facts, row, int(why.down.amount * 100))
        reached, said = place_of(after, row, policy), policy.codes.index(why.down.to)
        assert reached > own
        assert reached == said or (not why.down.is_certain and reached > said)


def test_who_draws_level_with_those_on_both_sides_of_a_line_may_stay():
    """One in place 1 of two, and two level with each other in places 2 and 3: among three level
    ones it would be on the mean of places 1 to 3, which is inside; a cent less is not."""
    rules = PointRules({"profit": 100}, {"profit": ((0, 0), (10_000, 100))})
    policy = replace(policy_of("points", "two"), points=rules)
    rows = [(1, 1, 0, 1), (1, 0, 1, 0), (0, 1, 1, 0), (3, 1, 1, 0), (1, 2, 0, 0)]
    table = graded(facts_of(rows), policy)

    down = explain(customer_of(table, 3), book_of(table, policy)).down

    assert (down.to, down.amount, down.is_certain) == ("out", Decimal("0.03"), True)


@settings(max_examples=40)
@given(books, st.sampled_from([*SCHEMES]), st.data())
def test_every_distance_in_points_moves_the_computed_level(rows, scheme, data):
    """Points are moved by the figure of one criterion that alone has all the weight."""
    rules = PointRules({"profit": 100}, {"profit": ((0, 0), (10_000, 100))})
    policy = replace(policy_of("points", scheme), points=rules)
    facts = facts_of(rows)
    facts[column("profit")] = facts[column("profit")].clip(0, 10_000)
    table = graded(facts, policy)
    row = data.draw(st.integers(0, len(rows) - 1))
    why = explain(customer_of(table, row), book_of(table, policy))
    own = policy.codes.index(why.customer.level)

    for move, sign in ((why.up, 1), (why.down, -1)):
        if move is None or not 0 <= why.customer.score + sign * move.amount * 100 <= 10_000:
            continue
        after = facts.copy()
        after.loc[row, column("profit")] += float(sign * move.amount * 100)
        reached, said = place_of(after, row, policy), policy.codes.index(move.to)
        assert reached <= said < own if sign > 0 else own < said <= reached


@settings(max_examples=40)
@given(books, st.sampled_from([*MONEY_BASES, "points"]), st.data())
def test_the_parts_add_up_to_the_score(rows, basis, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    facts = facts_of(rows)
    policy = policy_of(basis, "shares")
    sums = data.draw(st.sampled_from([None, Documents(*_sums(facts, row), 0, 9)]))
    why = explained(rows, row, policy, sums)

    assert sum(part.amount for part in why.parts) == why.score


def _sums(facts, row):
    """Sales and returns that make the revenue."""
    revenue = int(facts.loc[row, "revenue_cents"])
    return max(revenue, 0) + 500, min(revenue, 0) - 500


@pytest.mark.parametrize(
    ("shown", "computed", "rank", "near"),
    [
        ("key", "secondary", 11, True),  # 10 places, band 10 per cent: behind from 11 on
        ("key", "secondary", 12, False),
        ("secondary", "key", 10, True),
        ("secondary", "key", 9, False),
        ("maintain", "general", 58, True),
        ("general", "maintain", None, False),
    ],
)
def test_a_grade_stays_near_a_line_only_within_its_band(shown, computed, rank, near):
    lines = {"key": 10, "secondary": 30, "general": 60}
    book = Book(
        "value", "shares", Policy().levels, {each: Line(n, 1, 1) for each, n in lines.items()}, 100
    )
    customer = Customer(computed, 1, True, rank, 1, 1, order_days=1, order_days_365=1)

    assert stays_near(customer, book, shown=shown, band=10) is near
    fixed = replace(book, scheme="lines")
    assert not stays_near(customer, fixed, shown=shown, band=10)


def test_behind_a_floor_nobody_is_near():
    book = Book(
        "value", "shares", Policy().levels, {"key": Line(10, 1, 1, floor=500)}, eligible=100
    )
    poor = Customer("secondary", 499, True, 3, 499, 499, order_days=1, order_days_365=1)

    assert not stays_near(poor, book, shown="key", band=10)
    assert stays_near(replace(poor, score=500), book, shown="key", band=10)
