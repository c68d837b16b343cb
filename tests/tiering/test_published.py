"""Numbers of others, to the last digit that they give: CDNOW, in weeks, fitted to 1997-09-30.

Where two figures stand for one parameter, the first is the published one, which is met digit by
digit; the second was measured with another optimizer, which ends a ten-thousandth elsewhere.
"""

import numpy as np
import pytest
from scipy.stats import rankdata

from tests.real_data import cdnow_order_days, cdnow_summary, needs_real_data
from tiering.churn import bgnbd, gamma_gamma, mbg
from tiering.churn.fit import Params, Reason

TEXTBOOK = Params(r=0.25, alpha=4.0, a=0.8, b=2.5)
CALIBRATED = "19970930"
AFTER = 39  # weeks, to the end of the sample


def rounded(figures, digits):
    return [round(float(each), digits) for each in figures]


@pytest.fixture(scope="module")
def book():
    return cdnow_summary()


@pytest.fixture(scope="module")
def spent(book):
    """Number and mean amount of the repeats by customer, 0 without any, as in the summary."""
    days = cdnow_order_days()
    days = days[days["day"] <= CALIBRATED]
    repeats = days[days["day"] > days.groupby("id")["day"].transform("min")].groupby("id")
    x, m = repeats["dollars"].size(), repeats["dollars"].mean()
    return [each.reindex(book["ID"], fill_value=0).to_numpy() for each in (x, m)]


@needs_real_data
@pytest.mark.parametrize(
    ("model", "published", "measured", "likelihood"),
    [
        (bgnbd, [0.243, 4.414, 0.793, 2.426], [0.2426, 4.4136, 0.7929, 2.4256], -9582.43),
        (mbg, [0.525, 6.183, 0.891, 1.614], [0.5248, 6.1831, 0.8914, 1.6140], -9582.13),
    ],
    ids=["BG/NBD", "MBG/NBD"],
)
def test_parameters(model, published, measured, likelihood, book):
    fit = model.fit(book["frequency"], book["recency"], book["T"])

    assert rounded(fit.params, 3) == published
    assert fit.params == pytest.approx(measured, rel=1e-4)
    assert round(fit.log_likelihood, 2) == likelihood
    assert (fit.customers, fit.fitted_on, fit.reason) == (2357, 2357, Reason.FITTED)


@pytest.mark.parametrize(
    ("model", "published"),
    [(mbg, [-0.41792826, 100.7869]), (bgnbd, [-0.59947382, 100.7957])],
    ids=["MBG/NBD", "BG/NBD"],
)
def test_log_likelihood_of_two_histories(model, published):
    once, often = model.log_likelihood(TEXTBOOK, [0, 200], [0, 38], [40, 40])

    assert [round(float(once), 8), round(float(often), 4)] == published


@needs_real_data
def test_gamma_gamma(spent, book):
    x, m = spent
    bought_again = x > 0

    spread = gamma_gamma.fit(x[bought_again], m[bought_again])

    assert (x == book["frequency"]).all()
    assert bought_again.sum() == 946
    assert round(np.corrcoef(x[bought_again], m[bought_again])[0, 1], 4) == 0.1139
    assert rounded(spread, 2) == [6.25, 3.74, 15.44]
    assert spread == pytest.approx([6.249, 3.745, 15.448], rel=5e-4)
    expected = gamma_gamma.expected_amount(spread, x, m)
    assert expected[:10] == pytest.approx(
        [24.66, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17], abs=0.01
    )
    assert round(float(gamma_gamma.expected_amount(spread, 0, 0)), 2) == 35.17


@needs_real_data
def test_who_orders_in_the_weeks_after(book):
    """Shares of right answers, and the area under the curve, of three scores for silence."""
    days = cdnow_order_days()
    later = days[days["day"] > CALIBRATED]
    silent = ~book["ID"].isin(later["id"]).to_numpy()
    history = book["frequency"], book["recency"], book["T"]
    params, others = (model.fit(*history).params for model in (mbg, bgnbd))
    scores = [
        mbg.p_none(params, *history, horizon=AFTER),
        1 - mbg.p_alive(params, *history),
        1 - bgnbd.p_alive(others, *history),
    ]

    assert len(later) == 1882
    assert rounded([((each > 0.5) == silent).mean() for each in scores], 3) == [0.779, 0.775, 0.339]
    assert rounded([area(each, silent) for each in scores], 3) == [0.760, 0.687, 0.316]


def area(scores, labels):
    """The chance that a random silent customer scores above a random other; ties count half."""
    ranks, positive = rankdata(scores), labels.sum()
    return (ranks[labels].sum() - positive * (positive + 1) / 2) / positive / (~labels).sum()


@pytest.mark.parametrize("m", [[], [0.0, 1.0], [np.nan, 1.0], [5.0]])
def test_gamma_gamma_of_amounts_that_are_none_or_all_alike_never_raises(m):
    spread = gamma_gamma.fit(np.ones(len(m)), m)

    assert spread is None or np.isfinite(gamma_gamma.expected_amount(spread, 1, m)).all()
