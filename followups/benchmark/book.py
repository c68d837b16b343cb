"""Pure: a book from a seed. Who buys how often and for how long, when, and for how much.

Customers order at random times at a rate of their own (gamma) from their first day until
they quietly leave (exponential) or the book ends; amounts are lognormal around a usual
amount of their own. Money is whole cents, days count from 1970-01-01, a customer is its
place from 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any]]

HORIZON = 3 * 365
RATE_SHAPE = 1.0
MEAN_LIFE = 600.0
USUAL_CENTS, SPREAD_OF_CUSTOMERS, SPREAD_OF_ORDERS = 80_000, 1.0, 0.4
RETURNS, CANCELLED = 0.03, 0.01
ORDERS_AT_ONCE = 500_000
# What a stream of random numbers is for: each part of a book has one of its own.
CUSTOMERS, ORDERS, NEXT_DAY, NAMES, VISITS = range(5)


@dataclass(frozen=True)
class Size:
    customers: int
    orders: int
    seed: int


@dataclass(frozen=True)
class Book:
    """One row per customer; `orders` is the number of documents, 0 for some."""

    size: Size
    first: IntArray
    life: IntArray
    rate: FloatArray
    usual: FloatArray
    cost_share: FloatArray
    orders: IntArray


def book(size: Size, *, last_day: int) -> Book:
    """The customers of a book that ends with this day; `orders` adds up to the size."""
    rng, n = stream(size, CUSTOMERS), size.customers
    first = last_day - rng.integers(0, HORIZON, n)
    life = np.minimum(rng.exponential(MEAN_LIFE, n).astype("i8") + 1, last_day - first + 1)
    rate = rng.gamma(RATE_SHAPE, size=n)
    usual = rng.lognormal(np.log(USUAL_CENTS), SPREAD_OF_CUSTOMERS, n)
    cost_share = rng.uniform(0.6, 0.9, n)
    expected = rate * life
    orders = rng.multinomial(size.orders, expected / expected.sum())
    return Book(size, first, life, rate, usual, cost_share, orders)


def pieces(found: Book) -> Iterator[Columns]:
    """All documents, at most about half a million at a time (one customer is never divided)."""
    ends = np.cumsum(found.orders)
    cuts = np.searchsorted(ends, np.arange(ORDERS_AT_ONCE, found.size.orders, ORDERS_AT_ONCE))
    edges = np.unique([0, *cuts, found.size.customers])
    for start, stop in pairwise(edges):
        rng = stream(found.size, ORDERS, int(start))
        place = np.repeat(np.arange(start, stop), found.orders[start:stop])
        day = found.first[place] + (rng.random(len(place)) * found.life[place]).astype("i8")
        yield documents(found, place, day, rng)


def next_day(found: Book, *, day: int) -> Columns:
    """One order each of one customer in a hundred; who buys often is likely among them."""
    rng, n = stream(found.size, NEXT_DAY), found.size.customers
    chances = found.rate / found.rate.sum()
    place = np.sort(rng.choice(n, max(n // 100, 1), replace=False, p=chances))
    return documents(found, place, np.full(len(place), day), rng)


def documents(found: Book, place: IntArray, day: IntArray, rng: np.random.Generator) -> Columns:
    n = len(place)
    noise = rng.lognormal(0, SPREAD_OF_ORDERS, n)
    cents = np.maximum(np.rint(found.usual[place] * noise), 1).astype("i8")
    cents = np.where(rng.random(n) < RETURNS, -(cents + 1) // 2, cents)
    return {
        "place": place.astype("i4"),
        "day": day.astype("i4"),
        "cents": cents,
        "cost": np.rint(cents * found.cost_share[place]).astype("i8"),
        "is_cancelled": rng.random(n) < CANCELLED,
    }


def stream(size: Size, *what: int) -> np.random.Generator:
    return np.random.default_rng([size.seed, *what])
