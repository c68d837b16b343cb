"""Logistic regression: the least penalised loss, on any scale, and what it says of itself."""

import numpy as np
import pytest
from scipy.optimize import minimize

from tiering.churn import logistic
from tiering.churn.fit import Reason


@pytest.fixture(scope="module")
def book():
    chance = np.random.default_rng(2)
    features = chance.normal(size=(400, 3)) * [1, 5, 0.1] + [3, -2, 0]
    odds = 0.8 * (features[:, 0] - 3) - 0.3 * (features[:, 1] + 2) - 0.5
    return features, chance.random(400) < 1 / (1 + np.exp(-odds))


def test_it_finds_the_least_penalised_loss(book):
    features, labels = book
    z = (features - features.mean(axis=0)) / features.std(axis=0)

    def loss(at):
        odds = at[0] + z @ at[1:]
        return (np.logaddexp(0, odds) - labels * odds).sum() + (at[1:] ** 2).sum() / 2

    found = logistic.fit(features, labels).model

    best = minimize(loss, np.zeros(4), tol=1e-10).x
    assert [found.intercept, *found.coefficients] == pytest.approx(best, abs=1e-4)


def test_contributions_add_up_to_the_log_odds(book):
    model = logistic.fit(*book).model

    chance = model.chances(book[0])

    assert model.intercept + model.contributions(book[0]).sum(axis=1) == pytest.approx(
        np.log(chance / (1 - chance))
    )
    assert model.contributions(model.means[None, :]) == pytest.approx(0)


def test_units_do_not_matter(book):
    features, labels = book
    other = features * [100, 0.001, 7] + 12

    assert logistic.fit(other, labels).model.chances(other) == pytest.approx(
        logistic.fit(features, labels).model.chances(features), abs=1e-6
    )


def test_what_is_not_known_or_the_same_for_all_says_nothing(book):
    features, labels = book
    wider = np.column_stack([features, np.full(400, np.nan), np.full(400, 0.1)])

    model = logistic.fit(wider, labels).model

    assert model.coefficients[3:] == pytest.approx(0)
    assert model.chances(wider) == pytest.approx(logistic.fit(*book).model.chances(features))
    unknown = np.full((1, 5), np.nan)
    assert model.contributions(unknown) == pytest.approx(0)


def test_a_figure_that_tells_all_apart_has_an_end_too():
    labels = np.arange(200) >= 100

    fit = logistic.fit(np.arange(200.0)[:, None], labels)

    assert fit.reason == Reason.FITTED
    assert ((fit.model.chances(np.arange(200.0)[:, None]) > 0.5) == labels).all()


@pytest.mark.parametrize("labels", [np.zeros(9, bool), np.ones(9, bool), np.empty(0, bool)])
def test_labels_of_one_kind_are_too_little(labels):
    fit = logistic.fit(np.ones((len(labels), 2)), labels)

    assert (fit.reason, fit.model, fit.rows) == (Reason.TOO_LITTLE_DATA, None, len(labels))


def test_figures_that_are_no_numbers_say_so(book):
    features = book[0].copy()
    features[3, 1] = np.inf

    assert logistic.fit(features, book[1]).reason == Reason.NOT_FINITE


def test_a_search_that_does_not_settle_says_so(book, monkeypatch):
    monkeypatch.setattr(logistic, "ROUNDS", 2)

    fit = logistic.fit(*book)

    assert (fit.reason, fit.model, fit.rows) == (Reason.NO_CONVERGENCE, None, 400)
