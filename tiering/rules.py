"""Pure: what a grading policy says, and whether it can grade a book at all.

A policy has a basis (what is measured), a scheme (how the book is cut into levels) and
calmness (when a shown grade follows). Levels are named by their codes, best first; each
belongs to one of the four service classes of GRADES. Settings come as JSON keeps them:
mappings in any order, per cent with at most two decimals.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

GRADES = ("key", "secondary", "general", "maintain")
BASES = ("continuing_value", "value", "revenue", "arpu", "points")
SCHEMES = ("shares", "cumulative", "lines")
DEFAULT_SHARES: Mapping[str, float] = {"key": 1, "secondary": 19, "general": 30, "maintain": 50}
# Per cent of value down to the lower edge of each class: key and secondary make 80.
VALUE_EDGES: Mapping[str, int] = {"key": 40, "secondary": 80, "general": 95, "maintain": 100}
SMALL_BOOK = 100
LONGEST_RUN = 120
MOST_LEVELS = 10


class PolicyError(ValueError):
    """The policy cannot grade a book; `code` says why and is worded by the page."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class Level(NamedTuple):
    """One step of a scheme, and the service class whose promises it gets."""

    code: str
    grade: str


FOUR_LEVELS = tuple(Level(name, name) for name in GRADES)


@dataclass(frozen=True)
class Calmness:
    """When a shown grade follows the computed one; days and nights are whole numbers.

    `band` is per cent of a line's places. All zero, and one night each, shows every
    computed grade at once.
    """

    band: float = 10
    nights_up: int = 7
    nights_down: int = 30
    one_step: bool = False
    propose_only: bool = False
    alert_days: int = 60
    new_days: int = 90

    def __post_init__(self) -> None:
        if not 0 <= self.band <= 100:
            raise PolicyError("band_out_of_range")
        if not all(1 <= n <= LONGEST_RUN for n in (self.nights_up, self.nights_down)):
            raise PolicyError("nights_out_of_range")
        if not all(0 <= n <= 365 for n in (self.alert_days, self.new_days)):
            raise PolicyError("days_out_of_range")


AT_ONCE = Calmness(band=0, nights_up=1, nights_down=1, alert_days=0, new_days=0)


@dataclass(frozen=True)
class PointRules:
    """How criteria become points; see `tiering.points`.

    weights       per cent by criterion; add up to 100
    breakpoints   by computed criterion: (figure, points of 100), both rising
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    breakpoints: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """One version of how a book is graded. Raises PolicyError for what cannot grade.

    shares         per cent of the eligible customers by level (scheme `shares`)
    value_shares   per cent of all value by level (scheme `cumulative`); empty: the edges
                   of the classes, a class of several levels split evenly
    lines          lowest score inside, by level, for all but the last (scheme `lines`);
                   in the unit of the score: whole cents, or hundredths of a point
    floor          no level of class key below this score; None: no floor
    points         weights and breakpoints (basis `points`)
    The last level also holds everybody who is not eligible.
    """

    version: int = 1
    basis: str = "value"
    scheme: str = "shares"
    shares: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_SHARES))
    levels: Sequence[Level] = FOUR_LEVELS
    value_shares: Mapping[str, float] = field(default_factory=dict)
    lines: Mapping[str, float] = field(default_factory=dict)
    floor: float | None = None
    points: PointRules | None = None
    calmness: Calmness = Calmness()

    def __post_init__(self) -> None:
        if self.basis not in BASES:
            raise PolicyError("unknown_basis")
        if self.scheme not in SCHEMES:
            raise PolicyError("unknown_scheme")
        if self.basis == "points" and self.points is None:
            raise PolicyError("no_weights")
        if self.floor is not None and not math.isfinite(self.floor):
            raise PolicyError("floor_not_a_number")
        _check_levels(self.levels)
        self._check_scheme()

    @property
    def codes(self) -> tuple[str, ...]:
        """Of the levels, best first."""
        return tuple(level.code for level in self.levels)

    @property
    def classes(self) -> dict[str, str]:
        """What each level is served as, by its code, best first."""
        return {level.code: level.grade for level in self.levels}

    def _check_scheme(self) -> None:
        if self.scheme == "shares":
            _check_shares(self.shares, self.codes)
        if self.scheme == "lines":
            _check_lines(self.lines, self.codes)
        if self.value_shares:
            _check_shares(self.value_shares, self.codes)


class Applied(NamedTuple):
    """The policy as it can be applied to a book, and codes of why it differs."""

    policy: Policy
    reasons: tuple[str, ...]


def applied(policy: Policy, *, eligible: int, has_model: bool) -> Applied:
    """What a book allows: without a churn model value alone (`no_model`), with fewer than
    100 eligible customers the cumulative scheme instead of shares (`small_book`)."""
    reasons: list[str] = []
    if policy.basis == "continuing_value" and not has_model:
        policy = replace(policy, basis="value")
        reasons.append("no_model")
    if policy.scheme == "shares" and eligible < SMALL_BOOK:
        policy = replace(policy, scheme="cumulative")
        reasons.append("small_book")
    return Applied(policy, tuple(reasons))


def exact(number: float) -> Fraction:
    """As it is written in decimals: .1 is a tenth."""
    return Fraction(str(number))


def cumulative(shares: Mapping[str, float], codes: Sequence[str]) -> list[Fraction]:
    """Per cent down to the lower edge of every level but the last."""
    edges: list[Fraction] = []
    for code in codes[:-1]:
        edges.append((edges[-1] if edges else Fraction(0)) + exact(shares[code]))
    return edges


def value_edges(policy: Policy) -> list[Fraction]:
    """Per cent of value down to the lower edge of every level but the last."""
    if policy.value_shares:
        return cumulative(policy.value_shares, policy.codes)
    return default_value_edges(policy.levels)


def default_value_edges(levels: Sequence[Level]) -> list[Fraction]:
    """The edges of the classes, for policies that do not say what share of value a level makes.

    A class runs from the edge of the class before it that has levels to its own edge;
    several levels of a class share it evenly.
    """
    edges: list[Fraction] = []
    reached = Fraction(0)
    for grade in GRADES:
        count = sum(level.grade == grade for level in levels)
        width = VALUE_EDGES[grade] - reached
        edges += [reached + width * part / count for part in range(1, count + 1)]
        reached = edges[-1] if edges else reached
    return edges[:-1]


def _check_levels(levels: Sequence[Level]) -> None:
    codes = [level.code for level in levels]
    if len(codes) < 2 or len(set(codes)) != len(codes):
        raise PolicyError("wrong_levels")
    if len(codes) > MOST_LEVELS:
        raise PolicyError("too_many_levels")
    if any(level.grade not in GRADES for level in levels):
        raise PolicyError("unknown_class")
    places = [GRADES.index(level.grade) for level in levels]
    if places != sorted(places):
        raise PolicyError("classes_cross")


def _check_shares(shares: Mapping[str, float], codes: Sequence[str]) -> None:
    if set(shares) != set(codes):
        raise PolicyError("wrong_grades")
    if any(not 0 < share <= 100 for share in shares.values()):
        raise PolicyError("share_not_positive")
    if sum(map(exact, shares.values())) != 100:
        raise PolicyError("shares_do_not_add_up")


def _check_lines(lines: Mapping[str, float], codes: Sequence[str]) -> None:
    if set(lines) != set(codes[:-1]):
        raise PolicyError("wrong_lines")
    scores = [lines[code] for code in codes[:-1]]
    if not all(math.isfinite(score) for score in scores):
        raise PolicyError("line_not_a_number")
    if any(upper <= lower for upper, lower in pairwise(scores)):
        raise PolicyError("lines_cross")
