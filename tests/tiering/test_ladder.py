"""Which signal a book can carry, measured on its own past and on nothing later."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.tiering.past_books import TODAY, documents, steady_buyers
from tests.tiering.test_mbg import climbing
from tiering.churn import logistic, mbg
from tiering.churn.backtest import POOLS, SIGNALS, backtest, origins_of, scores_on
from tiering.churn.features import FEATURES, SEASON_HISTORY, features
from tiering.churn.fit import Reason
from tiering.churn.fit import fit as fit_model
from tiering.churn.ladder import Rung, Why, climb, without_model
from tiering.churn.slices import Book, Slice, sample_of, sampled
from tiering.windows import order_rhythm


@pytest.fixture(scope="module")
def buyers():
    return steady_buyers()


@pytest.fixture(scope="module")
def book(buyers):
    return Book(buyers, horizon=90)


def test_features_that_can_be_checked_by_hand():
    days = np.array([500, 650, 700, 900, 980])
    rhythm = order_rhythm(np.full(5, 7), days, as_of=1_000)

    row = features(rhythm, pd.Series({7: 12_345}), np.array([0.2]))[0]

    found = dict(zip(FEATURES, row, strict=True))
    assert found.pop("cadence") == pytest.approx((np.log(20) - 4.6511) / 0.6237, abs=0.001)
    assert found == pytest.approx(
        {
            "silence": np.log(21),
            "orders": np.log(6),
            "orders_90": np.log(2),
            "orders_180": np.log(3),
            "chance": np.log(0.2 / 0.8),
            "trend": np.log(3 / 3),  # 650 and 700 before, 900 and 980 since
            "revenue": np.log(1 + 123.45),
            "season": np.log(3),  # 650 and 700 are in (635, 725]
        }
    )


@pytest.mark.parametrize(("age", "known"), [(SEASON_HISTORY - 1, False), (SEASON_HISTORY, True)])
def test_the_season_counts_once_the_book_is_15_months_old(age, known):
    rhythm = order_rhythm(np.array([1, 2]), np.array([1_000 - age, 990]), as_of=1_000)

    rows = features(rhythm, pd.Series({1: 0, 2: 0}), np.array([0.5, 0.5]))

    assert (~np.isnan(rows[:, FEATURES.index("season")])).tolist() == [known, known]


def test_only_slices_whose_horizon_is_over_train(book):
    days = [each.day for each in book.closed_slices(TODAY)]

    assert days[:3] == [TODAY - 90, TODAY - 120, TODAY - 150]
    assert len(days) == 10


def test_a_slice_holds_the_live_with_what_they_did_next(book, buyers):
    newest = book.closed_slices(TODAY)[0]
    frame = book.known_on(newest.day)
    live = frame.index[(frame["order_days"] >= 3) & (frame["silent_days"] <= 180)]

    after = (buyers.day > newest.day) & (buyers.day <= TODAY) & (buyers.cents > 0)
    silent = ~np.isin(live, buyers.customer[after])
    assert len(newest.features) == len(live)
    assert newest.labels.tolist() == silent.tolist()


def test_what_comes_after_an_origin_changes_no_score(buyers):
    """All later documents go to other customers, days and amounts."""
    origin, chance = TODAY - 90, np.random.default_rng(5)
    later = np.flatnonzero(buyers.day > origin)
    columns = [column.copy() for column in buyers]
    columns[0][later] = chance.permutation(columns[0][later])
    columns[1][later] = chance.integers(origin + 1, TODAY + 90, len(later))
    columns[2][later] *= chance.integers(-9, 99, len(later))
    shuffled = Book(buyers._replace(customer=columns[0], day=columns[1], cents=columns[2]), horizon=90)  # fmt: skip
    as_it_was = Book(buyers, horizon=90)

    found, ladder = scores_on(origin, shuffled, shuffled)

    expected, former = scores_on(origin, as_it_was, as_it_was)
    pd.testing.assert_frame_equal(found, expected)
    assert (ladder.rung, ladder.auc_logistic) == (former.rung, former.auc_logistic)
    assert ladder.rung == Rung.LOGISTIC
    labels = as_it_was.fell_silent(origin, expected.index)
    assert (shuffled.fell_silent(origin, expected.index) != labels).any()


def test_the_step_up_is_taken_where_it_is_not_worse(book):
    found = climb(book, as_of=TODAY)

    assert (found.rung, found.why, found.slices) == (Rung.LOGISTIC, Why.BEST, 10)
    assert found.auc_logistic >= found.auc_mbg > 0.5
    assert found.shipped is found.model


def test_a_model_that_was_worse_on_the_newest_slice_is_not_shipped(book, monkeypatch):
    monkeypatch.setattr(logistic.Logistic, "chances", lambda model, rows: -rows[:, 0])

    found = climb(book, as_of=TODAY)

    assert (found.rung, found.why, found.shipped) == (Rung.MBG, Why.WORSE, None)
    assert found.auc_logistic < found.auc_mbg


def test_a_model_that_is_as_good_is_shipped(book, monkeypatch):
    monkeypatch.setattr("tiering.churn.ladder.auc", lambda scores, labels: 0.6)

    assert climb(book, as_of=TODAY).rung == Rung.LOGISTIC


def closed(slices, rows, silent):
    """A past with so many monthly slices and rows, of customers who fall silent by chance."""
    chance = np.random.default_rng(1)
    parts = np.array_split(chance.permutation(rows), slices)
    found = [
        Slice(day, chance.normal(size=(len(each), len(FEATURES))), each / rows, each < silent, None)
        for day, each in zip(range(TODAY - 90, 0, -30), parts, strict=False)
    ]
    return SimpleNamespace(closed_slices=lambda as_of: found, horizon=90)


@pytest.mark.parametrize(
    ("slices", "rows", "silent", "why"),
    [
        (2, 900, 300, Why.FEW_SLICES),
        (3, 299, 60, Why.FEW_ROWS),
        (3, 300, 49, Why.FEW_POSITIVES),
        (3, 300, 251, Why.FEW_POSITIVES),
        (3, 300, 50, Why.NOT_MEASURED),
        (3, 300, 250, Why.NOT_MEASURED),
    ],
)
def test_the_least_that_a_regression_learns_from(slices, rows, silent, why):
    assert climb(closed(slices, rows, silent), as_of=TODAY).why == why


@pytest.mark.parametrize(("slices", "is_measured"), [(5, False), (6, True)])
def test_the_newest_slice_is_measured_by_those_that_were_closed_on_its_day(slices, is_measured):
    found = climb(closed(slices, 900, 400), as_of=TODAY)

    assert (found.auc_logistic is not None) == is_measured


@pytest.mark.parametrize(
    ("number", "days", "why"),
    [(250, 200, Why.FEW_SLICES), (60, 500, Why.FEW_ROWS), (300, 300, Why.NOT_MEASURED)],
)
def test_what_a_book_lacks_is_said(number, days, why, monkeypatch):
    monkeypatch.setattr("tiering.churn.fit.MINIMUM_CUSTOMERS", 20)
    young = Book(steady_buyers(number, days=days), horizon=90)

    found = climb(young, as_of=TODAY)

    assert (found.rung, found.why, found.shipped) == (Rung.MBG, why, None)


def test_customers_who_all_stay_have_nothing_to_learn_from():
    rows = [(who, TODAY - 30 * n - who % 30, 100) for who in range(200) for n in range(-3, 20)]

    found = climb(Book(documents(*rows), horizon=90), as_of=TODAY)

    assert (found.rung, found.why, found.positives) == (Rung.MBG, Why.FEW_POSITIVES, 0)


def test_a_likelihood_that_does_not_converge_falls_down_and_says_so(book, monkeypatch):
    monkeypatch.setattr(logistic, "ROUNDS", 1)
    assert climb(book, as_of=TODAY).why == Why.NO_CONVERGENCE

    monkeypatch.setattr(mbg, "fit", lambda *history, **_: fit_model(climbing, *history))
    scores, ladder = scores_on(TODAY, book, book)

    assert (ladder.rung, ladder.why) == (Rung.CADENCE, Why.NO_CONVERGENCE)
    assert scores["mbg"].isna().all()
    assert scores["shipped"].between(0, 1).all()


def test_every_reason_of_a_fit_has_a_place_on_the_ladder():
    for reason in set(Reason) - {Reason.FITTED}:
        assert without_model(reason).why.value == reason.value


def test_origins_lie_90_days_apart_and_end_a_horizon_ago():
    assert origins_of(1_000, horizon=60, count=3) == [760, 850, 940]


def test_each_pool_holds_whom_it_says(book):
    (origin,) = backtest(book, book, as_of=TODAY, count=1)
    frame = book.known_on(TODAY - 90)
    active = frame[frame["order_days_365"] > 0]["value_cents"]

    sizes = {pool: int(origin.pool(pool).sum()) for pool in POOLS}
    top = active.sort_values(ascending=False).index[: sizes["top20"]]
    assert sizes["all"] == len(frame) > sizes["live"]
    assert sizes["top20"] == -(-len(active) // 5)
    assert set(frame.index[origin.pool("top20")]) == set(top)


def test_chances_are_ranked_by_money_and_baselines_by_themselves(book):
    (origin,) = backtest(book, book, as_of=TODAY, count=1)
    scores, labels = origin.scores, origin.labels

    def held(ranked):
        top = ranked.nlargest(-(-len(scores) // 10)).index
        lost = scores["value_cents"].clip(lower=0)[labels]
        return lost[lost.index.isin(top)].sum() / lost.sum()

    def figure(signal):
        return origin.figures("all", signal)["value_capture_at_10"]

    money = scores["value_cents"].clip(lower=0)
    assert figure("mbg") == pytest.approx(held(scores["mbg"] * money))
    assert figure("bgnbd") == pytest.approx(held(scores["bgnbd"]), abs=0.02)
    assert figure("mbg") != pytest.approx(held(scores["mbg"]), abs=0.02)


ODD = {
    "nobody": [],
    "one": [(1, TODAY - 100, 100)],
    "fifty": [(who, TODAY - 40 * n - who, 100) for who in range(50) for n in range(9)],
    "one order each": [(who, TODAY - who, 100) for who in range(300)],
    "all on one day": [(who, TODAY - 200, 100) for who in range(300)],
    "clockwork": [(who, TODAY - 30 * n, 100) for who in range(150) for n in range(-3, 25)],
    "returns only": [(who, TODAY - who, -100) for who in range(300)],
}


@pytest.mark.parametrize("rows", ODD.values(), ids=ODD)
@pytest.mark.parametrize("epoch", [0, -TODAY - 4_000], ids=["lately", "before 1970"])
def test_odd_books_have_figures_or_none_and_never_raise(rows, epoch):
    book = Book(documents(*((who, day + epoch, cents) for who, day, cents in rows)), horizon=90)

    for origin in backtest(book, book, as_of=TODAY + epoch, count=2):
        assert origin.ladder.why
        for pool in POOLS:
            for signal in SIGNALS:
                found = origin.figures(pool, signal).values()
                assert all(each is None or 0 <= each <= 400 for each in found)


def test_a_large_book_trains_on_a_sample_drawn_by_a_seed(buyers):
    some = sampled(buyers, limit=50)

    assert len(np.unique(some.customer)) == 50
    assert sample_of(buyers.customer, limit=50).tolist() == np.unique(some.customer).tolist()
    assert len(sampled(buyers).day) == len(buyers.day)
    whole = buyers.day[np.isin(buyers.customer, some.customer)]
    assert len(some.day) == len(whole)
