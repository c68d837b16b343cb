"""Pure: service asked for and complaints made, and rounds of inspection that come again."""

from dataclasses import dataclass

import numpy as np

from crm.demo.book import Book
from crm.demo.notes import Speech
from crm.demo.orders import Orders
from crm.demo.plan import NEVER, NO_DAY, NOBODY, IntArray, Plan, words
from crm.demo.staff import Owners
from crm.demo.timeline import Timeline

A_YEAR_PER_HUNDRED = 22
RECENT_SHARE, RECENT_DAYS = 0.06, 24
WITH_ORDER = ("complaint", "quality", "installation", "spare_parts")
WITH_WARRANTY = ("quality", "installation", "spare_parts")
INSPECTED_PER_HUNDRED = 4
ROUNDS = (90, 180)


@dataclass(frozen=True)
class Opened:
    """Cases before their words; one entry per case. `kind` is a place in the file of words."""

    kind: IntArray
    customer: IntArray
    opened: IntArray
    due: IntArray
    closed: IntArray
    repeat_days: IntArray  # 0 but for inspection rounds
    follows: IntArray  # the round before, or NOBODY


@dataclass(frozen=True)
class Cases(Opened):
    assignee: IntArray
    order: IntArray
    warranty_until: IntArray
    subject: list[str]
    resolution: list[str]


def kinds() -> list[dict]:
    return words("cases")["case"]


def make_cases(plan: Plan, book: Book, owners: Owners, orders: Orders) -> Cases:
    single = single_cases(plan, book)
    rounds = inspection_rounds(plan, book, len(single.kind))
    columns = {
        name: np.concatenate([getattr(single, name), getattr(rounds, name)])
        for name in Opened.__dataclass_fields__
    }
    return worded(plan, book, owners, orders, Opened(**columns))


def single_cases(plan: Plan, book: Book) -> Opened:
    """Spread over the three years, the more the larger the customer; a few are still open."""
    chance = plan.chance("cases")
    n = len(book) * A_YEAR_PER_HUNDRED * 3 // 100
    weight = np.array([8.0, 3.0, 1.4, 0.7])[book.tier] * book.ordered
    customer = chance.choice(len(book), n, p=weight / weight.sum())
    shares = np.array([0 if each["kind"] == "inspection" else each["share"] for each in kinds()])
    kind = chance.choice(len(shares), n, p=shares / shares.sum())
    begin = np.maximum(np.where(book.ordered, book.starts, 0)[customer] + 3, plan.start + 3)
    end = np.minimum(book.left[customer], plan.today - 1)
    opened = begin + (chance.random(n) * np.maximum(end - begin, 1)).astype(np.int64)
    recent = (chance.random(n) < RECENT_SHARE) & (book.left[customer] == NEVER)
    opened = np.where(recent, plan.today - chance.integers(0, RECENT_DAYS, n), opened)
    opened = np.minimum(np.maximum(opened, begin), plan.today)
    due = opened + np.array([each["days"] for each in kinds()])[kind]
    takes = (due - opened) * np.exp(chance.normal(-0.45, 0.6, n))
    closed = opened + np.ceil(takes).astype(np.int64)
    stays_open = (closed > plan.today) | (recent & (chance.random(n) < 0.75))
    nothing = np.zeros(n, np.int64)
    closed = np.where(stays_open, NO_DAY, closed)
    return Opened(kind, customer, opened, due, closed, nothing, nothing + NOBODY)


def inspection_rounds(plan: Plan, book: Book, offset: int) -> Opened:
    """For some good customers, one round after the other; the last one is still to come."""
    chance = plan.chance("inspections")
    good = np.flatnonzero(
        (book.tier <= 1) & (book.starts < plan.today - 200) & (book.left == NEVER)
    )
    chosen = chance.permutation(good)[: len(book) * INSPECTED_PER_HUNDRED // 100]
    kind = next(place for place, each in enumerate(kinds()) if each["kind"] == "inspection")
    rows: list[tuple[int, ...]] = []
    for customer in np.sort(chosen):
        every = ROUNDS[int(chance.integers(len(ROUNDS)))]
        opened = int(max(book.starts[customer], plan.start)) + int(chance.integers(20, every))
        before = NOBODY
        while opened <= plan.today:
            due = opened + every
            done = due - int(chance.integers(-6, 10))
            closed = done if done <= plan.today else NO_DAY
            rows.append((kind, customer, opened, due, closed, every, before))
            before, opened = offset + len(rows) - 1, closed if closed != NO_DAY else NEVER
    columns = np.array(rows, dtype=np.int64).reshape(-1, 7).T
    return Opened(*columns)


def worded(plan: Plan, book: Book, owners: Owners, orders: Orders, opened: Opened) -> Cases:
    """With words, the order it is about, and the salesperson who sees to it."""
    speech = Speech(plan, book, "case words")
    sales = np.flatnonzero(orders.is_sale)
    last = Timeline(orders.customer[sales], orders.day[sales]).last_row(
        opened.customer, opened.opened
    )
    codes = np.array([each["kind"] for each in kinds()])[opened.kind]
    about = np.isin(codes, WITH_ORDER) & (last != NOBODY)
    warranted = np.isin(codes, WITH_WARRANTY) & (speech.chance.random(len(codes)) < 0.7)
    texts = [
        words_of(speech, *row)
        for row in zip(opened.kind, opened.customer, opened.closed, strict=True)
    ]
    return Cases(
        **vars(opened),
        assignee=owners.on(opened.customer, opened.opened),
        order=np.where(about, sales[last], NOBODY),
        warranty_until=np.where(warranted, opened.opened + 365, NO_DAY),
        subject=[subject for subject, _ in texts],
        resolution=[resolution for _, resolution in texts],
    )


def words_of(speech: Speech, kind: int, customer: int, closed: int) -> tuple[str, str]:
    subject, resolution = speech.pick(kinds()[kind]["texts"])
    text, _ = speech.fill(speech.plan.say(subject), customer)
    return text, "" if closed == NO_DAY else speech.plan.say(resolution)
