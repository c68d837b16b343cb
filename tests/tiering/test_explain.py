from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiering import scoring
from tiering.explain import GRADES, Line, Standing, explain, share_above

POLICY = scoring.Policy()


def graded(values, days=None):
    """A book of eligible customers and its grades; values in money."""
    cents = [round(Decimal(str(value)) * 100) for value in values]
    facts = pd.DataFrame({"value_cents": cents, "order_days_365": days or [4] * len(cents)})
    return facts, scoring.grade(facts, policy=POLICY)


def lines_of(table):
    lines = scoring.cut_lines(table["score"], table["eligible"], policy=POLICY)
    return {
        name: Line(line.places, in_money(line.inside), in_money(line.outside))
        for name, line in lines.items()
    }


def in_money(cents):
    return None if pd.isna(cents) else Decimal(int(cents)) / 100


def standing_of(facts, table, row, orders_at_line=8.0):
    rank = table.loc[row, "rank"]
    return Standing(
        grade=table.loc[row, "computed_grade"],
        score=Decimal(int(facts.loc[row, "value_cents"])) / 100,
        rank=None if pd.isna(rank) else float(rank),
        orders=int(facts.loc[row, "order_days_365"]),
        orders_at_line=orders_at_line,
        book=int(table["eligible"].sum()),
    )


def explained(values, row, **kwargs):
    facts, table = graded(values)
    return explain(standing_of(facts, table, row, **kwargs), lines_of(table))


def grade_after(values, row, money):
    """The computed grade of one customer after it gained `money`, everybody else unchanged."""
    facts, _ = graded(values)
    facts.loc[row, "value_cents"] += int(money * 100)
    return scoring.grade(facts, policy=POLICY).loc[row, "computed_grade"]


HUNDRED = [100_000 - 700 * place for place in range(100)]


def test_a_secondary_customer_of_a_book_of_one_hundred_by_hand():
    why = explained(HUNDRED, 19)

    assert why.standing.grade == "secondary"
    assert why.line_score == Decimal(86_700)
    assert (why.up.to, why.up.money) == ("key", Decimal(13_301))
    assert (why.down.to, why.down.money) == ("general", Decimal(700))
    assert why.up.orders == 1  # 86,700 in four orders
    assert why.above == 0.19


@pytest.mark.parametrize("row", [0, 7, 20, 49])
def test_the_factors_multiply_to_the_distance_from_the_line(row):
    why = explained(HUNDRED, row)

    assert [factor.name for factor in why.factors] == ["orders", "value_per_order"]
    assert why.times == pytest.approx(float(why.standing.score / why.line_score))
    for factor in why.factors:
        assert factor.own == pytest.approx(factor.times * factor.at_line)


def test_the_last_grade_is_compared_with_the_first_line_above_it():
    why = explained(HUNDRED, 80)

    assert (why.standing.grade, why.line) == ("maintain", "general")
    assert why.times < 1
    assert why.down is None


def test_the_best_grade_has_nowhere_to_rise():
    assert explained(HUNDRED, 0).up is None


def test_nobody_falls_where_nobody_is_behind():
    why = explained([500], 0)

    assert why.standing.grade == "key"
    assert (why.up, why.down) == (None, None)


def test_whoever_has_not_ordered_for_a_year_rises_and_does_not_fall():
    facts, table = graded([*HUNDRED, 0], days=[4] * 100 + [0])
    why = explain(standing_of(facts, table, 100), lines_of(table))

    assert (why.above, why.down, why.factors) == (None, None, [])
    assert why.up.orders is None
    facts.loc[100, ["value_cents", "order_days_365"]] = [int(why.up.money * 100), 1]
    assert scoring.grade(facts, policy=POLICY).loc[100, "computed_grade"] == why.up.to


def test_returns_beyond_orders_are_explained_without_ratios():
    why = explained([*HUNDRED, -50], 100)

    assert (why.factors, why.times) == ([], None)
    assert why.up.orders is None
    assert grade_after([*HUNDRED, -50], 100, why.up.money) == why.up.to


def test_a_book_without_lines_explains_nothing_and_breaks_nothing():
    why = explain(Standing("maintain", Decimal(0), None, 0, None, 0), {})

    assert (why.line_score, why.up, why.down, why.above) == (None, None, None, None)


@pytest.mark.parametrize(
    ("row", "low", "high"), [(0, 75, 100), (5, 50, 75), (30, 25, 50), (90, 0, 25)]
)
def test_the_ruler_puts_everybody_in_the_band_of_the_grade(row, low, high):
    assert low < explained(HUNDRED, row).place < high


def test_the_ruler_keeps_the_order_of_the_book():
    places = [explained(HUNDRED, row).place for row in range(100)]

    assert places == sorted(places, reverse=True)


def test_the_best_customer_has_nobody_above():
    assert share_above(Standing("key", Decimal(9), 1.0, 1, None, 50)) == 0


amounts = st.integers(min_value=-300, max_value=3_000).map(lambda cents: Decimal(cents) / 100)


@settings(deadline=None, max_examples=60)
@given(values=st.lists(amounts, min_size=1, max_size=25), data=st.data())
def test_every_distance_moves_the_computed_grade(values, data):
    row = data.draw(st.integers(0, len(values) - 1))
    why = explained(values, row)
    own = GRADES.index(why.standing.grade)

    if why.up:
        reached = GRADES.index(grade_after(values, row, why.up.money))
        assert reached <= GRADES.index(why.up.to) < own
    if why.down:
        assert GRADES.index(grade_after(values, row, -why.down.money)) > own
