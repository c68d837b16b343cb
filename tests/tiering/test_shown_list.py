"""The list of alerts as it is shown, replayed on past weeks: who is told, and how right it was."""

import numpy as np
import pandas as pd
import pytest

from tests.tiering.past_books import TODAY, steady_buyers
from tiering.churn.compared import compared
from tiering.churn.earned import badges_at, earned_of
from tiering.churn.realised import Cases, bands_of, by_band, difference, realised
from tiering.churn.shown_list import (
    ALL,
    BASELINES,
    BY_CHANCE,
    BY_MBG,
    SHOWN,
    STEPS,
    measured,
)
from tiering.churn.slices import Acted, Book
from tiering.churn.threshold import Tried, threshold_for, tried
from tiering.churn.told import Weeks
from tiering.churn.weeks import Owners, Past, grades_by_value
from tiering.rules import Policy

NOBODY = np.empty(0, dtype=np.int64)


def rows_of(*rows):
    """(day, customer, since, owner, grade, chance, value, fell_silent) each."""
    names = ["day", "customer", "since", "owner", "grade", "shipped", "value", "fell_silent"]
    frame = pd.DataFrame(rows, columns=names)
    baselines = dict.fromkeys(("mbg", "own_gap_ratio", "bgnbd", "revenue"), frame["shipped"])
    silent = frame["day"] - frame["since"]
    return frame.assign(**baselines, days_silent=silent * 1.0, silent_days=silent, signal="mbg")


def at(rows, threshold, *, budget=5.0, name=SHOWN, part=ALL):
    weeks = Weeks(rows, horizon=90)
    found = measured(weeks, budget=np.full(len(rows), budget), thresholds=[threshold])
    return next(row for row in found if (row.list, row.part) == (name, part))


BOOK = rows_of(
    # Week 100: owner 1 has room for two.
    (100, 11, 40, 1, "general", 0.70, 900, True),
    (100, 12, 40, 1, "general", 0.90, 100, True),
    (100, 13, 40, 1, "general", 0.65, 800, False),
    (100, 14, 40, 1, "key", 0.60, 10, False),
    (100, 21, 10, 2, "general", 0.60, 50, True),
    (100, 31, 10, 0, "general", 0.61, 5, True),
    # Week 107: 11 was told of in this silence, 13 has a new one.
    (107, 11, 40, 1, "general", 0.75, 900, True),
    (107, 12, 40, 1, "general", 0.91, 100, True),
    (107, 13, 104, 1, "general", 0.95, 800, True),
    (107, 15, 90, 1, "general", 0.59, 9_000, True),
)


def told_of(threshold, budget, name="shown"):
    weeks = Weeks(BOOK, horizon=90)
    chance, value = BOOK["shipped"].to_numpy(), BOOK["value"].to_numpy()
    room = np.where(BOOK["owner"] == 0, np.inf, budget)
    line = weeks.line(chance * value, weeks.is_key)
    told = BOOK[weeks.told(line, chance >= threshold, room)]
    return list(zip(told["day"], told["customer"], strict=True))


def test_key_customers_then_the_dearest_as_many_as_the_week_has_room_for():
    assert told_of(0.6, 2) == [(100, 11), (100, 14), (100, 21), (100, 31), (107, 12), (107, 13)]
    assert told_of(0.6, 0.0) == [(100, 31)]  # the pool has nobody whose week could be full


def test_figures_of_the_list_that_can_be_checked_by_hand():
    found = at(BOOK, 0.6, budget=2.0)

    assert (found.n, found.right) == (6, 5)
    # Silences that went on: 11, 12, 21, 31, the second of 13, and 15, which was below.
    assert (found.lost, found.caught) == (6, 5)
    assert (found.lost_value, found.caught_value) == (900 + 100 + 50 + 5 + 800 + 9_000, 1_855)
    # Right ones had been silent for 60, 90, 90, 67 and 3 days; only 90 days are known of each.
    assert found.warning == 90.0
    key = at(BOOK, 0.6, budget=2.0, part="grade:key")
    assert (key.n, key.right, key.lost, key.warning) == (1, 0, 0, None)


def test_each_list_has_an_order_and_a_threshold_of_its_own():
    """With room for one: key customers and the pool in any case, by chance alone nobody first."""
    rows = rows_of(
        (100, 11, 40, 1, "key", 0.60, 10, False),
        (100, 12, 40, 1, "key", 0.61, 10, False),
        (100, 13, 40, 1, "general", 0.90, 900, True),
        (100, 14, 40, 1, "general", 0.50, 50, True),
        (100, 31, 40, 0, "general", 0.70, 5, False),
        (100, 32, 40, 0, "general", 0.80, 5, False),
    ).assign(mbg=[0.5, 0.5, 0.5, 0.95, 0.5, 0.5])

    found = {name: at(rows, 0.6, budget=1.0, name=name) for name in (SHOWN, BY_CHANCE, BY_MBG)}

    counts = {name: (row.n, row.right) for name, row in found.items()}
    assert counts == {SHOWN: (4, 0), BY_CHANCE: (3, 1), BY_MBG: (1, 1)}


def badge_book(late, right, *, over=50):
    """So many below the threshold who show the badge, each with a value of its own, some of them
    rightly; and others above it, all right, who show it too. Nobody else is below."""
    below = [(100 + 7 * (n % 2), n, 40, 1, "general", 0.4, 900 - n, n < right) for n in range(late)]
    above = [(100, 200 + n, 40, 1, "general", 0.9, 10, True) for n in range(over)]
    rows = rows_of(*sorted(below + above), (107, 999, 40, 1, "key", 0.4, 5_000, False))
    return rows.assign(**{"badge:late": rows["customer"] < 999, "badge:item": False})


@pytest.mark.parametrize(
    ("late", "right", "wanted", "why"),
    [
        (40, 31, 0.6, ""),  # at least .676 with 90 per cent confidence
        (40, 31, 0.7, "not_sure"),
        (29, 29, 0.6, "few"),
        (40, 27, None, "not_sure"),  # as right as the list without it: 50 of 50
    ],
)
def test_a_badge_is_judged_by_the_alerts_that_it_alone_would_raise(late, right, wanted, why):
    weeks = Weeks(badge_book(late, right), horizon=90)
    asked = {"budget": np.full(len(weeks.rows), np.inf), "threshold": 0.6, "wanted": wanted}

    item, badge = sorted(badges_at(weeks, **asked), key=lambda each: each.signal)

    assert (badge.seen, badge.over, badge.n, badge.right) == (late + 50, 50, late, right)
    assert (badge.why, item.why, item.n) == (why, "few", 0)
    assert earned_of([item, badge]) == ([] if why else ["late"])
    short = Weeks(badge_book(late, right, over=29), horizon=90)
    asked |= {"budget": np.full(late + 30, np.inf), "wanted": None}
    assert badges_at(short, **asked)[0].why == ("few" if late < 30 else "no_measure")


@pytest.mark.parametrize(
    ("share", "alone", "why"), [(0.54, 30, "failed"), (0.54, 29, ""), (0.55, 30, ""), (None, 0, "")]
)
def test_a_badge_whose_alerts_were_wrong_in_fact_has_not_earned_them(share, alone, why):
    weeks = Weeks(badge_book(40, 31), horizon=90)
    asked = {"budget": np.full(len(weeks.rows), np.inf), "threshold": 0.6, "wanted": 0.6}

    badge = badges_at(weeks, **asked, in_fact={"late": (share, alone)})[0]

    assert (badge.signal, badge.why, badge.kept["alone"]) == ("late", why, alone)
    assert earned_of([badge]) == ([] if why else ["late"])


def test_alerts_of_badges_stand_in_the_same_line_and_are_told_apart():
    """With room for two a week and owner the dear ones of the badge come before the cheap ones of
    a high chance, and the key customer without a badge is not told of."""
    weeks = Weeks(badge_book(40, 31).assign(signal="mbg"), horizon=90)
    asked = {"budget": np.full(len(weeks.rows), 2.0), "thresholds": [0.6]}

    rows = {
        (row.list, row.part): (row.n, row.right)
        for row in measured(weeks, **asked, earned={0.6: ["late"]})
    }

    assert rows[SHOWN, ALL] == (4, 4)
    assert (rows[SHOWN, "signal:late"], rows[SHOWN, "signal:mbg"]) == ((4, 4), (0, 0))
    assert rows[BY_CHANCE, ALL] == (2, 2)  # all who are above stand in the first week
    both = badge_book(40, 31).assign(**{"badge:item": True})
    best_first = {0.6: ["late", "item"]}  # of two badges the alert has the name of the better one
    found = measured(Weeks(both, horizon=90), **asked, earned=best_first)
    badges = {row.part: row.n for row in found if row.part in ("signal:late", "signal:item")}
    assert badges == {"signal:late": 3, "signal:item": 1}


def test_warning_is_the_median_of_what_was_left_of_180_days():
    silences = [(100, who, 100 - days, 1, "general", 0.9, 10, True)
                for who, days in enumerate((200, 170, 60))]  # fmt: skip

    assert at(rows_of(*silences), 0.6).warning == 10


def week(day, number, chance, silent):
    return [(day, who, day - 60, 1, "general", chance, 10, who < silent) for who in range(number)]


@pytest.mark.parametrize(
    ("number", "expected"), [(100, [Tried(0.6, 100, 70), Tried(0.65, 0, 0)]), (99, [])]
)
def test_thresholds_are_tried_on_the_newest_day_where_it_has_a_hundred(number, expected):
    rows = rows_of(*week(100, 150, 0.9, 0), *week(107, number, 0.6, 70))

    assert tried(Weeks(rows, horizon=90), [0.6, 0.65]) == expected


def test_chances_are_compared_by_money_and_baselines_by_themselves():
    many = [(100, 10 + who, 40, 1, "general", 0.1, 1, False) for who in range(8)]
    rows = rows_of(
        (100, 1, 40, 1, "general", 0.9, 10, True), (100, 2, 40, 1, "general", 0.5, 990, True), *many
    )

    found = compared(Weeks(rows, horizon=90))

    assert (found["shipped"]["value"], found["own_gap_ratio"]["value"]) == (0.99, 0.01)


def test_without_a_budget_nobody_is_told():
    assert at(BOOK, 0.6, budget=0.0).n == 0


def test_baselines_tell_of_as_many_in_every_week_of_every_owner():
    shown = at(BOOK, 0.6, budget=2.0)
    longest = at(BOOK, 0.6, budget=2.0, name="days_silent")

    assert longest.n == shown.n
    # Owner 1 in week 100: 60 days of four, so the first two; in week 107 not the short silences.
    assert longest.right == 6


@pytest.mark.parametrize(
    ("wanted", "expected"), [(0.5, 0.3), (0.6, 0.4), (0.75, 0.5), (0.99, None)]
)
def test_the_threshold_is_the_lowest_that_is_right_enough_for_sure(wanted, expected):
    found = [Tried(0.3, 200, 110), Tried(0.4, 100, 70), Tried(0.5, 40, 35), Tried(0.6, 0, 0)]

    assert threshold_for(wanted, found, {}) == expected
    assert threshold_for(found[1].at_least, found, {}) == 0.4
    assert [round(each.at_least or 0, 2) for each in found] == [0.50, 0.64, 0.79, 0.0]


@pytest.mark.parametrize(("n", "right", "expected"), [(30, 17, 0.5), (30, 18, 0.4), (29, 0, 0.4)])
def test_the_list_as_it_is_shown_must_be_right_as_often(n, right, expected):
    found = [Tried(0.4, 100, 70), Tried(0.5, 40, 35)]

    assert threshold_for(0.6, found, {0.4: (n, right), 0.5: (n, n)}) == expected


@pytest.fixture(scope="module", autouse=True)
def six_weeks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tiering.churn.weeks.WEEKS", 6)
        yield


@pytest.fixture(scope="module")
def buyers():
    return steady_buyers(260, days=760)


def past_of(documents, *, acted=None, owners=3):
    book = Book(documents, horizon=90, **({"acted": acted} if acted else {}))
    who = Owners(book.customers, book.customers % owners, NOBODY, NOBODY, NOBODY)
    return Past(book, who, Policy(), TODAY)


@pytest.fixture(scope="module")
def past(buyers):
    return past_of(buyers)


@pytest.fixture(scope="module")
def rows(past):
    return past.weeks()


def test_weeks_end_a_horizon_ago_and_hold_whom_alerts_could_concern(past, rows, buyers):
    days = rows["day"].unique().tolist()
    assert days[-1] == TODAY - 90
    assert set(np.diff(days)) == {7}
    newest = rows[rows["day"] == days[-1]]
    frame = past.book.known_on(TODAY - 90)
    known = (frame["order_days"] >= 2) & (frame["age"] >= 90) & (frame["order_days_365"] > 0)
    assert newest["customer"].tolist() == frame.index[known].tolist()
    assert past.concerned() == known.sum()
    after = (buyers.day > TODAY - 90) & (buyers.day <= TODAY) & (buyers.cents > 0)
    assert (newest["fell_silent"] == ~newest["customer"].isin(buyers.customer[after])).all()


@pytest.mark.parametrize("origin", [TODAY - 90, TODAY - 104])
def test_what_comes_after_a_week_changes_nothing_but_what_became_of_it(origin, buyers, rows):
    """All documents after the week go to other customers, days and amounts."""
    chance = np.random.default_rng(5)
    later = np.flatnonzero(buyers.day > origin)
    columns = [column.copy() for column in buyers]
    columns[0][later] = chance.permutation(columns[0][later])
    columns[1][later] = chance.integers(origin + 1, TODAY + 90, len(later))
    columns[2][later] *= chance.integers(-9, 99, len(later))
    names = ("customer", "day", "cents")

    other = past_of(buyers._replace(**dict(zip(names, columns[:3], strict=True)))).weeks()

    other, known = (each[each["day"] <= origin] for each in (other, rows))
    pd.testing.assert_frame_equal(
        other.drop(columns="fell_silent"), known.drop(columns="fell_silent")
    )
    assert (other["fell_silent"] != known["fell_silent"]).any()


def test_silences_that_somebody_acted_upon_are_left_out(buyers, rows):
    newest = rows[rows["day"] == TODAY - 90].iloc[0]
    one = [np.array([value]) for value in (newest["customer"], newest["since"], TODAY - 100)]

    acted = past_of(buyers, acted=Acted(*one)).weeks()

    gone = (rows["customer"] == newest["customer"]) & (rows["since"] == newest["since"])
    gone &= rows["day"] + 90 >= TODAY - 100
    assert len(acted) == len(rows) - gone.sum() < len(rows)
    trained = Book(buyers, horizon=90, acted=Acted(*one)).closed_slices(TODAY)[0]
    whole = Book(buyers, horizon=90).closed_slices(TODAY)[0]
    assert len(trained.labels) == len(whole.labels) - 1


def test_a_list_by_money_is_right_less_often_than_one_by_chance(rows):
    shown = at(rows, 0.3, budget=1.0)
    by_chance = at(rows, 0.3, budget=1.0, name="by_chance")

    assert shown.n > 10
    assert shown.right / shown.n < by_chance.right / by_chance.n
    assert all(at(rows, 0.3, budget=1.0, name=name).n == shown.n for name in BASELINES[:1])


def test_the_grades_of_a_list_add_up_to_it(rows):
    found = measured(Weeks(rows, horizon=90), budget=np.full(len(rows), 2.0), thresholds=[0.5])
    of_list = {row.part: row for row in found if row.list == SHOWN}
    whole = of_list.pop(ALL)

    for kind in ("grade", "signal"):
        parts = [row for part, row in of_list.items() if part.startswith(kind)]
        for figure in ("n", "right", "lost", "caught", "lost_value", "caught_value"):
            total = sum(getattr(row, figure) for row in parts)
            assert total == getattr(whole, figure), (kind, figure)
    assert 0 < whole.caught == whole.right < whole.lost


def test_a_book_with_too_few_customers_tries_no_threshold(rows):
    few, enough = (Weeks(rows_of(*week(100, number, 0.7, 50)), horizon=90) for number in (99, 100))

    assert tried(few) == []
    assert tried(enough)[0].n == 100
    assert [each.threshold for each in tried(Weeks(rows, horizon=90))] == list(STEPS)
    assert tried(Weeks(rows[:0], horizon=90)) == []


def test_owners_of_a_past_day():
    owners = Owners(
        np.array([1, 2, 3]), np.array([7, 8, 0]),
        changed=np.array([1, 1, 3]), changed_day=np.array([50, 80, 60]), former=np.array([5, 6, 9]),
    )  # fmt: skip
    asked = np.array([1, 2, 3])

    assert owners.on(40, asked).tolist() == [5, 8, 9]
    assert owners.on(50, asked).tolist() == [6, 8, 9]
    assert owners.on(80, asked).tolist() == [7, 8, 0]
    assert owners.owner.tolist() == [7, 8, 0]


def test_grades_of_a_past_day_are_cut_by_value():
    frame = pd.DataFrame({"value_cents": [*range(150), 10_000], "order_days_365": [1] * 150 + [0]})

    found = grades_by_value(frame, Policy())

    # 1, 19, 30 and 50 per cent of 150; whoever did not order in a year is in the last grade.
    assert np.bincount(found).tolist() == [2, 28, 45, 76]
    assert found[-1] == 3
    assert found[149] == 0


def cases(*rows):
    """(chance, told, acted, right) each."""
    chance, *flags = zip(*rows, strict=True)
    return Cases(np.array(chance), *(np.array(flag, dtype=bool) for flag in flags))


def test_cases_left_alone_speak_for_those_acted_upon_in_their_band():
    told = [(0.65, 1, 1, 0)] * 6 + [(0.65, 1, 0, 1)] * 2  # 8 told, 2 of them left alone
    held = [(0.65, 0, 0, 0)] * 2 + [(0.85, 0, 0, 1)] * 3
    found = cases(*told, *held, (0.85, 1, 0, 1), (0.85, 1, 0, 0))

    # Of the lower band 2 of 4 were right, of the upper 4 of 5; 8 and 2 were told of.
    assert realised(found) == pytest.approx((8 * 2 / 4 + 2 * 4 / 5) / 10)
    bands = by_band(found)
    assert bands == [(0.6, 6, 0, 4, 2), (0.8, 0, 0, 5, 4)]
    assert difference(bands) == pytest.approx(2 / 4)
    more = by_band(cases(*told, *held, (0.85, 1, 1, 1)))
    assert difference(more) == pytest.approx((6 * 2 / 4 + 1 * 0) / 7)
    assert bands_of(np.array([0.7 - 1e-12, 0.6999, 1.0])).tolist() == [7, 6, 9]


def test_without_cases_left_alone_nothing_is_claimed():
    acted = cases((0.65, 1, 1, 0), (0.7, 1, 1, 1))

    assert realised(acted) is None
    assert difference(by_band(acted)) is None
    assert realised(cases((0.65, 0, 0, 1), (0.7, 0, 0, 0))) == 0.5
