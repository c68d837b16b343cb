"""What a draft would do, in numbers: who moves, and how many stand where, now and then."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy.typing as npt
import pandas as pd

from tiering.level_moves import are_comparable, renamed
from tiering.rules import GRADES
from tiering.services.preview import Step

PLACES = {"origin": "i1", "target": "i1", "was": "i1", "becomes": "i1"}
MOVES = {"customer": "i8", **PLACES, "up": "?", "cents": "i8", "owner": "i8"}
CELLS = {"owner": "i8", **PLACES, "customers": "i8", "cents": "i8"}
# A grade that a person set has no level.
BY_HAND = -1
Arrays = dict[str, npt.NDArray[Any]]
Levels = list[dict[str, Any]]


@dataclass(frozen=True)
class WhatIf:
    """A draft on the facts of one night.

    moves   one row per customer whose shown grade or level would change, most valuable first
    cells   one row per owner (0: the pool), grade and level, now and then: customers and cents
    meta    as_of, basis, scheme, reasons, eligible, lines (by level: places, inside,
            outside), curve (per cent of customers, score, per cent of the value), and the
            levels of the policy of that night (before) and of the draft (after) as kept
    Grades (origin, target) and levels (was, becomes) are positions: 0 is the best.
    """

    moves: Arrays
    cells: Arrays
    meta: Mapping[str, Any]

    def steps(self, owners: Collection[int] | None) -> list[Step]:
        """The four grades now and then, of these owners' customers; None: of all."""
        rows = self.counts(owners)
        places = range(len(GRADES))
        before, after = (
            rows.groupby(name)[["customers", "cents"]].sum().reindex(places, fill_value=0)
            for name in ("origin", "target")
        )
        return [
            Step(
                grade,
                int(before["customers"][place]),
                int(after["customers"][place]),
                Decimal(int(before["cents"][place])) / 100,
                Decimal(int(after["cents"][place])) / 100,
            )
            for place, grade in enumerate(GRADES)
        ]

    def counts(self, owners: Collection[int] | None) -> pd.DataFrame:
        """The rows of `cells`, of these owners' customers; None: of all."""
        return _of(owners, pd.DataFrame(self.cells))

    def movers(self, owners: Collection[int] | None) -> pd.DataFrame:
        """The rows of `moves`, of these owners' customers; None: of all."""
        return _of(owners, pd.DataFrame(self.moves))

    @property
    def before(self) -> Levels:
        levels: Levels = self.meta["before"]
        return levels

    @property
    def after(self) -> Levels:
        levels: Levels = self.meta["after"]
        return levels

    @property
    def has_levels(self) -> bool:
        """Whether today or then there are other levels than the four grades."""
        return has_own(self.before) or has_own(self.after)

    @property
    def is_comparable(self) -> bool:
        """Whether the levels of today and then have a common code; else only grades move."""
        return are_comparable(codes(self.before), codes(self.after))

    @property
    def renamed(self) -> dict[str, str]:
        """By its code today, the code that the draft gives to the same level."""
        return renamed(_classes(self.before), _classes(self.after))


def codes(levels: Levels) -> list[str]:
    return [level["code"] for level in levels]


def _classes(levels: Levels) -> dict[str, str]:
    return {level["code"]: level["grade"] for level in levels}


def has_own(levels: Levels) -> bool:
    """Whether these are other levels than the four grades."""
    return codes(levels) != list(GRADES)


def _of(owners: Collection[int] | None, rows: pd.DataFrame) -> pd.DataFrame:
    return rows if owners is None else rows[rows["owner"].isin(list(owners))]
