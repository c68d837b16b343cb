"""Criteria become points by frozen breakpoints, points a score by weight; nothing is lost."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.points import (
    COMPUTED,
    CRITERIA,
    DEFAULT_WEIGHTS,
    QUANTILES,
    breakdown,
    check,
    column,
    points,
    propose_breakpoints,
)
from tiering.rules import PointRules, PolicyError

STRAIGHT = ((0, 0), (1_000, 100))
RULES = PointRules(
    weights={"profit": 60, "growth": 30, "potential": 10},
    breakpoints={"profit": STRAIGHT, "growth": ((-1, 0), (0, 50), (1, 100))},
)


def facts_of(**figures):
    """Rows of raw figures by criterion; all eligible."""
    columns = {column(name): np.array(each, dtype=float) for name, each in figures.items()}
    frame = pd.DataFrame(columns)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="customer")
    return frame.assign(order_days_365=1)


def test_points_rise_in_straight_lines_between_breakpoints_and_stay_outside():
    facts = facts_of(profit=[-5, 0, 250, 1_000, 9_999], growth=[-1, -0.5, 0, 0.5, 1], potential=3)

    found = points(facts, RULES)

    assert found["profit"].tolist() == [0, 0, 2_500, 10_000, 10_000]
    assert found["growth"].tolist() == [0, 2_500, 5_000, 7_500, 10_000]


def test_a_rating_of_one_is_nothing_and_of_five_everything():
    facts = facts_of(profit=0, growth=0, potential=[1, 2, 3, 4, 5])

    assert points(facts, RULES)["potential"].tolist() == [0, 2_500, 5_000, 7_500, 10_000]


def test_the_example_of_the_document():
    """60 % of 25.00, 30 % of 50.00 and 10 % of 75.00 points are 15.00 + 15.00 + 7.50."""
    found = breakdown(facts_of(profit=[250], growth=[0], potential=[4]), RULES)

    assert found.contributions.loc[1].tolist() == [1_500, 1_500, 750]
    assert found.score.loc[1] == 3_750


def test_what_is_not_known_is_left_out_and_its_weight_shared_out():
    found = breakdown(facts_of(profit=[250], growth=[0], potential=[np.nan]), RULES)

    assert found.weights.loc[1].tolist() == pytest.approx([200 / 3, 100 / 3, 0])
    # 16.666… and 16.666… points are 33.33 together: the first of equals gets the hundredth.
    assert found.contributions.loc[1].tolist() == [1_667, 1_666, 0]
    assert found.score.loc[1] == 3_333


def test_of_whom_nothing_is_known_has_no_points():
    found = breakdown(facts_of(profit=[np.nan], growth=[np.nan], potential=[np.nan]), RULES)

    assert (found.score.loc[1], found.contributions.loc[1].sum()) == (0, 0)


names = st.lists(st.sampled_from(CRITERIA), min_size=1, max_size=15, unique=True)


@st.composite
def weighted_books(draw):
    chosen = draw(names)
    cuts = sorted(
        draw(st.sets(st.integers(1, 9_999), min_size=len(chosen) - 1, max_size=len(chosen) - 1))
    )
    weights = np.diff([0, *cuts, 10_000]) / 100
    rules = PointRules(
        weights={name: float(weight) for name, weight in zip(chosen, weights, strict=True)},
        breakpoints=dict.fromkeys(COMPUTED, ((0, 0), (1, 30), (7, 100))),
    )
    figure = st.floats(-1, 9) | st.just(np.nan)
    rows = draw(st.lists(st.tuples(*[figure] * len(chosen)), min_size=1, max_size=6))
    columns = zip(*rows, strict=True)
    return facts_of(**dict(zip(chosen, map(list, columns), strict=True))), rules


@given(weighted_books())
def test_contributions_add_up_to_the_score_to_the_hundredth(book):
    facts, rules = book
    found = breakdown(facts, rules)

    assert found.contributions.dtypes.map(pd.api.types.is_integer_dtype).all()
    assert (found.contributions.sum(axis=1) == found.score).all()
    assert found.score.between(0, 10_000).all()


@given(weighted_books())
def test_every_contribution_is_its_exact_share_rounded_one_way_or_the_other(book):
    facts, rules = book
    found = breakdown(facts, rules)

    for customer in facts.index:
        known = found.points.loc[customer].dropna()
        whole = sum(Fraction(str(rules.weights[name])) for name in known.index)
        shares = {
            name: Fraction(str(rules.weights[name])) * int(known[name]) / whole
            for name in known.index
        }
        assert abs(found.score[customer] - sum(shares.values())) <= Fraction(1, 2)
        for name, share in shares.items():
            assert abs(int(found.contributions.loc[customer, name]) - share) < 1


@given(weighted_books(), st.randoms())
def test_neither_other_customers_nor_any_order_matter(book, random):
    facts, rules = book
    turned = PointRules(
        weights=dict(random.sample(list(rules.weights.items()), len(rules.weights))),
        breakpoints=rules.breakpoints,
    )
    alone = facts.loc[[facts.index[-1]]]

    found, again = breakdown(facts, rules), breakdown(alone, turned)

    pd.testing.assert_frame_equal(again.contributions, found.contributions.loc[alone.index])


@given(weighted_books(), st.data())
def test_a_better_figure_never_lowers_the_score(book, data):
    facts, rules = book
    name = column(data.draw(st.sampled_from(sorted(rules.weights))))
    better = facts.assign(**{name: facts[name] + data.draw(st.floats(0, 5))})

    assert (breakdown(better, rules).score >= breakdown(facts, rules).score).all()


def test_proposed_breakpoints_are_the_quantiles_of_the_eligible():
    figures = np.arange(1, 1_001)
    facts = facts_of(profit=figures)
    facts.loc[len(facts) + 1] = {"criterion_profit": 1e9, "order_days_365": 0}

    found = propose_breakpoints(facts, ["profit", "potential"])

    expected = [(1, 0), *((10.0 * quantile, quantile) for quantile in QUANTILES[1:])]
    assert found == {"profit": tuple(expected)}


def test_a_figure_that_many_share_stands_for_the_mean_of_their_places():
    """Of ten, four have 0 and three 5: 5 stands for the places from 50 to 70 per cent."""
    found = propose_breakpoints(facts_of(profit=[0] * 4 + [5] * 3 + [6, 7, 8]), ["profit"])

    assert found["profit"] == ((0, 0), (5, 60), (6, 80), (7, 90), (8, 100))


def test_a_book_of_equals_has_half_the_points():
    rules = PointRules({"profit": 100}, propose_breakpoints(facts_of(profit=[7, 7]), ["profit"]))

    assert breakdown(facts_of(profit=[7, 7]), rules).score.tolist() == [5_000, 5_000]


@given(st.lists(st.integers(-5, 5) | st.integers(-(10**9), 10**9), min_size=1, max_size=50))
def test_proposed_breakpoints_can_always_be_used(figures):
    facts = facts_of(profit=figures)
    rules = PointRules({"profit": 100}, propose_breakpoints(facts, ["profit"]))

    found = breakdown(facts, rules).score

    if len(set(figures)) > 1:
        assert (found[facts["criterion_profit"].idxmin()], found.max()) == (0, 10_000)


def test_of_what_nothing_is_known_nothing_is_proposed():
    assert propose_breakpoints(facts_of(profit=[np.nan, np.nan]), ["profit"]) == {}


def test_the_default_weights_can_be_used_once_breakpoints_are_there():
    check(PointRules(DEFAULT_WEIGHTS, dict.fromkeys(COMPUTED, STRAIGHT)))


@pytest.mark.parametrize(
    ("weights", "breakpoints", "code"),
    [
        ({"mood": 100}, {}, "unknown_criterion"),
        ({"fit": 50, "potential": 49.99}, {}, "weights_do_not_add_up"),
        ({}, {}, "weights_do_not_add_up"),
        ({"fit": 0, "potential": 100}, {}, "weight_not_positive"),
        ({"fit": 33.333, "potential": 66.667}, {}, "weight_too_fine"),
        ({"profit": 100}, {}, "breakpoints_missing"),
        ({"profit": 100}, {"profit": [(5, 0), (5, 100)]}, "breakpoints_cross"),
        ({"profit": 100}, {"profit": [(5, 60), (6, 40)]}, "breakpoints_cross"),
        ({"profit": 100}, {"profit": [(5, 0), (6, 101)]}, "breakpoint_out_of_range"),
        ({"profit": 100}, {"profit": [(np.nan, 0), (6, 100)]}, "breakpoint_not_a_number"),
    ],
)
def test_weights_and_breakpoints_that_give_no_points_are_refused(weights, breakpoints, code):
    with pytest.raises(PolicyError) as refused:
        check(PointRules(weights, breakpoints))

    assert refused.value.code == code
