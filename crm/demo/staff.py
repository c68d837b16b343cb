"""Pure: who works at the wholesaler, and who has looked after which customer since when."""

from dataclasses import dataclass

import numpy as np

from crm.demo.book import Book
from crm.demo.plan import NEVER, NOBODY, IntArray, Plan, Triple, words

MOVED = 0.08
INTO_POOL_AFTER = 270
REASONS = 4
COURTED = 30  # days from the first contact to the first order


@dataclass(frozen=True)
class Person:
    name: Triple
    role: str
    team: str  # "company", a sub-team, or nothing

    @property
    def username(self) -> str:
        return self.name[0].lower().replace(" ", ".")


@dataclass(frozen=True)
class Owners:
    """One entry per customer: a first owner, perhaps a second, perhaps the pool in the end."""

    first: IntArray
    taken: IntArray  # the day the first one took it over
    second: IntArray
    moved: IntArray  # NEVER, or the day of the second
    pooled: IntArray  # NEVER, or the day it went to the pool
    reason: IntArray

    def on(self, customer: IntArray, day: IntArray) -> IntArray:
        owner = np.where(day >= self.moved[customer], self.second[customer], self.first[customer])
        return np.where(day >= self.pooled[customer], NOBODY, owner)


def staff() -> list[Person]:
    return [
        Person(name, group["role"], group["team"])
        for group in words("staff")["people"]
        for name in group["names"]
    ]


def salespeople() -> IntArray:
    """Places in `staff()`, in the order of their territories."""
    return np.array([place for place, each in enumerate(staff()) if each.role == "rep"])


def manager_of(team: str) -> int:
    people = enumerate(staff())
    return next(place for place, each in people if each.role == "manager" and each.team == team)


def make_owners(plan: Plan, book: Book) -> Owners:
    chance = plan.chance("owners")
    n, reps = len(book), salespeople()
    territories = words("districts")["territory"]
    territory = book.district // len(territories[0]["districts"])
    per_team = len(reps) // len(words("staff")["teams"])
    colleague = territory - territory % per_team + chance.integers(0, per_team, n)
    moves = (chance.random(n) < MOVED) & (colleague != territory)
    earliest = np.maximum(book.since + 60, plan.start + 30)
    moved = earliest + (chance.random(n) * np.maximum(plan.today - 20 - earliest, 0)).astype(int)
    moves &= moved < plan.today - 10
    first = np.where(moves, colleague, territory)  # the present one is the territory's own
    return Owners(
        first=reps[first],
        taken=book.since - COURTED,
        second=reps[territory],
        moved=np.where(moves, moved, NEVER),
        pooled=pool_days(plan, book, chance),
        reason=chance.integers(0, REASONS, n),
    )


def pool_days(plan: Plan, book: Book, chance: np.random.Generator) -> IntArray:
    """Some of those that left have been given up, and some prospects were never taken."""
    given_up = book.left + INTO_POOL_AFTER + chance.integers(0, 120, len(book))
    gone = (given_up < plan.today) & (chance.random(len(book)) < 0.4)
    prospect = ~book.ordered & (chance.random(len(book)) < 0.25)
    pooled = np.where(gone, given_up, NEVER)
    return np.where(prospect, np.minimum(book.since + 5, plan.today - 1), pooled)
