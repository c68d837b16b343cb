"""What a draft would do to the whole book, on the facts of the last night; nothing is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering import bases, scoring
from tiering.models import NightRun, Policy
from tiering.rules import GRADES
from tiering.rules import Policy as Rules
from tiering.schemes import sorted_book
from tiering.services.book_kept import book_kept
from tiering.services.calmness import position_of_level
from tiering.services.figures import graded

CURVE_POINTS = 240


@dataclass(frozen=True)
class Step:
    """One grade before and after: customers, and their value in base currency."""

    grade: str
    customers_before: int
    customers: int
    value_before: Decimal
    value: Decimal


@dataclass(frozen=True)
class Preview:
    """A draft on the facts of one night.

    run      the night whose facts were used
    rules    the policy as the book allowed it; `reasons` says why it differs
    frame    one row per customer: score, rank, eligible, level (code), value_cents, owner
             (0: the pool), and positions (0 is key): from_grade shown now, to_grade shown
             if the draft were published on this night
    lines    by level: places, and the scores on both sides of its lower edge
    """

    run: NightRun
    rules: Rules
    reasons: tuple[str, ...]
    frame: pd.DataFrame
    lines: Mapping[str, scoring.Line]

    @property
    def movers(self) -> pd.DataFrame:
        """Whose shown grade would change, the most valuable first."""
        moved = self.frame[self.frame["from_grade"] != self.frame["to_grade"]]
        return moved.sort_values(
            ["value_cents", "rank"], ascending=[False, True], kind="stable", na_position="last"
        )

    def steps(self) -> list[Step]:
        """The four grades as they stand, and as they would."""
        before, after = (
            self.frame.groupby(name)["value_cents"].agg(["size", "sum"]).reindex(range(len(GRADES)))
            for name in ("from_grade", "to_grade")
        )
        before, after = before.fillna(0).astype(np.int64), after.fillna(0).astype(np.int64)
        return [
            Step(
                grade,
                int(before["size"][place]),
                int(after["size"][place]),
                Decimal(int(before["sum"][place])) / 100,
                Decimal(int(after["sum"][place])) / 100,
            )
            for place, grade in enumerate(GRADES)
        ]

    def curve(self) -> list[tuple[float, float, float]]:
        """(per cent of the eligible customers, score, per cent of all that is made down to
        there) from the best one down, thinned out; scores in money or points."""
        eligible = self.frame[self.frame["eligible"]]
        if eligible.empty:
            return []
        scores = eligible["score"].to_numpy(dtype=np.float64)
        amounts = bases.amounts(eligible, eligible["score"], self.rules)
        book = sorted_book(scores, amounts.to_numpy(dtype=np.float64))
        made = np.cumsum(np.maximum(book.amounts, 0))
        parts = 100 * made / max(made[-1], 1)
        # Close together at the top, where the lines are.
        share = np.linspace(0, 1, CURVE_POINTS) ** 2
        places = np.unique(np.round(share * (len(scores) - 1)).astype(int))
        shares = 100 * (places + 1) / len(scores)
        scores = book.scores[places] / 100
        return list(zip(shares.tolist(), scores.tolist(), parts[places].tolist(), strict=True))


def preview(policy: Policy) -> Preview | None:
    """Grade the last finished night by a draft as its publication would; None without a night.

    Raises PolicyError for a draft that cannot grade a book.
    """
    run = NightRun.objects.latest_finished()
    if run is None:
        return None
    frame, applied = graded(book_kept(run, policy), policy.rules())
    amounts = bases.amounts(frame, frame["score"], applied.policy)
    lines = scoring.cut_lines(
        frame["score"], frame["eligible"], policy=applied.policy, amounts=amounts
    )
    frame = frame.assign(from_grade=frame["shown_grade"], to_grade=_shown(frame, applied.policy))
    return Preview(run, applied.policy, applied.reasons, frame, lines)


def _shown(frame: pd.DataFrame, policy: Rules) -> npt.NDArray[np.int64]:
    """A first night is not calm; what a person set stays."""
    classes = np.array([GRADES.index(level.grade) for level in policy.levels])
    computed = classes[position_of_level(frame["level"], policy)]
    return np.where(frame["is_set"], frame["shown_grade"], computed)
