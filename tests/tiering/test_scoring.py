"""Facts become a score and a grade; lines are stated in the unit of the score."""

from collections import Counter
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.scoring import GRADES, Policy, PolicyError, cut_lines, grade, score

VALUE = Policy(basis="value")
CONTINUING = Policy(basis="continuing_value")

customers = st.lists(
    st.tuples(
        st.integers(-(10**12), 10**12) | st.integers(-3, 3), st.integers(0, 3), st.floats(0, 1)
    ),
    max_size=150,
)


def facts_of(rows):
    """One customer for each (value in cents, order days of a year, p_none of 180 days)."""
    columns = ["value_cents", "order_days_365", "p_none_180"]
    frame = pd.DataFrame(list(rows), columns=columns)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="customer")
    return frame.astype({"value_cents": "int64", "order_days_365": "int64", "p_none_180": float})


def active(*values):
    return facts_of([(value, 1, 0.25) for value in values])


def grades_of(facts, policy=VALUE):
    return grade(facts, policy=policy)["computed_grade"].tolist()


def test_a_hundred_customers_are_cut_1_19_30_50():
    found = Counter(grades_of(active(*range(100))))

    assert found == {"key": 1, "secondary": 19, "general": 30, "maintain": 50}


def test_a_part_of_a_place_is_a_whole_place():
    """Of 101: 1.01 is 2 places, 20.2 is 21, 50.5 is 51."""
    found = Counter(grades_of(active(*range(101))))

    assert found == {"key": 2, "secondary": 19, "general": 30, "maintain": 50}


def test_whole_places_stay_whole():
    """7 % of 300 is 21; in binary fractions it is a little more, which would round up to 22."""
    policy = Policy(shares={"key": 7, "secondary": 7, "general": 36, "maintain": 50})

    found = Counter(grades_of(active(*range(300)), policy))

    assert found == {"key": 21, "secondary": 21, "general": 108, "maintain": 150}


def test_who_has_no_order_day_in_a_year_is_maintain_whatever_the_value():
    facts = facts_of([(9_000_000, 0, 0.0), (100, 1, 0.0)])
    graded = grade(facts, policy=VALUE)

    assert graded["computed_grade"].tolist() == ["maintain", "key"]
    assert graded["eligible"].tolist() == [False, True]
    assert graded["rank"].isna().tolist() == [True, False]
    assert graded["rank"].tolist()[1] == 1


def test_continuing_value_is_the_value_times_the_chance_to_go_on():
    facts = facts_of([(10_000, 1, 0.25), (-10_000, 1, 0.25), (12_345, 2, 0.333333)])

    assert score(facts, policy=CONTINUING).tolist() == [7_500, 0, 8_230]


def test_risk_changes_the_order_only_where_it_is_measured():
    facts = facts_of([(10_000, 1, 0.9), (9_000, 1, 0.1)])

    assert grade(facts, policy=VALUE)["rank"].tolist() == [1, 2]
    assert grade(facts, policy=CONTINUING)["rank"].tolist() == [2, 1]


def test_equal_scores_share_the_mean_of_their_places():
    graded = grade(active(50, 40, 40, 40, 10), policy=VALUE)

    assert graded["rank"].tolist() == [1, 3, 3, 3, 5]


@pytest.mark.parametrize(
    ("tied", "expected"), [(3, "secondary"), (2, "general")], ids=["mean inside", "mean outside"]
)
def test_equal_customers_across_a_line_are_inside_when_the_mean_of_their_places_is(tied, expected):
    """The line of secondary is 20: places 19 to 21 mean 20, places 20 and 21 mean 20.5."""
    above = range(1_000, 1_000 + 21 - tied)
    facts = active(*above, *[500] * tied, *range(79))

    graded = grade(facts, policy=VALUE)

    tied_rows = graded[graded["score"] == 500]
    assert set(tied_rows["computed_grade"]) == {expected}


def test_a_book_of_equals_has_no_vital_few():
    assert set(grades_of(active(*[700] * 60))) == {"maintain"}


@pytest.mark.parametrize("value", [500, 0, -500])
def test_a_single_customer_leads_its_book(value):
    graded = grade(active(value), policy=VALUE)

    assert graded["computed_grade"].tolist() == ["key"]
    assert graded[["line_above", "line_below"]].isna().all(axis=None)


@pytest.mark.parametrize("facts", [active(), facts_of([(5, 0, 0.1), (6, 0, 0.1)])])
def test_a_book_without_eligible_customers_has_no_lines(facts):
    graded = grade(facts, policy=VALUE)
    lines = cut_lines(graded["score"], graded["eligible"], policy=VALUE)

    assert set(graded["computed_grade"]) <= {"maintain"}
    assert [line.places for line in lines.values()] == [0, 0, 0]
    assert graded[["rank", "line_above", "line_below"]].isna().all(axis=None)


def test_lines_are_the_scores_on_both_sides():
    facts = active(*[100 * place for place in range(1, 101)])
    lines = cut_lines(score(facts, policy=VALUE), facts["order_days_365"] > 0, policy=VALUE)

    assert lines["key"] == (1, 10_000, 9_900)
    assert lines["secondary"] == (20, 8_100, 8_000)
    assert lines["general"] == (50, 5_100, 5_000)


def test_distance_to_the_lines_around_a_customer():
    graded = grade(active(*[100 * place for place in range(1, 101)]), policy=VALUE)

    assert graded.loc[90, ["line_above", "line_below"]].tolist() == [10_000, 8_000]
    assert np.isnan(graded.loc[100, "line_above"])
    assert np.isnan(graded.loc[1, "line_below"])


def test_the_example_of_the_document():
    """The table of ten customers in docs/grading.md."""
    values = [84_200, 61_000, 40_000, 32_000, 18_500, 9_000, 9_000, 4_000, -1_200, 0]
    chances = [0.10, 0.55, 0.20, 0.05, 0.30, 0.15, 0.15, 0.50, 0.40, 0.97]
    ordered = [1] * 9 + [0]
    facts = facts_of(zip([100 * value for value in values], ordered, chances, strict=True))

    by_value, by_continuing = (grade(facts, policy=policy) for policy in (VALUE, CONTINUING))

    initials = "".join(name[0] for name in by_value["computed_grade"])
    assert initials == "ksgggmmmmm"
    assert by_value["rank"].tolist()[:9] == [1, 2, 3, 4, 5, 6.5, 6.5, 8, 9]
    assert by_value.loc[5, ["line_above", "line_below"]].tolist() == [6_100_000, 900_000]
    assert "".join(name[0] for name in by_continuing["computed_grade"]) == "kgsggmmmmm"
    assert by_continuing["rank"].tolist()[:5] == [1, 4, 2, 3, 5]
    assert (by_continuing["score"] / 100).tolist()[:4] == [75_780, 27_450, 32_000, 30_400]


def test_a_missing_chance_is_an_error_and_no_silent_default():
    with pytest.raises(ValueError, match="continuing_value"):
        grade(facts_of([(100, 1, np.nan)]), policy=CONTINUING)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"basis": "mood"}, "unknown_basis"),
        ({"scheme": "dice"}, "unknown_scheme"),
        ({"shares": {"key": 1, "secondary": 99}}, "wrong_grades"),
        ({"shares": dict.fromkeys(GRADES, 20)}, "shares_do_not_add_up"),
        ({"shares": dict(zip(GRADES, (0, 20, 30, 50), strict=True))}, "share_not_positive"),
        ({"shares": dict(zip(GRADES, (-1, 21, 30, 50), strict=True))}, "share_not_positive"),
    ],
)
def test_a_policy_that_cannot_grade_is_refused(change, code):
    with pytest.raises(PolicyError) as refused:
        Policy(**change)

    assert refused.value.code == code


def test_shares_may_come_in_any_order():
    stored = {"maintain": 50, "general": 30, "key": 1, "secondary": 19}

    assert grades_of(active(*range(80)), Policy(shares=stored)) == grades_of(active(*range(80)))


def test_tenths_of_a_per_cent_add_up():
    Policy(shares={"key": 0.1, "secondary": 0.2, "general": 49.7, "maintain": 50})


@given(customers, st.randoms(), st.sampled_from([VALUE, CONTINUING]))
def test_order_of_rows_does_not_matter(rows, random, policy):
    facts = facts_of(rows)
    shuffled = facts.loc[random.sample(list(facts.index), len(facts))]

    graded = grade(shuffled, policy=policy).loc[facts.index]

    pd.testing.assert_frame_equal(graded, grade(facts, policy=policy), check_exact=True)


@given(customers, st.sampled_from([VALUE, CONTINUING]))
def test_grades_follow_the_score(rows, policy):
    graded = grade(facts_of(rows), policy=policy)
    ordered = graded[graded["eligible"]].sort_values("score", ascending=False)
    places = ordered["computed_grade"].map(GRADES.index)

    assert places.is_monotonic_increasing
    assert (ordered.groupby("score")["computed_grade"].nunique() == 1).all()
    assert ordered["rank"].sum() == len(ordered) * (len(ordered) + 1) / 2


@given(st.sets(st.integers(-(10**9), 10**9), min_size=1, max_size=200))
def test_different_scores_fill_every_line_to_the_place(values):
    counts = Counter(grades_of(active(*values)))
    filled = np.cumsum([counts[name] for name in GRADES]).tolist()

    size = len(values)
    assert filled == [ceil(size / 100), ceil(size / 5), ceil(size / 2), size]


@given(customers, st.integers(2, 1_000))
def test_the_currency_does_not_matter(rows, factor):
    facts = facts_of(rows)
    scaled = facts.assign(value_cents=facts["value_cents"] * factor)

    assert grades_of(facts) == grades_of(scaled)


@given(customers.filter(len), st.data())
def test_a_cent_above_a_line_is_a_better_grade_and_above_the_lower_one_the_same(rows, data):
    facts = facts_of(rows)
    before = grade(facts, policy=VALUE)
    customer = data.draw(st.sampled_from(list(facts.index)))
    above, below = before.loc[customer, ["line_above", "line_below"]]

    def grade_with(value):
        changed = facts.copy()
        changed.loc[customer, "value_cents"] = int(value)
        return GRADES.index(grade(changed, policy=VALUE).loc[customer, "computed_grade"])

    now = GRADES.index(before.loc[customer, "computed_grade"])
    if not np.isnan(above):
        assert grade_with(above + 1) < now
    if not np.isnan(below):
        assert grade_with(below + 1) <= now
        assert grade_with(below - 1) > now
