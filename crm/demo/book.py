"""Pure: the customers' traits, known to nobody in the product: worth, rhythm, when they leave."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from crm.demo.plan import DAYS_OF_TRADE, NEVER, BoolArray, FloatArray, IntArray, Plan, words

# Spread of ln(worth): the best 1 % bring a fifth of revenue, the best 20 % three quarters.
SPREAD = 1.52
MEDIAN_WORTH = 26_000
SMALLEST_WORTH = 1_500
ORDERS_A_YEAR = 16.0
TIERS = (0.01, 0.20, 0.50, 1.0)


@dataclass(frozen=True)
class Book:
    """One entry per customer. Days since 1970-01-01, NEVER where it has not come to pass."""

    district: IntArray
    industry: IntArray
    kind: IntArray  # place in the industry's list of kinds
    tier: IntArray  # 0 the best 1 % by worth, 1 the next 19 %, 2 the next 30 %, 3 the rest
    worth: FloatArray  # a year, in yuan
    orders_a_year: FloatArray
    evenness: FloatArray  # shape of the gamma gaps; the larger, the more regular
    lull: FloatArray  # chance that a gap is several times as long, and yet they come back
    trend: FloatArray  # yearly growth (log) of worth
    since: IntArray
    starts: IntArray  # first day with an order in the three years; NEVER: no order yet
    left: IntArray
    discount: FloatArray
    credit_days: IntArray
    days_late: FloatArray  # how late it usually pays
    foreign: IntArray  # 0 base currency, else 1 + place in the foreign ones

    def __len__(self) -> int:
        return len(self.district)

    @property
    def ordered(self) -> BoolArray:
        return self.starts < NEVER


def make_book(plan: Plan) -> Book:
    chance = plan.chance("book")
    n = plan.customers
    order = chance.permutation(n)
    strength = ndtri((order + 0.5) / n)
    tier = np.searchsorted(TIERS, (n - order - 0.5) / n)
    orders_a_year = make_pace(chance, strength)
    since, starts = make_arrivals(plan, chance, orders_a_year)
    left = make_departures(plan, chance, starts, orders_a_year)
    industry = pick_industries(chance, n)
    return Book(
        district=pick_districts(chance, n),
        industry=industry,
        kind=pick_kinds(chance, industry),
        tier=tier,
        worth=np.maximum(MEDIAN_WORTH * np.exp(SPREAD * strength), SMALLEST_WORTH),
        orders_a_year=orders_a_year,
        since=since,
        starts=starts,
        left=plant_departures(plan, chance, left, tier, starts, orders_a_year),
        **make_habits(chance, n),
        **make_terms(chance, strength, tier),
    )


def make_habits(chance: np.random.Generator, n: int) -> dict[str, Any]:
    return {
        "evenness": chance.choice([1.6, 2.5, 4.0, 7.0], n, p=[0.25, 0.35, 0.25, 0.15]),
        "lull": chance.choice([0.0, 0.03, 0.1], n, p=[0.5, 0.3, 0.2]),
        "trend": make_trends(chance, n),
    }


def make_terms(chance: np.random.Generator, strength: FloatArray, tier: IntArray) -> dict[str, Any]:
    """The large ones pay less for each piece, and later; a few pay in their own currency."""
    n = len(tier)
    return {
        "discount": np.clip(0.07 + 0.035 * strength + chance.normal(0, 0.02, n), 0, 0.2),
        "credit_days": pick_credit(chance, tier),
        "days_late": make_lateness(chance, n),
        "foreign": chance.choice(3, n, p=[0.988, 0.006, 0.006]),
    }


def make_pace(chance: np.random.Generator, strength: FloatArray) -> FloatArray:
    """Orders a year; who buys more buys more often, and one in twenty-five only now and then."""
    usual = ORDERS_A_YEAR * np.exp(0.3 * strength + chance.normal(0, 0.42, len(strength)))
    seldom = chance.random(len(strength)) < 0.04
    return np.where(seldom, chance.uniform(1.5, 4, len(strength)), np.clip(usual, 5, 75))


def make_arrivals(
    plan: Plan, chance: np.random.Generator, orders_a_year: FloatArray
) -> tuple[IntArray, IntArray]:
    """Since when they are customers, and their first order within the three years."""
    n = plan.customers
    fate = chance.random(n)
    joined = chance.integers(plan.start + 5, plan.today - 10, n)
    before = plan.start - (chance.beta(1, 2, n) * 3600).astype(np.int64) - 30
    gap = np.minimum(365 / orders_a_year, 200)
    first_seen = plan.start + 1 + (chance.random(n) * gap).astype(np.int64)
    established, prospect = fate < 0.57, fate > 0.975
    since = np.where(established, before, joined)
    since = np.where(prospect, plan.today - 10 - chance.integers(0, 300, n), since)
    starts = np.where(established, first_seen, joined)
    return since, np.where(prospect, NEVER, starts)


def make_departures(
    plan: Plan, chance: np.random.Generator, starts: IntArray, orders_a_year: FloatArray
) -> IntArray:
    """One customer in ten goes each year, newcomers who only try us much sooner."""
    n = len(starts)
    yearly = chance.gamma(1.5, 0.10 / 1.5, n)
    stay = chance.exponential(365, n) / np.maximum(yearly, 1e-3)
    only_try = (starts > plan.start + 200) & (chance.random(n) < 0.27)
    trial = chance.uniform(0.3, 3.0, n) * 365 / orders_a_year
    stay = np.where(only_try, trial, np.minimum(stay, 10 * DAYS_OF_TRADE))
    left = np.where(starts < NEVER, starts, 0) + 1 + stay.astype(np.int64)
    return np.where((starts < NEVER) & (left <= plan.today), left, NEVER)


def plant_departures(
    plan: Plan,
    chance: np.random.Generator,
    left: IntArray,
    tier: IntArray,
    starts: IntArray,
    orders_a_year: FloatArray,
) -> IntArray:
    """A few good customers have just fallen silent, so that there is something to win back."""
    steady = (left == NEVER) & (orders_a_year > 15) & (starts < plan.today - 400)
    best = chance.permutation(np.flatnonzero(steady & (tier == 0)))[: max(1, len(left) // 1000)]
    good = chance.permutation(np.flatnonzero(steady & (tier == 1)))[: max(1, len(left) // 150)]
    chosen = np.concatenate([best, good])
    silent = chance.uniform(5.5, 8.5, len(chosen)) * 365 / orders_a_year[chosen] + 20
    planted = left.copy()
    planted[chosen] = plan.today - silent.astype(np.int64)
    return planted


def make_trends(chance: np.random.Generator, n: int) -> FloatArray:
    """Most drift; one in twelve grows fast, one in twelve withers."""
    fate = chance.random(n)
    drift = chance.normal(0.03, 0.12, n)
    strong = chance.uniform(0.25, 0.55, n)
    return np.where(fate < 1 / 12, strong, np.where(fate > 11 / 12, -strong, drift))


def pick_districts(chance: np.random.Generator, n: int) -> IntArray:
    """Every territory about the same number; within it some districts are fuller."""
    territories = words("districts")["territory"]
    per_territory = len(territories[0]["districts"])
    territory = np.arange(n) % len(territories)
    weights = np.array([0.3, 0.24, 0.19, 0.15, 0.12])
    inside = chance.choice(per_territory, n, p=weights)
    return chance.permutation(territory) * per_territory + inside


def pick_industries(chance: np.random.Generator, n: int) -> IntArray:
    shares = np.array([industry["share"] for industry in words("companies")["industry"]], float)
    return chance.choice(len(shares), n, p=shares / shares.sum())


def pick_kinds(chance: np.random.Generator, industry: IntArray) -> IntArray:
    counts = np.array([len(each["kinds"]) for each in words("companies")["industry"]])
    return (chance.random(len(industry)) * counts[industry]).astype(np.int64)


def pick_credit(chance: np.random.Generator, tier: IntArray) -> IntArray:
    """The large ones get longer terms."""
    usual = chance.choice([0, 15, 30, 30, 45], len(tier))
    large = chance.choice([30, 45, 60, 60, 90], len(tier))
    return np.where(tier <= 1, large, usual)


def make_lateness(chance: np.random.Generator, n: int) -> FloatArray:
    """Days after the due day: most in time, some always late."""
    return chance.choice([-3.0, 1.0, 8.0, 24.0], n, p=[0.42, 0.3, 0.2, 0.08])
