"""Each signal by hand: the least that raises it, and what just does not."""

import numpy as np
import pandas as pd
import pytest

from tiering.signals.rules import CODES, flagged, lost_items, strongest

AS_OF = 1_000
QUIET = {
    "eligible": True,
    "later_than_usual": False,
    "age": 500.0,
    "last_order_day": 990,
    "spent_90": 100.0,
    "spent_season": 100.0,
    "categories_recent": 4.0,
    "categories_before": 4.0,
    "late_recent": 2.0,
    "late_before": 2.0,
    "dues_recent": 3.0,
    "dues_before": 3.0,
    "item_lost": False,
    "contact_day": 990.0,
    "promised_days": 30.0,
    "complaint_day": np.nan,
    "satisfaction": np.nan,
    "owner_day": np.nan,
}


def shown_by(**figures):
    shown = flagged(pd.DataFrame([QUIET | figures]), as_of=AS_OF).loc[0]
    return [code for code in CODES if shown[code]]


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        ({"complaint_day": 999.0}, "complaint"),
        ({"satisfaction": 2.0}, "complaint"),
        ({"contact_day": 969.0}, "contact"),
        ({"spent_90": 49.0}, "spending"),
        ({"spent_90": -5.0, "age": 455.0}, "spending"),
        ({"item_lost": True}, "item"),
        ({"categories_recent": 2.0}, "categories"),
        ({"categories_recent": 1.0, "categories_before": 3.0}, "categories"),
        ({"late_recent": 9.0}, "payments"),
        ({"owner_day": 911.0}, "owner"),
        ({"later_than_usual": True}, "late"),
    ],
)
def test_the_least_that_raises_a_signal(figures, code):
    assert shown_by(**figures) == [code]
    assert shown_by(**figures, eligible=False) == []


@pytest.mark.parametrize(
    "figures",
    [
        {},
        {"satisfaction": 3.0},
        {"contact_day": 970.0},
        {"contact_day": np.nan},
        {"contact_day": 0.0, "promised_days": np.nan},
        {"spent_90": 50.0},
        {"spent_90": 0.0, "age": 454.0},
        {"spent_90": -5.0, "spent_season": 0.0},
        {"categories_recent": 0.0},
        {"categories_recent": 3.0},
        {"categories_recent": 1.0, "categories_before": 2.0},
        {"late_recent": 8.9},
        {"late_recent": 90.0, "dues_recent": 2.0},
        {"late_recent": 90.0, "dues_before": 2.0},
        {"late_recent": 90.0, "late_before": np.nan, "dues_before": np.nan},
        {"owner_day": 910.0},
    ],
)
def test_what_just_does_not(figures):
    assert shown_by(**figures) == []


def lost(*items, last_order):
    columns = ["customer", "product", "last_day", "longest_gap", "share"]
    found = lost_items(pd.DataFrame(items, columns=columns), pd.Series(last_order, dtype=float))
    return {key: (row["item"], row["item_day"]) for key, row in found.iterrows()}


def test_an_item_is_lost_when_orders_go_on_without_it():
    assert lost((1, 7, 900, 30, 0.5), last_order={1: 931}) == {1: (7, 900)}


@pytest.mark.parametrize(
    ("longest_gap", "last_order"),
    [(30, 930), (100, 1_000), (30, 900)],
    ids=["no order since it was due", "not due yet", "nothing bought since"],
)
def test_an_item_that_may_still_come_is_not_lost(longest_gap, last_order):
    assert lost((1, 7, 900, longest_gap, 0.5), last_order={1: last_order}) == {}


def test_of_several_lost_items_the_largest_is_shown():
    items = [(1, 7, 900, 30, 0.2), (1, 8, 890, 30, 0.6), (2, 7, 990, 30, 0.9)]
    alike = [(3, 9, 900, 30, 0.5), (3, 8, 890, 30, 0.5)]

    assert lost(*items, last_order={1: 999, 2: 999}) == {1: (8, 890)}
    assert lost(*alike, last_order={3: 999}) == {3: (8, 890)}


def test_the_signal_that_was_right_most_often_is_the_strongest():
    quality = {"owner": [100, 40], "spending": [100, 60], "complaint": [29, 29]}

    assert strongest(["owner", "spending", "complaint"], quality, enough=30) == "spending"
    assert strongest(["complaint", "owner"], quality, enough=29) == "complaint"
    assert strongest(["late", "complaint"], {}, enough=30) == "complaint"
    assert strongest(["late", "a signal of former days"], {}, enough=30) == "late"
    assert strongest([], quality, enough=30) == ""
