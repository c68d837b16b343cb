"""What a draft does level by level, beside what it does to the four grades."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tiering.models.grade import name_of
from tiering.rules import GRADES
from tiering.services.what_if_rows import BY_HAND, WhatIf, codes, has_own


@dataclass(frozen=True)
class Count:
    """Customers, and their value in base currency."""

    customers: int
    value: Decimal


@dataclass(frozen=True)
class LevelStep:
    """One level before and after; None where today or the draft does not have it."""

    code: str
    grade: str
    name: str
    before: Count | None
    after: Count | None

    @property
    def more(self) -> str:
        """With its sign; empty where there is nothing to compare."""
        if self.before is None or self.after is None:
            return ""
        return signed(self.after.customers - self.before.customers)


def signed(more: int) -> str:
    return f"{'−' if more < 0 else '+' if more else ''}{number_format(abs(more))}"


def level_steps(found: WhatIf, owners: Collection[int] | None) -> list[LevelStep]:
    """The levels of the draft, best first, then those that only today has, then the grades
    that a person set; of these owners' customers, None: of all."""
    rows = found.counts(owners)
    now = [found.renamed.get(code, code) for code in codes(found.before)]
    before = _counted(rows, "was", now)
    after = _counted(rows, "becomes", codes(found.after))
    kept = found.after if has_own(found.after) else []
    gone = found.before if has_own(found.before) else []
    gone = [level for level in gone if found.renamed.get(level["code"], level["code"]) not in after]
    levels = [_step(level, before, after) for level in [*kept, *gone]]
    return [*levels, *_by_hand(rows[rows["was"] == BY_HAND])]


def _counted(rows: pd.DataFrame, column: str, levels: list[str]) -> dict[str, Count]:
    sums = rows.groupby(column)[["customers", "cents"]].sum()
    sums = sums.reindex(range(len(levels)), fill_value=0)
    return {
        code: _count(customers, cents)
        for code, customers, cents in zip(levels, sums["customers"], sums["cents"], strict=True)
    }


def _count(customers: int, cents: int) -> Count:
    return Count(int(customers), Decimal(int(cents)) / 100)


def _step(
    level: Mapping[str, Any], before: Mapping[str, Count], after: Mapping[str, Count]
) -> LevelStep:
    code = level["code"]
    return LevelStep(code, level["grade"], name_of(level), before.get(code), after.get(code))


def _by_hand(rows: pd.DataFrame) -> Iterator[LevelStep]:
    for place, of_grade in rows.groupby("origin"):
        same = _count(of_grade["customers"].sum(), of_grade["cents"].sum())
        yield LevelStep("", GRADES[place], _("Set by a person"), same, same)
