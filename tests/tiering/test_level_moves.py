"""Levels of two schemes side by side: which stay, which only have another code, which are gone."""

import numpy as np
import pytest

from tiering.level_moves import places_among, renamed

SERVED = {"k": "key", "s": "secondary", "g": "general", "m": "maintain"}


def scheme(text):
    """Levels such as "A:k B:s": the code, and the first letter of what it is served as."""
    return {code: SERVED[grade] for code, grade in (each.split(":") for each in text.split())}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("A:k B:s C:m", "A:k B:s C:m", {}),
        ("A:k B:s C:m", "A1:k B:s C:m", {"A": "A1"}),
        ("A:k B:s C:m", "A:k B1:s C1:m", {"B": "B1", "C": "C1"}),
        ("A:k B:s C:m", "A:k X:k B:s C:m", {}),
        ("A:k B:g C:g D:m", "A:k BC:g D:m", {}),
        ("A:k B:s C:m", "A:k B1:g C:m", {}),
        ("A:k B:s C:m", "A:k C:s B1:m", {}),
        ("A:k B:s", "1:k 2:s", {}),
    ],
    ids=["same", "first", "two", "one more", "one less", "served otherwise", "moved", "all"],
)
def test_a_level_that_only_has_another_code_is_the_same_one(before, after, expected):
    assert renamed(scheme(before), scheme(after)) == expected


def test_places_follow_levels_and_codes():
    found = places_among(scheme("A:k B:s C:g D:g E:m"), scheme("A1:k B:s C:g E:m"))

    np.testing.assert_array_equal(found, [0, 1, 2, 2.5, 3, np.nan])


def test_levels_without_a_common_code_have_no_place():
    assert np.isnan(places_among(scheme("A:k B:m"), scheme("1:k 2:m"))).all()
