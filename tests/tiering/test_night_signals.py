"""The night scores with the best signal that the book can carry, and says which it was."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from tests.factories import AS_OF
from tests.tiering.books import steady_book
from tiering.churn.backtest import scores_on
from tiering.churn.ladder import Rung, Why, climb
from tiering.churn.slices import Book
from tiering.models import ChurnAlert, ChurnFit, Standing
from tiering.services import fitting, run_night
from tiering.services.backtesting import read_documents
from tiering.services.book import book_of
from tiering.windows import day_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def book():
    """Enough of a past for a regression; some documents are later than AS_OF."""
    return steady_book()


def known_documents() -> Book:
    return Book(read_documents(as_of=AS_OF, window=3_000), horizon=90)


def standings() -> pd.DataFrame:
    rows = Standing.objects.exclude(p_none_90=None).order_by("customer").values()
    return pd.DataFrame(rows).set_index("customer_id")


def test_the_night_scores_as_the_backtest_says_it_does(book):
    run = run_night(as_of=AS_OF)

    found = standings()
    expected, ladder = scores_on(day_number(AS_OF), known_documents(), known_documents())
    fit = run.fit
    assert (fit.rung, fit.why) == (ladder.rung, ladder.why) == (Rung.LOGISTIC, Why.BEST)
    assert (fit.slices, fit.rows, fit.positives) == (10, ladder.rows, ladder.positives)
    assert fit.auc_logistic == ladder.auc_logistic >= fit.auc_mbg == ladder.auc_mbg
    assert found["p_none_90"].tolist() == pytest.approx(expected["shipped"].tolist(), abs=2e-6)
    live = expected["in_live"].to_numpy()
    assert (found["signal"] == np.where(live, "logistic", "mbg")).all()
    # Grades go on with the chance of 180 days by MBG/NBD.
    assert (expected["mbg"] != expected["shipped"]).any()
    assert (found["p_none"] <= expected["mbg"].to_numpy()).all()


def test_alerts_carry_the_signal_and_previews_keep_it(book):
    run = run_night(as_of=AS_OF)

    known = dict(Standing.objects.values_list("customer", "signal"))
    alerts = ChurnAlert.objects.values_list("customer", "signal")
    assert {signal for _, signal in alerts} == {"logistic", "mbg"}
    assert all(known[customer] == signal for customer, signal in alerts)
    names = np.array(["", "mbg", "logistic"])
    assert dict(zip(book_of(run).index, names[book_of(run)["signal"]], strict=True)) == known


def test_a_kept_regression_is_the_one_that_was_fitted(book):
    fit = run_night(as_of=AS_OF).fit
    model = climb(known_documents(), as_of=day_number(AS_OF)).model
    rows = known_documents().closed_slices(day_number(AS_OF))[0].features

    kept = fitting.regression_of(ChurnFit.objects.get(pk=fit.pk))

    assert kept.chances(rows).tolist() == model.chances(rows).tolist()
    assert run_night(as_of=AS_OF + timedelta(days=1)).fit == fit
    assert run_night(as_of=AS_OF + timedelta(days=7)).fit != fit


def test_a_large_book_learns_from_a_sample(book, monkeypatch):
    monkeypatch.setattr(fitting, "SAMPLE", 150)

    sampled = run_night(as_of=AS_OF).fit

    whole = climb(known_documents(), as_of=day_number(AS_OF))
    assert 0 < sampled.rows < whole.rows * 0.7
    assert sampled.customers > 250


def test_a_fit_of_other_figures_is_not_used(book):
    fit = run_night(as_of=AS_OF).fit
    fit.logistic["names"][0] = "something else"

    assert fitting.regression_of(fit) is None
