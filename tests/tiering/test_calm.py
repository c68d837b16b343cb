"""Shown grades follow computed ones after nights in a row, and say so beforehand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tiering.calm import DOWN, LEAVES, NONE, UP, Tonight, clear_places, step, unknown
from tiering.rules import AT_ONCE, Calmness
from tiering.schemes import NOBODY_OUT, Cut

NO_FLOOR = -np.inf
# A book of 100: lines at places 1, 20 and 50.
CUTS = [Cut(1, 1, NO_FLOOR), Cut(20, 20, NO_FLOOR), Cut(50, 50, NO_FLOOR)]
KEY, SECONDARY, GENERAL, MAINTAIN = range(4)
DEFAULT = Calmness()


def night(*ranks, **others):
    """One customer for each rank (None: not eligible), known for long and with recent orders."""
    rank = np.array([np.nan if each is None else each for each in ranks], dtype=float)
    figures = {
        "score": 1_000 - np.nan_to_num(rank, nan=1_000),
        "rank": rank,
        "eligible": ~np.isnan(rank),
        "computed": np.searchsorted([1, 20, 50], np.nan_to_num(rank, nan=np.inf)),
        "age": np.full(len(rank), 700),
        "silent_days": np.full(len(rank), 10),
        "alert_days": np.full(len(rank), -1),
        "cuts": CUTS,
    }
    return Tonight(**figures | {name: _column(name, each) for name, each in others.items()})


def _column(name, value):
    return np.array(value) if isinstance(value, list) and name != "cuts" else value


def shown_after(nights, calmness=DEFAULT):
    """Shown levels of each night; the first is graded at once."""
    state, shown = unknown(len(nights[0].rank), len(nights[0].cuts)), []
    for tonight in nights:
        state, level, watch = step(state, tonight, calmness=calmness)
        shown.append((level.tolist(), watch))
    return shown


def levels_of(ranks, calmness=DEFAULT, **others):
    """Shown levels of one customer whose rank goes this way."""
    return [level[0] for level, _ in shown_after([night(r, **others) for r in ranks], calmness)]


def test_the_band_of_the_lines():
    assert clear_places(1, 10) == (1, pytest.approx(1.1))
    assert clear_places(20, 10) == (18, 22)
    assert clear_places(50, 10) == (45, 55)
    assert clear_places(11, 10) == (10, pytest.approx(12.1))
    assert clear_places(0, 10) == (0, 0)


def test_a_promotion_takes_seven_nights_in_a_row():
    assert levels_of([30] + [15] * 7) == [GENERAL] * 7 + [SECONDARY]


def test_a_night_inside_the_band_begins_the_count_again():
    """Rank 19 is a place inside the line but not clearly over it."""
    assert levels_of([30] + [15] * 6 + [19] + [15] * 6) == [GENERAL] * 14


def test_who_stays_within_the_band_keeps_the_grade():
    assert levels_of([20] + [22] * 60) == [SECONDARY] * 61
    assert levels_of([21] + [19] * 60) == [GENERAL] * 61


def test_a_demotion_takes_thirty_nights_in_a_row():
    assert levels_of([20] + [22.5] * 30) == [SECONDARY] * 30 + [GENERAL]


def test_a_fall_goes_as_far_as_thirty_nights_reach():
    """Twenty nights behind the first line only, then behind all of them."""
    found = levels_of([10] + [30] * 20 + [90] * 30)

    assert found == [SECONDARY] * 30 + [GENERAL] * 20 + [MAINTAIN]


def test_a_rise_may_leap_over_levels_unless_steps_are_chosen():
    ranks = [90] + [1] * 21

    assert levels_of(ranks) == [MAINTAIN] * 7 + [KEY] * 15
    in_steps = [MAINTAIN] * 7 + [GENERAL] * 7 + [SECONDARY] * 7 + [KEY]
    assert levels_of(ranks, Calmness(one_step=True)) == in_steps


def test_a_fall_in_steps_counts_again_after_each():
    found = levels_of([1] + [90] * 60, Calmness(one_step=True))

    assert found == [KEY] * 30 + [SECONDARY] * 30 + [GENERAL]


def test_leaving_acts_at_once_and_so_does_coming_back():
    assert levels_of([10, None, None, 10]) == [SECONDARY, MAINTAIN, MAINTAIN, SECONDARY]


def test_whoever_comes_back_is_counted_from_then_on():
    assert levels_of([10] * 5 + [None] + [30] + [10] * 7) == (
        [SECONDARY] * 5 + [MAINTAIN] + [GENERAL] * 7 + [SECONDARY]
    )


def test_a_newcomer_is_not_demoted_for_ninety_days():
    nights = [night(10, age=[40])] + [night(80, age=[40 + day]) for day in range(1, 60)]

    levels = [level[0] for level, _ in shown_after(nights)]

    assert levels == [SECONDARY] * 50 + [MAINTAIN] * 10


def test_a_newcomer_is_promoted_as_usual():
    assert levels_of([30] + [10] * 7, age=[5])[-1] == SECONDARY


def test_an_open_alert_holds_the_grade_for_sixty_days_at_most():
    nights = [night(10)] + [night(80, alert_days=[day]) for day in range(70)]

    levels = [level[0] for level, _ in shown_after(nights)]

    assert levels == [SECONDARY] * 61 + [MAINTAIN] * 10
    opened = [night(10)] + [night(80)] * 29 + [night(80, alert_days=[0])]
    assert shown_after(opened)[-1][0] == [SECONDARY]


def test_when_the_alert_closes_a_full_count_acts():
    nights = [night(10)] + [night(80, alert_days=[day]) for day in range(40)] + [night(80)]

    levels = [level[0] for level, _ in shown_after(nights)]

    assert levels == [SECONDARY] * 41 + [MAINTAIN]


def test_a_new_policy_acts_at_once_and_begins_every_count():
    nights = [night(30)] + [night(10)] * 6 + [night(40, at_once=True)] + [night(10)] * 7

    levels = [level[0] for level, _ in shown_after(nights)]

    assert levels == [GENERAL] * 14 + [SECONDARY]


def test_a_new_policy_gives_newcomers_and_alerted_their_computed_grade_too():
    nights = [night(10, 10), night(80, 80, age=[5, 500], alert_days=[-1, 3], at_once=True)]

    assert shown_after(nights)[-1][0] == [MAINTAIN, MAINTAIN]


def test_a_fixed_line_has_no_band():
    cuts = [Cut(1, NOBODY_OUT, 1_000.0), Cut(1, NOBODY_OUT, 500.0)]
    nights = [night(5, cuts=cuts, score=[400], computed=[2])]
    nights += [night(5, cuts=cuts, score=[500], computed=[1])] * 7
    nights += [night(5, cuts=cuts, score=[499], computed=[2])] * 30

    levels = [level[0] for level, _ in shown_after(nights)]

    assert levels == [2] * 7 + [1] * 30 + [2]


def test_who_stands_on_an_edge_of_the_band_or_on_the_floor_is_not_behind():
    fifth = [Cut(5, 5, NO_FLOOR)]
    assert levels_of([5] + [5.5] * 31, cuts=fifth, computed=[0]) == [0] * 32
    assert levels_of([5] + [6] * 30, cuts=fifth, computed=[0])[-1] == 1

    floor = [Cut(20, 20, 980.0)]  # the score of rank 20
    assert levels_of([10] + [20] * 31, cuts=floor, computed=[0]) == [0] * 32


def test_nobody_is_promoted_over_a_line_without_places():
    cuts = [Cut(0, 0, NO_FLOOR), *CUTS[1:]]

    assert levels_of([1] * 20, cuts=cuts, computed=[SECONDARY]) == [SECONDARY] * 20


def watch_after(nights, calmness=DEFAULT):
    watch = shown_after(nights, calmness)[-1][1]
    return watch.direction[0], watch.level[0], watch.days[0]


def test_a_rise_is_seen_six_nights_before_it_happens():
    assert watch_after([night(30), night(10)]) == (UP, SECONDARY, 6)


def test_a_fall_is_seen_twenty_nine_nights_before_it_happens():
    assert watch_after([night(10), night(80)]) == (DOWN, MAINTAIN, 29)


def test_the_watch_names_the_first_level_that_is_reached():
    assert watch_after([night(10)] + [night(30)] * 5 + [night(80)] * 5) == (DOWN, GENERAL, 20)


def test_shelter_moves_the_day_of_a_fall():
    assert watch_after([night(10), night(80, age=[10])]) == (DOWN, MAINTAIN, 80)
    assert watch_after([night(10), night(80, alert_days=[20])]) == (DOWN, MAINTAIN, 40)


def test_a_year_without_an_order_is_seen_thirty_days_ahead():
    assert watch_after([night(10, silent_days=[335])]) == (LEAVES, MAINTAIN, 30)
    assert watch_after([night(10, silent_days=[334])])[0] == NONE
    assert watch_after([night(80, silent_days=[360])])[0] == NONE


def test_what_comes_first_is_watched():
    assert watch_after([night(30), night(10, silent_days=[360])]) == (LEAVES, MAINTAIN, 5)
    assert watch_after([night(30), night(10, silent_days=[350])]) == (UP, SECONDARY, 6)


def test_nobody_is_said_to_rise_after_its_year_without_an_order():
    assert watch_after([night(80), night(10, silent_days=[359])])[0] == NONE
    assert watch_after([night(80), night(10, silent_days=[358])]) == (UP, SECONDARY, 6)


def test_a_book_that_only_proposes_waits_for_approval():
    proposing = Calmness(propose_only=True)
    nights = [night(30)] + [night(10)] * 9

    assert [level[0] for level, _ in shown_after(nights, proposing)] == [GENERAL] * 10
    assert watch_after(nights, proposing) == (UP, SECONDARY, 0)
    assert [level[0] for level, _ in shown_after([night(10), night(None)], proposing)][-1] == 3


ranks = st.none() | st.sampled_from([1, 1.5, 2, 15, 18, 19, 20, 21, 22, 22.5, 40, 46, 54, 56, 80])
figures = st.tuples(ranks, st.integers(0, 120), st.integers(320, 364), st.integers(-1, 70))
short = st.builds(
    Calmness,
    nights_up=st.integers(1, 4),
    nights_down=st.integers(1, 6),
    one_step=st.booleans(),
    alert_days=st.sampled_from([0, 60]),
    new_days=st.sampled_from([0, 90]),
)


def one_by_one(nights, calmness):
    """The same rules for a single customer, said slowly."""
    level, over, behind, eligible, shown = 3, [0] * 3, [0] * 3, False, []
    for rank, age, _, alert in nights:
        was_eligible, eligible = eligible, rank is not None
        if not eligible or not was_eligible:
            level = 3 if rank is None else sum(rank > places for places in (1, 20, 50))
            over, behind = [0] * 3, [0] * 3
        else:
            over = [o + 1 if rank <= p else 0 for o, p in zip(over, (1, 18, 45), strict=True)]
            behind = [b + 1 if rank > p else 0 for b, p in zip(behind, (1.1, 22, 55), strict=True)]
            rise = min([j for j in range(3) if over[j] >= calmness.nights_up], default=3)
            fall = max([j + 1 for j in range(3) if behind[j] >= calmness.nights_down], default=0)
            sheltered = age < calmness.new_days or 0 <= alert < calmness.alert_days
            target = rise if rise < level else level if sheltered else max(fall, level)
            if calmness.one_step and target != level:
                target = level + (1 if target > level else -1)
                over, behind = [0] * 3, [0] * 3
            level = target
        shown.append(level)
    return shown


def nights_of(rows):
    return [
        night(rank, age=[age], silent_days=[silent], alert_days=[alert])
        for rank, age, silent, alert in rows
    ]


@given(st.lists(figures, min_size=1, max_size=25), short)
def test_the_whole_book_at_once_is_one_customer_after_the_other(rows, calmness):
    shown = [level[0] for level, _ in shown_after(nights_of(rows), calmness)]

    assert shown == one_by_one(rows, calmness)


@settings(max_examples=30)
@given(st.lists(figures.filter(lambda row: row[0]), min_size=1, max_size=12), short)
@example(
    [(1, 0, 320, 0), (22.5, 0, 335, 0)],
    Calmness(nights_up=1, nights_down=1, one_step=True, alert_days=0, new_days=0),
)
def test_what_the_watch_says_happens_on_that_day_and_not_before(rows, calmness):
    nights = nights_of(rows)
    levels, watch = shown_after(nights, calmness)[-1]
    rank, age, silent, alert = rows[-1]
    later = [
        (rank if silent + day < 365 else None, age + day, silent + day, alert + day * (alert >= 0))
        for day in range(1, 101)
    ]

    shown = [level[0] for level, _ in shown_after(nights + nights_of(later), calmness)][len(rows) :]

    days, now = watch.days[0], levels[0]
    change = next((day for day, level in enumerate(shown, start=1) if level != now), None)
    if watch.direction[0] == NONE:
        assert change is None or change > 30
    else:
        assert (change, shown[days - 1]) == (days, watch.level[0])


def test_without_calmness_every_computed_grade_is_shown():
    nights = [night(rank) for rank in (1, 30, 10, 80, 2, None, 20.5)]

    assert [level[0] for level, _ in shown_after(nights, AT_ONCE)] == [
        each.computed[0] for each in nights
    ]


def test_a_step_changes_nothing_in_place():
    state = unknown(1, 3)
    first = step(state, night(30), calmness=DEFAULT).state
    step(first, night(10), calmness=DEFAULT)

    assert first.runs.tolist() == [[0, 0, 0]]
    assert (state.level.tolist(), replace(DEFAULT)) == ([3], DEFAULT)
