"""Pure: the documents of three years and what would come after them: sales and returns."""

from dataclasses import dataclass

import numpy as np

from crm.demo.baskets import Lines, fill
from crm.demo.book import Book
from crm.demo.currencies import Rates, in_base
from crm.demo.plan import NEVER, NOBODY, BoolArray, FloatArray, IntArray, Plan
from crm.demo.trade_days import YEAR, TradeDays, renewals

CANCELLED = 0.012
RETURNED = 0.022
NOISE = 0.38


@dataclass(frozen=True)
class Documents:
    """One entry per sale or return."""

    customer: IntArray
    day: IntArray
    cancelled: BoolArray
    returns: IntArray  # the sale it sends back, or NOBODY
    lines: Lines

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def is_sale(self) -> BoolArray:
        return (self.returns == NOBODY) & ~self.cancelled


@dataclass(frozen=True)
class Orders(Documents):
    """By day, then customer; money in cents."""

    currency: IntArray
    amount: IntArray
    cost: IntArray
    base_amount: IntArray
    base_cost: IntArray


@dataclass(frozen=True)
class OrderDays:
    """Who buys on which day, sorted by customer and day."""

    customer: IntArray
    day: IntArray

    def until(self, day: int) -> "OrderDays":
        return OrderDays(self.customer[self.day <= day], self.day[self.day <= day])

    def after(self, day: int) -> "OrderDays":
        return OrderDays(self.customer[self.day > day], self.day[self.day > day])


def order_days(plan: Plan, book: Book, calendar: TradeDays) -> OrderDays:
    """Every order, those of the future included, which nobody in the product knows."""
    buyers = np.flatnonzero(book.ordered)
    rows, times = renewals(
        plan.chance("orders"),
        first=calendar.time_of(book.starts[buyers]),
        until=calendar.clock[-1],
        gap=YEAR / book.orders_a_year[buyers],
        shape=book.evenness[buyers],
        trend=book.trend[buyers] / 2,
        lull=book.lull[buyers],
    )
    customer, day = buyers[rows], calendar.day_of(times)
    stays = day <= book.left[customer]
    return OrderDays(customer[stays], day[stays])


def make_orders(plan: Plan, book: Book, rates: Rates, days: OrderDays) -> Orders:
    """Sales on these days, and the returns that follow until `as_of`."""
    known = days.until(plan.today)
    by_day = np.lexsort((known.customer, known.day))
    customer, day = known.customer[by_day], known.day[by_day]
    chance = plan.chance("documents")
    target = wished_amount(plan, book, chance, customer, day)
    lines = fill(plan, book, rates, customer=customer, day=day, target=target)
    cancelled = chance.random(len(customer)) < CANCELLED
    sent_back, back_on = choose_returns(plan, chance, day, cancelled)
    documents = Documents(
        customer=np.concatenate([customer, customer[sent_back]]),
        day=np.concatenate([day, back_on]),
        cancelled=np.concatenate([cancelled, np.zeros(len(sent_back), bool)]),
        returns=np.concatenate([np.full(len(customer), NOBODY), sent_back]),
        lines=with_returns(chance, lines, sent_back, len(customer)),
    )
    return with_amounts(book, rates, by_date(documents))


def wished_amount(
    plan: Plan, book: Book, chance: np.random.Generator, customer: IntArray, day: IntArray
) -> FloatArray:
    """Yuan of each order: the customer's usual, its trend, and less before it leaves."""
    usual = (book.worth / book.orders_a_year)[customer]
    begun = np.maximum(np.where(book.starts < NEVER, book.starts, 0), plan.start)[customer]
    grown = np.exp(book.trend[customer] / 2 * (day - begun) / YEAR)
    to_leave = np.clip((book.left[customer] - day) / 120, 0, 1)
    waning = 0.65 + 0.35 * to_leave
    noise = np.exp(chance.normal(-(NOISE**2) / 2, NOISE, len(customer)))
    return usual * grown * waning * noise


def choose_returns(
    plan: Plan, chance: np.random.Generator, day: IntArray, cancelled: BoolArray
) -> tuple[IntArray, IntArray]:
    """Which sales come back in part, and on which day."""
    back_on = day + chance.integers(4, 26, len(day))
    chosen = (chance.random(len(day)) < RETURNED) & ~cancelled & (back_on <= plan.today)
    return np.flatnonzero(chosen), back_on[chosen]


def with_returns(
    chance: np.random.Generator, lines: Lines, sent_back: IntArray, sales: int
) -> Lines:
    """Behind the lines of the sales, one for each return: part of the sale's first line."""
    first = np.searchsorted(lines.order, sent_back)
    part = chance.uniform(0.1, 0.7, len(sent_back))
    quantity = -np.maximum(np.rint(lines.quantity[first] * part), 1).astype(np.int64)
    return Lines(
        order=np.concatenate([lines.order, sales + np.arange(len(sent_back))]),
        position=np.concatenate([lines.position, np.ones(len(sent_back), np.int64)]),
        product=np.concatenate([lines.product, lines.product[first]]),
        quantity=np.concatenate([lines.quantity, quantity]),
        price=np.concatenate([lines.price, lines.price[first]]),
        cost=np.concatenate([lines.cost, lines.cost[first]]),
        list_price=np.concatenate([lines.list_price, lines.list_price[first]]),
    )


def by_date(documents: Documents) -> Documents:
    """The documents by day, then customer, and their lines in the same order."""
    order = np.lexsort((np.arange(len(documents)), documents.customer, documents.day))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    returns = documents.returns[order]
    return Documents(
        customer=documents.customer[order],
        day=documents.day[order],
        cancelled=documents.cancelled[order],
        returns=np.where(returns == NOBODY, NOBODY, place[np.maximum(returns, 0)]),
        lines=in_order(documents.lines, place),
    )


def with_amounts(book: Book, rates: Rates, documents: Documents) -> Orders:
    """What the lines add up to, in the customer's currency and in the base currency."""
    amount, cost = documents.lines.totals(len(documents))
    currency = book.foreign[documents.customer]
    parts = rates.on(currency, documents.day)
    return Orders(
        **vars(documents),
        currency=currency,
        amount=amount,
        cost=cost,
        base_amount=in_base(amount, parts),
        base_cost=in_base(cost, parts),
    )


def in_order(lines: Lines, place: IntArray) -> Lines:
    order = place[lines.order]
    by_order = np.lexsort((lines.position, order))
    return Lines(
        order=order[by_order],
        position=lines.position[by_order],
        product=lines.product[by_order],
        quantity=lines.quantity[by_order],
        price=lines.price[by_order],
        cost=lines.cost[by_order],
        list_price=lines.list_price[by_order],
    )
