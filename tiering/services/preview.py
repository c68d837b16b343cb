"""What a draft would do to the whole book, on the facts of the last night; nothing is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from tiering import bases, scoring
from tiering.level_moves import places_among
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
             (0: the pool), is_set (a person set the grade), and positions (0 is key or the
             best level): from_grade and from_level now, to_grade and to_level if the draft
             were published on this night; moves and up, see `_moves`
    lines    by level: places, and the scores on both sides of its lower edge
    """

    run: NightRun
    rules: Rules
    reasons: tuple[str, ...]
    frame: pd.DataFrame
    lines: Mapping[str, scoring.Line]

    @property
    def movers(self) -> pd.DataFrame:
        """Whose shown grade or level would change, the most valuable first."""
        moved = self.frame[self.frame["moves"]]
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
    frame = _placed(frame, applied.policy)
    return Preview(run, applied.policy, applied.reasons, _moves(frame, run, applied.policy), lines)


def _placed(frame: pd.DataFrame, policy: Rules) -> pd.DataFrame:
    """A first night is not calm; what a person set stays, whatever level follows underneath."""
    classes = np.array([GRADES.index(level.grade) for level in policy.levels])
    computed = position_of_level(frame["level"], policy)
    return frame.assign(
        from_grade=frame["shown_grade"],
        to_grade=np.where(frame["is_set"], frame["shown_grade"], classes[computed]),
        from_level=frame["shown_level"],
        to_level=computed,
    )


def _moves(frame: pd.DataFrame, run: NightRun, policy: Rules) -> pd.DataFrame:
    """With columns `moves` and `up`: of the grade, or of the level within it. Where no level has
    the code of one of today's, levels cannot be compared: then only grades move."""
    now = places_among(run.policy.classes, policy.classes)[frame["from_level"]]
    grade_moves = frame["from_grade"] != frame["to_grade"]
    level_moves = ~frame["is_set"] & ~np.isnan(now) & (now != frame["to_level"])
    is_up = np.where(grade_moves, frame["to_grade"] < frame["from_grade"], frame["to_level"] < now)
    return frame.assign(moves=grade_moves | level_moves, up=is_up)
