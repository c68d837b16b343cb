"""Pure: what is in an order: articles of the customer's own range, quantities and prices."""

from dataclasses import dataclass

import numpy as np

from crm.demo.book import Book
from crm.demo.currencies import ONE, Rates, scale
from crm.demo.plan import FloatArray, IntArray, Plan, words

RANGE = 8
PRICE_RISE = 0.025
COST_WAVE = 0.035


@dataclass(frozen=True)
class Lines:
    """One entry per line, in the order of the documents; prices in cents of their currency.

    The list price is that of the customer's own list, above the price where there is a discount.
    """

    order: IntArray
    position: IntArray
    product: IntArray
    quantity: IntArray
    price: IntArray
    cost: IntArray
    list_price: IntArray

    def totals(self, orders: int) -> tuple[IntArray, IntArray]:
        """Amount and cost of each document, in cents."""
        return (
            sum_by(self.order, self.quantity * self.price, orders),
            sum_by(self.order, self.quantity * self.cost, orders),
        )


def sum_by(groups: IntArray, numbers: IntArray, count: int) -> IntArray:
    """Exact integer sums of `numbers` for the groups 0..count-1."""
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, groups, numbers)
    return total


def catalogue() -> list[tuple[int, list]]:
    """(category, article) of every product."""
    categories = words("products")["category"]
    return [(place, row) for place, each in enumerate(categories) for row in each["products"]]


def make_ranges(plan: Plan, book: Book) -> IntArray:
    """The articles that each customer buys, dearest to its heart first: (customers, RANGE)."""
    chance = plan.chance("ranges")
    products = len(catalogue())
    taste = chance.gamma(0.8, 1, (int(book.industry.max()) + 1, products)) + 0.05
    keys = np.log(taste)[book.industry] + chance.gumbel(0, 1, (len(book), products))
    return np.argsort(-keys, axis=1, kind="stable")[:, :RANGE]


def fill(
    plan: Plan, book: Book, rates: Rates, *, customer: IntArray, day: IntArray, target: FloatArray
) -> Lines:
    """Lines worth about `target` yuan for each document."""
    chance = plan.chance("baskets")
    counts = 1 + chance.binomial(4, np.where(target < 800, 0.16, 0.32))
    order = np.repeat(np.arange(len(customer)), counts)
    position = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    favourite = (RANGE * chance.random(len(customer)) ** 2).astype(np.int64)
    place = (favourite[order] + position) % RANGE
    product = make_ranges(plan, book)[customer[order], place]
    price, cost = prices(plan, book, rates, customer[order], day[order], product)
    parts = rates.on(book.foreign[customer[order]], day[order]) / ONE
    share = chance.exponential(1, len(order)) + 0.2
    share /= np.bincount(order, weights=share)[order]
    wish = target[order] * scale(plan) * share / (price / 100 * parts)
    listed = list_prices(plan, book, price, customer, order)
    return Lines(order, position + 1, product, whole_boxes(wish), price, cost, listed)


def list_prices(
    plan: Plan, book: Book, price: IntArray, customer: IntArray, order: IntArray
) -> IntArray:
    """Whoever bargains well gets a discount more often, on all lines of an order."""
    chance = plan.chance("list prices")
    gets = chance.random(len(customer)) < np.clip(book.discount[customer] * 3, 0.02, 0.6)
    off = np.where(gets, chance.choice([0.02, 0.03, 0.05, 0.08], len(customer)), 0)
    return np.rint(price / (1 - off[order])).astype(np.int64)


def whole_boxes(wish: FloatArray) -> IntArray:
    """Large quantities come in round numbers."""
    step = np.select([wish >= 500, wish >= 60], [50, 10], 1)
    return np.maximum(np.rint(wish / step) * step, 1).astype(np.int64)


def prices(
    plan: Plan,
    book: Book,
    rates: Rates,
    customer: IntArray,
    day: IntArray,
    product: IntArray,
) -> tuple[IntArray, IntArray]:
    """Unit price and unit cost in cents of the customer's currency, by the lists of that month."""
    articles = [row for _, row in catalogue()]
    list_price = np.array([row[1] for row in articles], float)[product] * scale(plan)
    list_cost = np.array([row[2] for row in articles], float)[product] * scale(plan)
    months = (day - plan.start) // 30
    risen = np.exp(PRICE_RISE * (months // 6) / 2)
    steel = risen * (1 + COST_WAVE * np.sin(months / 4))
    parts = rates.on(book.foreign[customer], day) / ONE
    price = list_price * risen * (1 - book.discount[customer]) / parts
    cost = list_cost * steel / parts
    return in_cents(price), in_cents(cost)


def in_cents(amount: FloatArray) -> IntArray:
    return np.maximum(np.rint(amount * 100), 1).astype(np.int64)
