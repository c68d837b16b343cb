"""Figures of right and wrong that can be checked by hand."""

import numpy as np
import pytest

from tiering.churn import measures
from tiering.churn.realised import Band, difference

SCORES = np.array([0.9, 0.8, 0.8, 0.2, 0.1])
LABELS = np.array([True, False, True, False, True])


def test_auc_counts_ties_half():
    # Pairs (silent, not): .9 beats both; .8 ties and beats; .1 loses to both.
    assert measures.auc(SCORES, LABELS) == pytest.approx((2 + 1.5 + 0) / 6)


def test_what_nobody_or_everybody_did_cannot_be_ranked():
    nobody = np.zeros(5, dtype=bool)

    assert measures.auc(SCORES, nobody) is None
    assert measures.auc(SCORES, ~nobody) is None
    assert measures.value_capture_at(SCORES, SCORES, nobody) is None
    assert measures.recall(nobody, nobody) is None


def test_an_empty_pool_has_no_figures():
    none, nobody = np.empty(0), np.empty(0, dtype=bool)

    assert measures.precision_at(none, nobody) is None
    assert measures.brier(none, nobody) is None
    assert measures.calibration(none, nobody) == []
    assert (measures.interval(0, 0), measures.lower_bound(0, 0)) == (None, None)


@pytest.mark.parametrize(("per_cent", "precision"), [(10, 1), (20, 1), (21, 0.75), (60, 2 / 3)])
def test_the_top_is_rounded_up_and_the_edge_counts_with_its_mean(per_cent, precision):
    assert measures.precision_at(SCORES, LABELS, per_cent=per_cent) == pytest.approx(precision)


def test_the_top_is_a_tenth_unless_said_otherwise():
    scores = np.arange(100.0)

    assert measures.precision_at(scores, scores >= 90) == 1
    assert measures.precision_at(scores, scores >= 91) == 0.9


def test_value_of_those_who_did_not_fall_silent_is_not_lost():
    values = np.array([10.0, 500.0, 40.0, 70.0, -30.0])

    assert measures.value_capture_at(SCORES, values, LABELS, per_cent=20) == pytest.approx(0.2)


def test_brier_and_recall():
    assert measures.brier(SCORES, LABELS) == pytest.approx((0.01 + 0.64 + 0.04 + 0.04 + 0.81) / 5)
    assert measures.recall(SCORES > 0.5, LABELS) == pytest.approx(2 / 3)


def test_bins_of_like_size_lowest_first():
    low, high = measures.calibration(SCORES, LABELS, bins=2)

    assert (low.n, low.chance, low.share) == (3, pytest.approx(1.1 / 3), pytest.approx(1 / 3))
    assert (high.n, high.share) == (2, 1)


def test_intervals_are_the_published_ones():
    """Wilson for 8 of 10: .490 to .943; one-sided 90 per cent by z = 1.2816."""
    assert measures.interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert measures.lower_bound(8, 10) == pytest.approx(0.6016, abs=5e-5)
    assert measures.interval(0, 10)[0] == 0
    bounds = [measures.interval(hits, n) for n in range(1, 60) for hits in (0, n)]
    assert all(low >= 0 and high <= 1 for low, high in bounds)
    assert measures.lower_bound(61, 100) < 0.61 < measures.interval(61, 100)[1]


def test_what_acting_changes_is_the_mean_over_those_acted_on():
    bands = [
        Band(0.4, acted=3, acted_right=0, alone=1, alone_right=1),
        Band(0.7, acted=1, acted_right=1, alone=9, alone_right=9),
        Band(0.9, acted=5, acted_right=5, alone=0, alone_right=0),  # nobody to compare with
    ]

    assert difference(bands) == pytest.approx(3 / 4)
    assert difference(bands[2:]) is None
