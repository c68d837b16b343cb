"""Chances become money at risk, and say who is at risk."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.tiering.past_books import TODAY, steady_buyers
from tiering.churn import mbg
from tiering.churn.explained import by_repeats
from tiering.churn.fit import Params
from tiering.churn.risk import chances, continuing_value, is_at_risk, value_at_risk
from tiering.churn.slices import Book, history_of, silence_chance
from tiering.explain import Book as Explained
from tiering.explain import Customer
from tiering.explain.after import chance_after_order
from tiering.ledger import Ledger
from tiering.windows import NO_HOLIDAYS, order_rhythm

BOOK = Params(r=0.73, alpha=68.0, a=0.22, b=3.4)


def rhythm_of(days, as_of=1_000):
    return order_rhythm(np.ones(len(days), dtype=int), np.array(days), as_of=as_of)


def test_value_at_risk_is_the_expected_loss_of_90_days():
    assert value_at_risk([0.5, 1.0, 0.6], [365_000, 36_500, -10]).tolist() == [45_000, 9_000, 0]


def test_the_example_of_the_document():
    assert value_at_risk([0.62], [84_200_00]).tolist() == [12_872_22]


def test_continuing_value_never_falls_below_nothing():
    assert continuing_value([100_00, -5_00, 0], [0.2, 0.2, 0.9]).tolist() == [80_00, 0, 0]


def test_a_chance_is_reckoned_with_as_it_is_stored():
    found = chances(rhythm_of([700, 760, 800]), BOOK)

    assert found.map(lambda chance: chance == float(f"{chance:.6f}")).all(axis=None)
    assert found.loc[1, "p_none_180"] < found.loc[1, "p_none_90"] < 1


def test_a_frequent_buyer_fallen_silent_is_at_risk_before_a_rare_one():
    frequent = chances(rhythm_of(range(500, 880, 20)), BOOK).loc[1, "p_none_90"]
    rare = chances(rhythm_of([500, 690, 880]), BOOK).loc[1, "p_none_90"]

    assert frequent > rare


def test_a_company_on_holiday_is_as_if_these_days_had_never_been():
    """Fit, chances of the night, of past slices and of replays, and what an order would bring."""
    holidays = np.arange(TODAY - 40, TODAY - 26)
    plain = steady_buyers(150, days=600)
    plain = plain.chosen(plain.day < TODAY + 60)
    # The same book, whose days from the first holiday on lie as many days later.
    later = np.where(plain.day >= holidays[0], plain.day + len(holidays), plain.day)
    pause = plain._replace(day=later)

    books = [
        (Book(plain, horizon=90), plain, NO_HOLIDAYS, TODAY),
        (Book(pause, horizon=90, holidays=holidays), pause, holidays, TODAY + len(holidays)),
    ]
    found = []
    for book, documents, kept, today in books:
        ledger = Ledger(documents, holidays=kept)
        ledger.advance(today)
        facts = ledger.facts()
        params = mbg.fit(*history_of(facts)).params
        one = Customer("a", 0, True, 1.0, 0, 0, 4, 4, age=300, silent_days=3, p_none=0.5)
        one = replace(one, age=300 + len(kept))
        after = Explained("value", "shares", (), {}, 150, params=params, day=today, holidays=kept)
        found.append(
            (
                params,
                chances(facts, params).to_numpy().tolist(),
                book.slice_of(today).params,
                silence_chance(book.known_on(today), params, 90).tolist(),
                chance_after_order(one, after, in_days=5),
            )
        )

    assert found[0] == found[1]
    ahead = order_rhythm(np.array([1]), np.array([90]), as_of=100, holidays=np.arange(120, 130))
    assert ahead[["ahead_90", "ahead_180"]].to_numpy().tolist() == [[80, 170]]
    of_fewer_days = chances(ahead, BOOK).loc[1, "p_none_90"]
    assert of_fewer_days > chances(rhythm_of([90], as_of=100), BOOK).loc[1, "p_none_90"]
    assert by_repeats(ahead, BOOK).chance == of_fewer_days
    soon = replace(after, params=BOOK, day=100, holidays=np.arange(120, 130))
    bought_today = replace(one, age=10, order_days=1, silent_days=10)
    assert chance_after_order(bought_today, soon) == pytest.approx(
        mbg.p_none(BOOK, [1], [10], [10], horizon=170)[0], abs=1e-6
    )


@pytest.mark.parametrize(
    ("days", "chance", "at_risk"),
    [
        ([700, 900], 0.60, True),
        ([700, 900], 0.59, False),
        ([500, 636], 0.99, True),
        ([500, 635], 0.99, False),
        ([700], 0.99, False),
        ([910, 950], 0.99, True),
        ([911, 950], 0.99, False),
    ],
    ids=[
        "at the threshold",
        "below it",
        "silent for a year less a day",
        "silent for a year",
        "bought once",
        "known for 90 days",
        "known for 89 days",
    ],
)
def test_at_risk_is_who_bought_within_a_year_and_is_not_new(days, chance, at_risk):
    rhythm = rhythm_of(days)

    found = is_at_risk(rhythm, pd.Series(chance, index=rhythm.index))

    assert found.tolist() == [at_risk]
