"""A preview as its page shows it: steps, lines and the curve, for one reader."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm.models import User
from tiering.models import Grade, Policy
from tiering.policy_level_steps import LevelStep, level_steps, signed
from tiering.policy_movers import owners_in_scope, totals_of
from tiering.policy_sentences import reasons_in_words, score
from tiering.services.preview import Step
from tiering.services.what_if import WhatIf

FEW = 12


@dataclass(frozen=True)
class StepLine:
    """One grade before and after, with its share of the value after, a part of 1."""

    step: Step
    share: Decimal
    levels: list["LevelLine"]

    @property
    def more(self) -> str:
        return signed(self.step.customers - self.step.customers_before)


@dataclass(frozen=True)
class LevelLine:
    """A level of that grade, with its share of the value after, a part of 1."""

    step: LevelStep
    share: Decimal


@dataclass(frozen=True)
class Shown:
    """What the part of the page that follows the form shows."""

    as_of: date
    notes: list[str]
    steps: list[StepLine]
    totals: Mapping[str, Any]
    lines: list[dict[str, Any]]
    chart: Mapping[str, Any]
    whole_book: bool
    has_levels: bool


def shown(found: WhatIf, policy: Policy, *, user: User) -> Shown:
    """A preview of a policy in words and figures, confined to what the user may see."""
    owners = owners_in_scope(user)
    notes = [*reasons_in_words(found.meta["reasons"]), *warnings(found, policy)]
    lines = lines_of(found, policy)
    return Shown(
        as_of=date.fromisoformat(found.meta["as_of"]),
        notes=notes,
        steps=step_lines(found, owners),
        totals=totals_of(found.movers(owners)),
        lines=lines,
        chart=chart_of(found, policy, lines, whole_book=owners is None),
        whole_book=owners is None,
        has_levels=found.has_levels,
    )


def warnings(found: WhatIf, policy: Policy) -> list[str]:
    """What whoever publishes these settings should know before."""
    others = _("Today's policy has other levels: only changes of grade count as moves.")
    calmly = _("These rules are in force. Grades follow them calmly: here all would move at once.")
    ruling = [calmly] if found.meta["policy"] == policy.pk and policy.is_published else []
    incomparable = [] if found.is_comparable else [others]
    return [*ruling, *incomparable, *renamed_levels(found), *empty_grades(found, policy)]


def renamed_levels(found: WhatIf) -> list[str]:
    """What is taken as the same level under another code; nobody moves by that."""
    words = _(
        "The level with the code %(before)s has the code %(after)s now: nobody moves by that."
    )
    return [words % {"before": was, "after": now} for was, now in found.renamed.items()]


def empty_grades(found: WhatIf, policy: Policy) -> list[str]:
    """A warning for each grade that would have no customer in the whole book."""
    used = {level["grade"] for level in policy.levels}
    nobody, no_level = (
        _("Nobody would have the grade %(grade)s."),
        _("No level is served as %(grade)s: nobody would have this grade."),
    )
    return [
        (nobody if step.grade in used else no_level) % {"grade": Grade(step.grade).label}
        for step in found.steps(None)
        if not step.customers
    ]


def step_lines(found: WhatIf, owners: Collection[int] | None) -> list[StepLine]:
    steps = found.steps(owners)
    levels = level_steps(found, owners) if found.has_levels else []
    total = sum(max(step.value, Decimal(0)) for step in steps)
    return [
        StepLine(
            step,
            part(step.value, total),
            [
                LevelLine(level, part(level.after.value if level.after else Decimal(0), total))
                for level in levels
                if level.grade == step.grade
            ],
        )
        for step in steps
    ]


def part(value: Decimal, total: Decimal | int) -> Decimal:
    return max(value, Decimal(0)) / total if total else Decimal(0)


def lines_of(found: WhatIf, policy: Policy) -> list[dict[str, Any]]:
    """The lower edge of every level but the last: customers down to it, and its score."""
    basis = found.meta["basis"]
    return [
        {
            "code": level["code"],
            "grade": level["grade"],
            "name": policy.name_of_level(level["code"]),
            "places": places,
            "share": Decimal(places) / found.meta["eligible"] if found.meta["eligible"] else None,
            "inside": inside,
            "score": score(inside, basis),
        }
        for level in policy.levels
        if level["code"] in found.meta["lines"]
        for places, inside, _outside in [found.meta["lines"][level["code"]]]
    ]


Points = list[tuple[float, float, float]]


def chart_of(
    found: WhatIf, policy: Policy, lines: list[dict[str, Any]], *, whole_book: bool
) -> dict[str, Any]:
    """What the curve is drawn from; see static/js/policy_curve.js."""
    last, points = policy.levels[-1], found.meta["curve"]
    best = 100 * lines[0]["places"] / max(found.meta["eligible"], 1) if lines else 100
    return {
        "points": points if whole_book else without_the_best(points, best),
        "eligible": found.meta["eligible"],
        "scheme": found.meta["scheme"],
        "isPoints": found.meta["basis"] == Policy.Basis.POINTS,
        # Only lines that the form says can be moved in the form.
        "movable": found.meta["scheme"] == policy.scheme,
        "lines": [
            {
                "name": line["name"],
                "grade": line["grade"],
                "places": line["places"],
                "score": line["inside"],
                "words": line["score"],
            }
            for line in lines
        ],
        "last": {"grade": last["grade"], "name": policy.name_of_level(last["code"])},
    }


def without_the_best(points: Points, share: float) -> Points:
    """The curve for whoever does not see the whole book: level above the first line, where a
    score would tell what a single customer of somebody else buys. `share` in per cent."""
    below = [point for point in points if point[0] >= share]
    if not below:
        return []
    return [(point[0], *below[0][1:]) for point in points if point[0] < share] + below
