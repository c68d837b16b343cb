"""Pure: every contact with a customer: who, when, how, and how it went."""

from dataclasses import dataclass

import numpy as np

from crm.demo.book import Book
from crm.demo.contacts import Contacts
from crm.demo.orders import Orders
from crm.demo.plan import NEVER, NO_DAY, BoolArray, FloatArray, IntArray, Plan
from crm.demo.staff import Owners
from crm.demo.timeline import Timeline
from crm.demo.trade_days import TradeDays, renewals

CADENCE = np.array([11.0, 24.0, 50.0, 100.0])  # days between visits, by tier
SHOWN = np.array([14, 30, 60, 120])
CHANNELS = ("on_site", "phone", "message", "video", "came_to_us")
ON_SITE, PHONE, MESSAGE, VIDEO, CAME = range(5)
CHANNEL_SHARES = np.array(
    [
        [0.58, 0.22, 0.12, 0.04, 0.04],
        [0.45, 0.31, 0.17, 0.03, 0.04],
        [0.16, 0.5, 0.29, 0.02, 0.03],
        [0.05, 0.42, 0.5, 0.01, 0.02],
    ]
)
MINUTES = {ON_SITE: (20, 95), PHONE: (5, 25), MESSAGE: (5, 15), VIDEO: (20, 60), CAME: (30, 120)}
COURSES = ("spoke", "ordered", "missed", "declined", "unhappy", "payment")
SPOKE, ORDERED, MISSED, DECLINED, UNHAPPY, PAYMENT = range(6)
OUTCOMES = ("spoke", "ordered", "missed", "declined", "spoke", "spoke")
MORNING, SLOT, EVENING = 8 * 60 + 40, 45, 17 * 60 + 40
GIVEN_UP_AFTER = 330
PUT_OFF = 0.7


@dataclass(frozen=True)
class Visits:
    """One entry per visit, by day; minutes and satisfaction 0 where nobody noted them."""

    customer: IntArray
    by: IntArray
    contact: IntArray
    day: IntArray
    minute: IntArray  # of the local day
    channel: IntArray
    inbound: BoolArray
    minutes: IntArray
    course: IntArray
    satisfaction: IntArray
    next_on: IntArray

    def __len__(self) -> int:
        return len(self.customer)


def make_visits(
    plan: Plan,
    book: Book,
    calendar: TradeDays,
    owners: Owners,
    orders: Orders,
    contacts: Contacts,
) -> Visits:
    chance = plan.chance("visits")
    customer, day, minute = visit_times(plan, book, calendar, owners, chance)
    channel = pick_by_row(chance, CHANNEL_SHARES[book.tier[customer]])
    course = make_courses(book, orders, chance, customer, day, channel)
    return Visits(
        customer=customer,
        by=owners.on(customer, day),
        contact=pick_contacts(chance, contacts, customer, len(book)),
        day=day,
        minute=minute,
        channel=channel,
        inbound=(channel == CAME) | ((channel != ON_SITE) & (chance.random(len(day)) < 0.14)),
        minutes=make_minutes(chance, channel, course),
        course=course,
        satisfaction=make_satisfaction(chance, course),
        next_on=next_days(plan, book, chance, customer, day),
    )


def visit_times(
    plan: Plan, book: Book, calendar: TradeDays, owners: Owners, chance: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray]:
    """Customer, day and minute of the day of each visit, by time."""
    customer, day = visit_days(plan, book, calendar, owners, chance)
    minute = within_the_day(chance, owners.on(customer, day), day)
    found = np.lexsort((customer, minute, day))
    return customer[found], day[found], minute[found]


def visit_days(
    plan: Plan, book: Book, calendar: TradeDays, owners: Owners, chance: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Regular, less often missed by the great; ending with the pool or long after leaving."""
    n = len(book)
    gap = CADENCE[book.tier] * np.exp(chance.normal(0, 0.12, n))
    begin = np.maximum(book.since - 12, plan.start + 1)
    first = calendar.time_of(begin) + np.where(book.since > plan.start, 0, chance.random(n) * gap)
    rows, times = renewals(
        chance,
        first=first,
        until=float(calendar.time_of(np.array([plan.today + 1]))[0]),
        gap=gap,
        shape=11.0,
        trend=np.zeros(n),
    )
    day = calendar.day_of(times)
    neglected = plan.today - chance.integers(40, 160, n)
    ends = np.where(chance.random(n) < 0.03, neglected, NEVER)
    ends = np.minimum(ends, np.minimum(owners.pooled, book.left + GIVEN_UP_AFTER))
    kept = day < ends[rows]
    return rows[kept], day[kept]


def within_the_day(chance: np.random.Generator, by: IntArray, day: IntArray) -> IntArray:
    """One after the other for each salesperson, from the morning on."""
    order = np.lexsort((chance.random(len(day)), by, day))
    keys = day[order] * 1000 + by[order]
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    turn = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
    late_start = chance.integers(0, 9, len(day)) * 5
    minute = np.empty_like(day)
    minute[order] = np.minimum(MORNING + turn * SLOT, EVENING) + late_start
    return minute


def pick_by_row(chance: np.random.Generator, shares: FloatArray) -> IntArray:
    """One place for each row of shares that add up to 1."""
    sums = np.cumsum(shares, axis=1)[:, :-1]
    return (chance.random(len(shares))[:, None] > sums).sum(axis=1)


def make_courses(
    book: Book,
    orders: Orders,
    chance: np.random.Generator,
    customer: IntArray,
    day: IntArray,
    channel: IntArray,
) -> IntArray:
    """How each visit went, in keeping with what the customer did afterwards."""
    sales = Timeline(orders.customer[orders.is_sale], orders.day[orders.is_sale])
    until_order = sales.next_day(customer, day) - day
    until_leaving = book.left[customer] - day
    luck = chance.random((len(day), 5)).T
    can_miss = (channel == PHONE) | (channel == ON_SITE)
    cooling = (until_leaving < 120) & (until_leaving > -200)
    return np.select(
        [
            can_miss & (luck[0] < 0.11),
            (until_order <= 5) & (luck[1] < 0.6),
            luck[2] < np.where(cooling, 0.45, 0.03),
            (book.days_late[customer] > 5) & (luck[3] < 0.14),
            (until_order > 40) & (luck[4] < np.where(until_leaving < -20, 0.9, 0.3)),
        ],
        [MISSED, ORDERED, UNHAPPY, PAYMENT, DECLINED],
        SPOKE,
    )


def pick_contacts(
    chance: np.random.Generator, contacts: Contacts, customer: IntArray, customers: int
) -> IntArray:
    """Mostly the first to call."""
    first = np.searchsorted(contacts.customer, np.arange(customers))
    counts = np.bincount(contacts.customer, minlength=customers)
    other = (counts[customer] * chance.random(len(customer)) ** 2).astype(np.int64)
    return first[customer] + other


def make_minutes(chance: np.random.Generator, channel: IntArray, course: IntArray) -> IntArray:
    low, high = np.array([MINUTES[each] for each in range(len(CHANNELS))]).T
    minutes = chance.integers(low[channel], high[channel] + 1) // 5 * 5
    return np.where((course == MISSED) | (chance.random(len(channel)) < 0.1), 0, minutes)


def make_satisfaction(chance: np.random.Generator, course: IntArray) -> IntArray:
    usual = chance.choice([3, 4, 5], len(course), p=[0.22, 0.5, 0.28])
    low = chance.choice([1, 2, 3], len(course), p=[0.2, 0.45, 0.35])
    noted = (course != MISSED) & (chance.random(len(course)) < 0.55)
    return np.where(noted, np.where(course == UNHAPPY, low, usual), 0)


def next_days(
    plan: Plan, book: Book, chance: np.random.Generator, customer: IntArray, day: IntArray
) -> IntArray:
    """The day agreed for the next time: near the one that came, or by the cadence."""
    came = Timeline(customer, day).next_day(customer, day + 1)
    planned = day + (SHOWN[book.tier[customer]] * chance.uniform(0.8, 1.15, len(day))).astype(int)
    # Most of those that did not take place were put off; the rest are overdue now.
    put_off = (planned <= plan.today) & (chance.random(len(day)) < PUT_OFF)
    planned = np.where(put_off, plan.today + chance.integers(1, 15, len(day)), planned)
    agreed = np.where(came < NEVER, came + chance.integers(-4, 3, len(day)), planned)
    given_up = (came == NEVER) & (book.left[customer] < plan.today - GIVEN_UP_AFTER)
    noted = (chance.random(len(day)) < 0.86) & ~given_up
    return np.where(noted, np.maximum(agreed, day + 1), NO_DAY)
