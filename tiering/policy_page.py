"""A grading policy as its page shows it: levels, lines, versions and their states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from tiering.models import Grade, NightRun, Policy
from tiering.policy_sentences import calmness_sentences, how_graded, per_cent, score
from tiering.policy_words import CRITERION_NAMES

STATES = {
    "draft": gettext_lazy("Draft"),
    "proposed": gettext_lazy("Proposed"),
    "scheduled": gettext_lazy("Scheduled"),
    "in_force": gettext_lazy("In force"),
    "past": gettext_lazy("Past"),
}
FIRST_YEAR = 1900


@dataclass(frozen=True)
class LevelLine:
    """A level as a page shows it; shares are parts of 1, `line` and `inside` scores.

    `down_to` is the share of the customers or of the value down to its lower edge;
    `inside` the score from which a customer was in it, as of a night.
    """

    code: str
    name: str
    grade: str
    share: Decimal | None
    down_to: Decimal | None
    line: Decimal | None
    inside: Decimal | None
    places: int | None
    basis: str

    @property
    def is_named(self) -> bool:
        """Whether its name says more than the badge of its grade."""
        return self.code != self.grade or self.name != Grade(self.grade).label

    @property
    def share_in_words(self) -> str:
        return "–" if self.share is None else per_cent(self.share)

    @property
    def from_score(self) -> str:
        """The fixed line, or the score from which a customer was in it last night."""
        amount = self.inside if self.line is None else self.line
        return "" if amount is None else score(amount, self.basis)


@dataclass(frozen=True)
class Version:
    policy: Policy
    state: str

    @property
    def word(self) -> str:
        return str(STATES[self.state])

    @property
    def begins_with_the_book(self) -> bool:
        """The first policy of all has no day on which it began."""
        day = self.policy.valid_from
        return day is not None and day.year == FIRST_YEAR


def versions_of(policies: Sequence[Policy], *, day: date) -> list[Version]:
    """Every version with its state on a day, the newest first."""
    published = [each for each in policies if each.valid_from and each.valid_from <= day]
    ruling = max(published, key=lambda each: (each.valid_from, each.version), default=None)
    newest = sorted(policies, key=lambda each: -each.version)
    return [Version(each, _state(each, ruling, day)) for each in newest]


def _state(policy: Policy, ruling: Policy | None, day: date) -> str:
    if policy.valid_from is None:
        return "proposed" if policy.proposed_at else "draft"
    if policy.valid_from > day:
        return "scheduled"
    return "in_force" if policy == ruling else "past"


@dataclass(frozen=True)
class Told:
    """A policy in words, with the lines of the last night where it was graded by it."""

    policy: Policy
    graded: list[str]
    calmness: list[str]
    levels: list[LevelLine]
    weights: list[tuple[str, str]]


def told(policy: Policy, night: NightRun | None) -> Told:
    own = night is not None and night.policy_id == policy.pk
    return Told(
        policy=policy,
        graded=how_graded(policy, night),
        calmness=calmness_sentences(policy),
        levels=levels_of(policy, night.lines if night and own else None),
        weights=weights_of(policy),
    )


def weights_of(policy: Policy) -> list[tuple[str, str]]:
    """(name of the criterion, per cent in words), the heaviest first."""
    if not policy.is_points:
        return []
    heaviest = sorted(policy.weights.items(), key=lambda each: -each[1])
    return [
        (str(CRITERION_NAMES[name]), per_cent(Decimal(str(weight)) / 100))
        for name, weight in heaviest
    ]


def levels_of(
    policy: Policy, lines: Mapping[str, Mapping[str, Any]] | None = None
) -> list[LevelLine]:
    """The levels, best first, with what the lines of a night say of them."""
    shares = {"shares": policy.shares, "cumulative": policy.value_shares}.get(policy.scheme, {})
    found, reached = [], Decimal(0)
    for place, level in enumerate(policy.levels):
        share = _part(shares.get(level["code"]))
        reached += share or 0
        is_last = place == len(policy.levels) - 1
        found.append(_level(policy, level, share, None if is_last else reached, lines or {}))
    return found


def _level(
    policy: Policy,
    level: Mapping[str, Any],
    share: Decimal | None,
    reached: Decimal | None,
    lines: Mapping[str, Mapping[str, Any]],
) -> LevelLine:
    code, night = level["code"], lines.get(level["code"], {})
    line = policy.lines.get(code) if policy.scheme == Policy.Scheme.LINES else None
    return LevelLine(
        code=code,
        name=policy.name_of_level(code),
        grade=level["grade"],
        share=share,
        down_to=reached if share is not None else None,
        line=None if line is None else Decimal(str(line)),
        inside=Decimal(night["inside"]) if night.get("inside") else None,
        places=night.get("places"),
        basis=policy.basis,
    )


def _part(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(str(share)) / 100
