"""Pure: how the levels of one scheme stand to those of another, by their codes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def places_among(before: Sequence[str], after: Sequence[str]) -> npt.NDArray[np.float64]:
    """The place of each level of one scheme among the levels of another, 0 for the best.

    The same code is the same level. One that is gone lies half a step behind the last level
    before it that stays. Schemes without a common code cannot be compared: all NaN. One more
    place at the end, NaN, is for who has no level (-1).
    """
    if not set(before) & set(after):
        return np.full(len(before) + 1, np.nan)
    places, last = [], -1.0
    for code in before:
        last = float(after.index(code)) if code in after else np.floor(last) + 0.5
        places.append(last)
    return np.array([*places, np.nan])


def are_comparable(before: Sequence[str], after: Sequence[str]) -> bool:
    return not set(before).isdisjoint(after)
