"""MBG/NBD: simulated customers, and books that cannot be fitted. See also test_published.py."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from tests.real_data import needs_real_data, online_retail_order_days
from tiering.churn import bgnbd, mbg
from tiering.churn.fit import Params, Reason
from tiering.churn.fit import fit as fit_model
from tiering.windows import is_live, order_rhythm

TEXTBOOK = Params(r=0.25, alpha=4.0, a=0.8, b=2.5)
CDNOW = Params(r=0.525, alpha=6.183, a=0.891, b=1.614)

histories = st.tuples(
    st.integers(0, 300), st.floats(0, 1), st.floats(0, 5_000), st.floats(0.1, 2_000)
)


def simulated(params, customers, *, longest, horizon, seed):
    """Histories of customers that follow the model, and who orders within the horizon after."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(params.r, 1 / params.alpha, customers)
    drop_out = rng.beta(params.a, params.b, customers)
    age = rng.uniform(0, longest, customers)
    x, tx, clock = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    orders_after = np.zeros(customers, dtype=bool)
    running = np.arange(customers)
    while len(running):
        running = running[rng.random(len(running)) >= drop_out[running]]
        clock[running] += rng.exponential(1 / rate[running])
        running = running[clock[running] <= age[running] + horizon]
        seen = running[clock[running] <= age[running]]
        x[seen] += 1
        tx[seen] = clock[seen]
        orders_after[running[clock[running] > age[running]]] = True
    return (x, tx, age), orders_after


def area_under_curve(scores, labels):
    """Chance that a random positive scores above a random negative; ties count half."""
    positive, negative = scores[labels], np.sort(scores[~labels])
    below = np.searchsorted(negative, positive, side="left")
    not_above = np.searchsorted(negative, positive, side="right")
    return (below + not_above).mean() / 2 / len(negative)


@pytest.mark.parametrize("model", [mbg, bgnbd])
@pytest.mark.parametrize("history", [(0, 0.0, 40.0), (2, 30.43, 38.86), (200, 38.0, 40.0)])
def test_the_gradient_is_the_slope_of_the_likelihood(model, history):
    x, tx, age = (np.array([figure], dtype=float) for figure in history)

    def likelihood(values):
        return model.log_likelihood(Params(*values), x, tx, age)[0]

    _, partials = model._with_partials(TEXTBOOK, x, tx, age)

    assert partials[:, 0] == pytest.approx(approx_fprime(TEXTBOOK, likelihood, 1e-7), abs=2e-4)


def test_one_time_buyers_count_as_alive_for_ever_in_bgnbd_only():
    assert bgnbd.p_alive(TEXTBOOK, [0], [0], [500]) == 1
    assert mbg.p_alive(TEXTBOOK, [0], [0], [500]) < 0.8


def test_the_example_of_the_document():
    history = [2], [30.43], [38.86]

    assert mbg.p_alive(CDNOW, *history) == pytest.approx(0.706, abs=5e-4)
    assert mbg.p_none(CDNOW, *history, horizon=13) == pytest.approx(0.666, abs=5e-4)


def test_chance_of_silence_is_calibrated_on_simulated_customers():
    history, orders = simulated(CDNOW, 200_000, longest=78, horizon=13, seed=4)

    chance = mbg.p_none(CDNOW, *history, horizon=13)

    tenths = np.array_split(np.argsort(chance), 10)
    gaps = [abs(chance[tenth].mean() - (~orders[tenth]).mean()) for tenth in tenths]
    assert max(gaps) < 0.01


def test_fit_finds_the_parameters_that_made_the_book():
    truth = Params(r=0.8, alpha=60.0, a=0.6, b=4.0)
    history, _ = simulated(truth, 40_000, longest=700, horizon=0, seed=5)

    assert mbg.fit(*history).params == pytest.approx(truth, rel=0.12)


@given(histories, st.floats(0, 400))
def test_chances_are_chances_and_grow_with_silence(history, horizon):
    x, share, age, alpha = history
    params = Params(r=0.5, alpha=alpha, a=0.3, b=3.0)
    tx = share * age if x else 0.0

    now, later = mbg.p_none(params, [x, x], [tx, tx], [age, age + 30], horizon=horizon)
    further = mbg.p_none(params, [x], [tx], [age], horizon=horizon + 30)[0]

    assert 0 <= now <= 1
    assert later >= now - 1e-12
    assert further <= now + 1e-12


def test_no_order_in_no_time_is_certain():
    assert mbg.p_none(TEXTBOOK, [0, 3], [0, 20], [0, 30], horizon=0) == pytest.approx(1)


def test_unit_of_time_changes_alpha_alone():
    history, _ = simulated(CDNOW, 3_000, longest=78, horizon=0, seed=6)
    x, tx, age = history

    weeks, days = mbg.fit(x, tx, age).params, mbg.fit(x, tx * 7, age * 7).params

    assert days.alpha == pytest.approx(weeks.alpha * 7, rel=1e-3)
    assert mbg.p_none(days, x, tx * 7, age * 7, horizon=91) == pytest.approx(
        mbg.p_none(weeks, x, tx, age, horizon=13), abs=1e-4
    )


@pytest.mark.parametrize("sample", [50_000, 400])
def test_order_of_customers_does_not_change_the_fit(sample):
    history, _ = simulated(CDNOW, 900, longest=78, horizon=0, seed=7)
    columns = np.round(np.array(history))
    shuffled = columns[:, np.random.default_rng(1).permutation(columns.shape[1])]

    assert mbg.fit(*columns, sample=sample) == mbg.fit(*shuffled, sample=sample)


def test_a_large_book_is_fitted_on_a_sample_drawn_with_a_seed():
    history, _ = simulated(CDNOW, 5_000, longest=78, horizon=0, seed=8)

    fit, again, other = (mbg.fit(*history, sample=2_000, seed=seed) for seed in (1, 1, 2))

    assert (fit.customers, fit.fitted_on) == (5_000, 2_000)
    assert fit == again
    assert fit.params != other.params


@pytest.mark.parametrize(
    "repeats",
    [[], [3], [4] * 50, [0] * 500, [3] * 99, [1] * 199],
    ids=["empty", "one", "fifty", "one order each", "99 customers", "199 repeats"],
)
def test_a_book_that_is_too_small_says_so(repeats):
    x = np.array(repeats, dtype=float)

    fit = mbg.fit(x, x * 10, x * 10 + 5)

    assert (fit.reason, fit.params, fit.converged) == (Reason.TOO_LITTLE_DATA, None, False)


def test_figures_that_are_no_numbers_say_so():
    assert mbg.fit([2.0] * 200, [np.nan] * 200, [9.0] * 200).reason == Reason.NOT_FINITE


@pytest.mark.parametrize(
    ("x", "tx", "age"),
    [
        (np.full(300, 4.0), np.full(300, 120.0), np.full(300, 130.0)),
        (np.arange(300) % 12 + 1.0, (np.arange(300) % 12 + 1) * 30.0, np.full(300, 390.0)),
        (np.full(300, 1.0), np.full(300, 1.0), np.full(300, 1.0)),
        (np.full(300, 2.0), np.zeros(300), np.zeros(300)),
        (np.full(300, 500.0), np.full(300, 500.0), np.full(300, 500.0)),
    ],
    ids=["clockwork", "clockwork, some left", "two days", "no time at all", "daily"],
)
def test_odd_books_give_chances_or_a_reason_and_never_raise(x, tx, age):
    fit = mbg.fit(x, tx, age)

    if fit.converged:
        chance = mbg.p_none(fit.params, x, tx, age, horizon=90)
        assert ((chance >= 0) & (chance <= 1)).all()
    else:
        assert fit.reason in (Reason.NOT_FINITE, Reason.NO_CONVERGENCE)


def climbing(params, x, tx, age):
    """A likelihood whose stated slope is not its own: no step ever helps."""
    height = np.full(len(x), np.log(params.r) ** 2)
    return height, np.tile(-np.log(params.r) * 10 - 1, (4, len(x)))


def undefined(params, x, tx, age):
    return np.full(len(x), np.nan), np.zeros((4, len(x)))


@pytest.mark.parametrize(
    ("model", "reason"),
    [(climbing, Reason.NO_CONVERGENCE), (undefined, Reason.NOT_FINITE)],
)
def test_a_likelihood_that_does_not_settle_says_so(model, reason):
    x = np.full(200, 3.0)

    fit = fit_model(model, x, x * 10, x * 12)

    assert (fit.reason, fit.params, fit.customers, fit.repeats) == (reason, None, 200, 600)


@needs_real_data
def test_it_ranks_the_silent_of_a_real_book():
    """Mean of three origins; the measured .744 and .639 stand in docs/grading.md."""
    orders = online_retail_order_days()
    origins = np.array(["2011-03-14", "2011-06-12", "2011-09-10"], "datetime64[D]").astype(int)

    figures = np.mean([live_accuracy(orders, int(origin)) for origin in origins], axis=0)

    assert figures[0] >= 0.73
    assert figures[1] == pytest.approx(0.639, abs=0.005)


def live_accuracy(orders, origin):
    """AUC of p_none and of days silent for "no order in 90 days", among live customers."""
    rhythm = order_rhythm(orders["customer"].to_numpy(), orders["day"].to_numpy(), as_of=origin)
    history = rhythm["repeats"], rhythm["recency"], rhythm["age"]
    chance = mbg.p_none(mbg.fit(*history).params, *history, horizon=90)
    within = orders["day"].between(origin + 1, origin + 90)
    label = ~rhythm.index.isin(orders.loc[within, "customer"])
    live = is_live(rhythm).to_numpy()
    silent = rhythm["silent_days"].to_numpy()
    return [area_under_curve(score[live], label[live]) for score in (chance, silent)]
