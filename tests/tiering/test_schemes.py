"""How a book is cut: shares, the first part of all value, fixed lines, floors, levels."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.rules import FOUR_LEVELS, GRADES, Calmness, Level, Policy, PolicyError, applied
from tiering.schemes import ABCD_LEVELS, PRESETS, TEN_LEVELS, TEN_SHARES
from tiering.scoring import cut_lines, grade

CUMULATIVE = Policy(scheme="cumulative")
LINES = Policy(scheme="lines", lines={"key": 1_000, "secondary": 500, "general": 100})
FLOOR = Policy(floor=400)
POLICIES = [Policy(), CUMULATIVE, LINES, FLOOR, Policy(scheme="cumulative", floor=400)]

values = st.lists(st.integers(-50, 1_500) | st.integers(0, 5), min_size=1, max_size=60)


def book_of(values, points=None):
    """One eligible customer for each value in cents."""
    index = pd.RangeIndex(1, len(values) + 1, name="customer")
    columns = {"value_cents": list(values), "order_days_365": 1}
    return pd.DataFrame(columns, index=index).astype("int64")


def levels_of(values, policy):
    return grade(book_of(values), policy=policy)["level"].tolist()


def test_order_volume_in_four_letters():
    graded = grade(book_of(range(100)), policy=Policy(**PRESETS["abcd"]))

    assert Counter(graded["level"]) == {"A": 20, "B": 30, "C": 30, "D": 20}
    assert Counter(graded["computed_grade"]) == dict(zip(GRADES, (20, 30, 30, 20), strict=True))


def test_ten_levels_have_the_shares_of_the_standard():
    graded = grade(book_of(range(10_000)), policy=Policy(**PRESETS["ten_levels"]))
    counts = Counter(graded["level"])

    assert [counts[str(level)] for level in range(1, 5)] == [500, 3_000, 2_000, 1_000]
    assert [counts[str(level)] for level in range(5, 11)] == [584, 584, 583, 583, 583, 583]
    assert Counter(graded["computed_grade"]) == dict(
        zip(GRADES, (500, 3_000, 3_000, 3_500), strict=True)
    )


def test_ten_levels_add_up():
    assert sum(map(Fraction, map(str, TEN_SHARES.values()))) == 100


def test_key_and_secondary_make_the_first_80_per_cent_and_key_half_of_it():
    """Of 1,000 the first 400 are key, the first 800 secondary, the first 950 general."""
    values = [300, 160, 140, 110, 90, 60, 50, 40, 30, 20]

    assert "".join(level[0] for level in levels_of(values, CUMULATIVE)) == "kksssgggmm"


def test_who_makes_half_of_everything_is_key_alone():
    found = levels_of([500, 110, 105, 100, 95, 90], CUMULATIVE)

    assert found == ["key", "secondary", "secondary", "secondary", "general", "general"]


def test_equals_across_a_line_are_inside_when_the_mean_of_their_places_is():
    """Two customers make the first 80 per cent; the three that share places 2 to 4 mean 3."""
    assert levels_of([70, 10, 10, 10], CUMULATIVE) == ["key", *["general"] * 3]


def test_a_level_that_one_customer_leaps_over_is_empty():
    assert levels_of([900, 50, 30, 20], CUMULATIVE) == ["key", "general", "maintain", "maintain"]


@pytest.mark.parametrize("values", [[0], [0, 0, 0], [-5, 0], [-5]])
def test_where_nothing_is_made_nobody_makes_the_first_part(values):
    assert set(levels_of(values, CUMULATIVE)) == {"maintain"}


def test_losses_do_not_count_against_what_others_make():
    assert levels_of([60, 22, 18, -1_000], CUMULATIVE) == [
        "key",
        "secondary",
        "general",
        "maintain",
    ]


def test_a_score_on_a_line_is_inside():
    assert levels_of([1_000, 999, 500, 499, 100, 99], LINES) == [
        "key",
        "secondary",
        "secondary",
        "general",
        "general",
        "maintain",
    ]


def test_nobody_over_the_highest_line_is_no_key():
    assert levels_of([700, 600], LINES) == ["secondary", "secondary"]


def test_no_key_below_the_floor():
    assert levels_of([399, 300, 200, 100], FLOOR)[0] == "secondary"
    assert levels_of([400, 300, 200, 100], FLOOR)[0] == "key"


def test_the_floor_is_for_key_alone():
    counts = Counter(levels_of(range(300, 400), FLOOR))

    assert counts == {"secondary": 20, "general": 30, "maintain": 50}


def test_distance_to_fixed_lines_and_floors():
    lines = grade(book_of([700, 300]), policy=LINES)
    floor = grade(book_of([399, 300]), policy=FLOOR)

    assert lines.loc[1, ["line_above", "line_below"]].tolist() == [999, 499]
    assert floor.loc[1, "line_above"] == 399


@given(values, st.sampled_from(POLICIES), st.data())
def test_a_cent_over_a_line_decides_under_every_scheme(values, policy, data):
    facts = book_of(values)
    before = grade(facts, policy=policy)
    customer = data.draw(st.sampled_from(list(facts.index)))
    above, below = before.loc[customer, ["line_above", "line_below"]]

    def level_with(value):
        changed = facts.copy()
        changed.loc[customer, "value_cents"] = int(value)
        return policy.codes.index(grade(changed, policy=policy).loc[customer, "level"])

    now = policy.codes.index(before.loc[customer, "level"])
    if not np.isnan(above):
        assert level_with(above + 1) < now
    if not np.isnan(below):
        assert level_with(below + 1) <= now
        assert level_with(below - 1) > now


@given(values)
def test_the_first_80_per_cent_are_made_by_the_fewest_that_can(values):
    places = cut_lines(
        pd.Series(values, dtype=float), pd.Series([True] * len(values)), policy=CUMULATIVE
    )["secondary"].places
    made = sorted((max(value, 0) for value in values), reverse=True)
    whole = sum(made)

    assert 5 * sum(made[:places]) >= 4 * whole
    assert places == 0 or 5 * sum(made[: places - 1]) < 4 * whole


@given(values, st.sampled_from(POLICIES), st.randoms())
def test_levels_follow_the_score_and_no_order_of_rows(values, policy, random):
    facts = book_of(values)
    graded = grade(facts, policy=policy)
    shuffled = facts.loc[random.sample(list(facts.index), len(facts))]
    places = graded.sort_values("score", ascending=False)["level"].map(policy.codes.index)

    assert places.is_monotonic_increasing
    assert (graded.groupby("score")["level"].nunique() == 1).all()
    pd.testing.assert_frame_equal(grade(shuffled, policy=policy).loc[facts.index], graded)


@given(values, st.integers(2, 1_000), st.sampled_from(["shares", "cumulative"]))
def test_the_currency_moves_nobody(values, factor, scheme):
    policy = Policy(scheme=scheme)

    assert levels_of(values, policy) == levels_of([factor * value for value in values], policy)


@given(st.lists(st.sampled_from(GRADES), min_size=2, max_size=10).map(sorted), values)
def test_any_number_of_levels_can_be_cut_by_value(classes, values):
    classes = sorted(classes, key=GRADES.index)
    levels = [Level(f"L{number}", grade) for number, grade in enumerate(classes)]
    policy = Policy(scheme="cumulative", levels=levels)

    assert set(levels_of(values, policy)) <= set(policy.codes)


def test_a_class_of_several_levels_splits_its_value_evenly():
    """Level 1 makes 40, level 2 the next 40, levels 3 and 4 share 15 between them."""
    policy = Policy(scheme="cumulative", levels=TEN_LEVELS)
    lines = cut_lines(pd.Series([1.0] * 1_000), pd.Series([True] * 1_000), policy=policy)

    assert [lines[code].places for code in "1234"] == [400, 800, 875, 950]


def test_a_small_book_is_cut_by_value_and_says_so():
    assert applied(Policy(), eligible=100, has_model=True) == (Policy(), ())
    small = applied(Policy(), eligible=99, has_model=True)

    assert (small.policy.scheme, small.reasons) == ("cumulative", ("small_book",))
    assert applied(LINES, eligible=3, has_model=True) == (LINES, ())


def test_without_a_model_value_alone_is_measured_and_it_says_so():
    plain = applied(Policy(basis="continuing_value"), eligible=500, has_model=False)

    assert (plain.policy.basis, plain.reasons) == ("value", ("no_model",))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_grades_a_book(preset):
    policy = Policy(**PRESETS[preset])

    assert set(levels_of(range(300), policy)) <= set(policy.codes)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"scheme": "lines"}, "wrong_lines"),
        ({"scheme": "lines", "lines": {"key": 5, "secondary": 5, "general": 1}}, "lines_cross"),
        (
            {"scheme": "lines", "lines": {"key": np.nan, "secondary": 5, "general": 1}},
            "line_not_a_number",
        ),
        ({"floor": np.inf}, "floor_not_a_number"),
        ({"levels": ABCD_LEVELS}, "wrong_grades"),
        ({"levels": FOUR_LEVELS[:1]}, "wrong_levels"),
        ({"levels": [Level("A", "key"), Level("A", "general")]}, "wrong_levels"),
        ({"levels": [Level("A", "general"), Level("B", "key")]}, "classes_cross"),
        ({"levels": [Level("A", "gold"), Level("B", "key")]}, "unknown_class"),
        ({"scheme": "cumulative", "value_shares": {"key": 100}}, "wrong_grades"),
        ({"basis": "points"}, "no_weights"),
    ],
)
def test_settings_that_cannot_grade_are_refused(settings, code):
    with pytest.raises(PolicyError) as refused:
        Policy(**settings)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"band": -1}, "band_out_of_range"),
        ({"nights_up": 0}, "nights_out_of_range"),
        ({"nights_down": 121}, "nights_out_of_range"),
        ({"alert_days": 400}, "days_out_of_range"),
    ],
)
def test_calmness_out_of_range_is_refused(settings, code):
    with pytest.raises(PolicyError) as refused:
        Calmness(**settings)

    assert refused.value.code == code
