"""Comparisons in pairs become weights, and contradict each other more or less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiering.ahp import matrix_of, weigh
from tiering.rules import PolicyError

# Four criteria of a widely printed example, the choice of a leader; printed with three digits.
LEADER = ["experience", "education", "charisma", "age"]
JUDGED = {
    ("experience", "education"): 4,
    ("experience", "charisma"): 3,
    ("experience", "age"): 7,
    ("charisma", "education"): 3,
    ("education", "age"): 3,
    ("charisma", "age"): 5,
}

times = st.sampled_from([1 / 9, 1 / 7, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5, 7, 9])


def test_a_printed_example_has_the_printed_weights():
    found = weigh(LEADER, matrix_of(LEADER, JUDGED))

    assert found.weights == pytest.approx(
        {"experience": 54.7, "education": 12.7, "charisma": 27.0, "age": 5.6}, abs=0.07
    )
    assert found.ratio == pytest.approx(0.044, abs=0.0005)
    assert found.is_consistent


def test_going_in_circles_is_inconsistent():
    circle = {("a", "b"): 3, ("b", "c"): 3, ("c", "a"): 3}

    found = weigh("abc", matrix_of("abc", circle))

    assert found.weights == pytest.approx({"a": 33.34, "b": 33.33, "c": 33.33}, abs=0.011)
    # λ = 1 + 3 + 1/3, so that the index is 2/3.
    assert found.ratio == pytest.approx((1 / 3 + 1) / 2 / 0.58)
    assert not found.is_consistent


@given(times, times, times)
def test_three_criteria_have_the_weights_of_the_geometric_means(ab, ac, bc):
    """With three rows the eigenvector is known in closed form, and so is λ."""
    found = weigh("abc", matrix_of("abc", {("a", "b"): ab, ("a", "c"): ac, ("b", "c"): bc}))
    means = np.cbrt([ab * ac, bc / ab, 1 / (ac * bc)])
    circle = np.cbrt(ac / (ab * bc))

    assert list(found.weights.values()) == pytest.approx(100 * means / means.sum(), abs=0.011)
    assert found.ratio == pytest.approx((circle + 1 / circle - 2) / 2 / 0.58, abs=1e-9)


@given(st.lists(st.floats(1, 8.9), min_size=1, max_size=15))
def test_perfect_judgements_give_back_what_they_were_made_of(strengths):
    matrix = np.array(strengths)[:, None] / np.array(strengths)
    names = [f"c{number}" for number in range(len(strengths))]

    found = weigh(names, matrix)

    shares = 100 * np.array(strengths) / sum(strengths)
    assert list(found.weights.values()) == pytest.approx(shares, abs=0.011)
    assert found.ratio == pytest.approx(0, abs=1e-9)


@given(st.integers(2, 15), st.data())
def test_weights_add_up_to_a_hundred(size, data):
    names = [f"c{number}" for number in range(size)]
    pairs = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    found = weigh(names, matrix_of(names, {pair: data.draw(times) for pair in pairs}))

    assert sum(round(100 * weight) for weight in found.weights.values()) == 10_000
    assert all(round(weight, 2) == weight > 0 for weight in found.weights.values())
    assert found.ratio >= 0


def test_rounded_reciprocals_are_reciprocals():
    assert weigh("ab", [[1, 3], [0.33, 1]]).weights == pytest.approx({"a": 75, "b": 25}, abs=0.2)


@pytest.mark.parametrize(
    ("matrix", "code"),
    [
        ([[1, 3], [3, 1]], "not_reciprocal"),
        ([[2, 3], [1 / 3, 1]], "not_reciprocal"),
        ([[1, 3]], "not_square"),
        ([[1, 10], [0.1, 1]], "judgement_out_of_range"),
        ([[1, -3], [-1 / 3, 1]], "judgement_out_of_range"),
        ([[1, np.nan], [1, 1]], "judgement_out_of_range"),
    ],
)
def test_what_is_no_set_of_judgements_is_refused(matrix, code):
    with pytest.raises(PolicyError) as refused:
        weigh("ab", matrix)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("judgements", "code"),
    [
        ({("a", "b"): 3}, "pair_missing"),
        ({("a", "b"): 3, ("b", "a"): 2}, "pair_judged_twice"),
        ({("a", "z"): 3}, "unknown_criterion"),
        ({("a", "b"): 0}, "judgement_out_of_range"),
    ],
)
def test_every_pair_is_judged_once(judgements, code):
    with pytest.raises(PolicyError) as refused:
        matrix_of("abc", judgements)

    assert refused.value.code == code


@pytest.mark.parametrize("criteria", [[], ["a", "a"], [f"c{number}" for number in range(16)]])
def test_criteria_are_one_to_fifteen_different_ones(criteria):
    with pytest.raises(PolicyError, match="wrong_criteria"):
        weigh(criteria, np.ones((len(criteria), len(criteria))))
