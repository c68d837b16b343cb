"""Pure: how the levels of one scheme stand to those of another, by their codes.

Levels are given as the grade that each is served as, by code, the best one first.
"""

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

Levels = Mapping[str, str]
EDGE = ""


def places_among(before: Levels, after: Levels) -> npt.NDArray[np.float64]:
    """The place of each level of one scheme among the levels of another, 0 for the best.

    The same code is the same level, and so is one that only has another code, see `renamed`.
    One that is gone lies half a step behind the last level before it that stays. Schemes
    without a common code cannot be compared: all NaN. One more place at the end, NaN, is for
    who has no level (-1).
    """
    if not are_comparable(before, after):
        return np.full(len(before) + 1, np.nan)
    codes, other = list(after), renamed(before, after)
    places, last = [], -1.0
    for code in before:
        stays = other.get(code, code)
        last = float(codes.index(stays)) if stays in after else np.floor(last) + 0.5
        places.append(last)
    return np.array([*places, np.nan])


def are_comparable(before: Collection[str], after: Collection[str]) -> bool:
    return not set(before).isdisjoint(after)


def renamed(before: Levels, after: Levels) -> dict[str, str]:
    """By its code before, the new code of each level that only has another one.

    Those are the levels between the same two neighbours that stay, where as many are new as
    are gone and each is served as before. Without a common code nothing is known.
    """
    if not are_comparable(before, after):
        return {}
    gone, new = _between_those_that_stay(before, after), _between_those_that_stay(after, before)
    pairs = (
        zip(codes, new[edges], strict=True)
        for edges, codes in gone.items()
        if [before[code] for code in codes] == [after[code] for code in new.get(edges, [])]
    )
    return {code: other for each in pairs for code, other in each}


def _between_those_that_stay(levels: Levels, others: Levels) -> dict[tuple[str, str], list[str]]:
    """The codes that the other scheme does not have, by the neighbours that it has."""
    found: dict[tuple[str, str], list[str]] = {}
    last, codes = EDGE, []
    for code in [*levels, EDGE]:
        if code in others or code == EDGE:
            found[last, code] = codes
            last, codes = code, []
        else:
            codes.append(code)
    return found
