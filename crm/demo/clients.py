"""Pure: what the customers are called and where they are, in the language asked for."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.demo.book import Book
from crm.demo.currencies import scale
from crm.demo.plan import FloatArray, IntArray, Plan, Triple, words

BUYER_TYPES = ("rational", "impulsive", "habitual", "economical", "imaginative", "undecided")
BUYER_SHARES = (0.24, 0.08, 0.3, 0.2, 0.08, 0.1)
NAMED_BY_CITY = 0.35


@dataclass(frozen=True)
class Place:
    latitude: float
    longitude: float
    district: Triple
    city: Triple
    province: Triple
    dialling: str


@dataclass(frozen=True)
class Clients:
    """One entry per customer; texts in the language asked for."""

    code: list[str]
    name: list[str]
    alias: list[str]
    email: list[str]
    address: list[str]
    phone: list[str]
    note: list[str]
    buyer_type: list[str]
    latitude: FloatArray
    longitude: FloatArray
    credit_limit: IntArray  # cents; 0 without one
    tags: list[tuple[int, int]]  # (customer, tag)


def places() -> list[Place]:
    return [Place(*row) for each in words("districts")["territory"] for row in each["districts"]]


def make_clients(plan: Plan, book: Book) -> Clients:
    chance = plan.chance("clients")
    n = len(book)
    district = [places()[place] for place in book.district]
    brands, names = make_names(plan, book, chance)
    number = np.empty(n, np.int64)
    number[np.argsort(book.since, kind="stable")] = np.arange(n)
    notes = [plan.say(text) for text in words("companies")["notes"]["texts"]]
    has_note, which = chance.random(n) < 0.25, chance.integers(0, len(notes), n)
    return Clients(
        code=[f"C-{10001 + each}" for each in number],
        name=[plan.say(name) for name in names],
        alias=[plan.say_other(name) for name in names],
        email=[mailbox(*each) for each in zip(brands, district, strict=True)],
        address=make_addresses(plan, chance, district),
        phone=[
            f"{place.dialling}-5550 {each:04}" for place, each in zip(district, number, strict=True)
        ],
        note=[notes[text] if has else "" for has, text in zip(has_note, which, strict=True)],
        buyer_type=list(chance.choice(BUYER_TYPES, n, p=BUYER_SHARES)),
        latitude=around(chance, [place.latitude for place in district]),
        longitude=around(chance, [place.longitude for place in district]),
        credit_limit=credit_limits(plan, book),
        tags=make_tags(chance, n),
    )


def make_names(
    plan: Plan, book: Book, chance: np.random.Generator
) -> tuple[list[Triple], list[Triple]]:
    """Trade names, and the whole names, of which no two are alike in any language."""
    brands: list[Triple] = words("brands")["brands"]
    turns = np.array([chance.permutation(len(brands)) for _ in places()])
    used = np.zeros(len(places()), np.int64)
    by_city = chance.random(len(book)) < NAMED_BY_CITY
    taken: set[str] = set()
    trade_names, names = [], []
    for customer, district in enumerate(book.district):
        brand = brands[turns[district, used[district] % len(brands)]]
        used[district] += 1
        name = whole_name(book, customer, brand, chance, by_city=by_city[customer])
        while not taken.isdisjoint(name):
            brand = brands[chance.integers(len(brands))]
            name = whole_name(book, customer, brand, chance, by_city=False)
        taken.update(name)
        trade_names.append(brand)
        names.append(name)
    return trade_names, names


def whole_name(
    book: Book, customer: int, brand: Triple, chance: np.random.Generator, *, by_city: bool
) -> Triple:
    place = places()[book.district[customer]]
    where = place.city if by_city else place.district
    industry, kind = trade(book, customer)
    what = industry["words"][chance.integers(len(industry["words"]))]
    form = words("companies")["kinds"][kind][1]
    english = " ".join(part for part in (where[0], brand[0], what[0], form[0]) if part)
    return [english, *(where[i] + brand[i] + what[i] + form[i] for i in (1, 2))]


def trade(book: Book, customer: int) -> tuple[dict[str, Any], str]:
    """The industry, and the code of the kind of business."""
    industry = words("companies")["industry"][book.industry[customer]]
    return industry, industry["kinds"][book.kind[customer]]


def mailbox(brand: Triple, place: Place) -> str:
    """At a domain that is reserved for examples."""
    return f"info@{brand[0]}-{place.district[0]}.example".lower().replace("'", "")


def make_addresses(plan: Plan, chance: np.random.Generator, district: list[Place]) -> list[str]:
    streets, pattern = (
        words("companies")["streets"]["names"],
        words("companies")["streets"]["number"],
    )
    which = chance.integers(0, len(streets), len(district))
    numbers = chance.integers(1, 900, len(district))
    return [
        plan.say(pattern).format(
            number=number,
            street=plan.say(streets[street]),
            district=plan.say(place.district),
            city=plan.say(place.city),
        )
        for number, street, place in zip(numbers, which, district, strict=True)
    ]


def around(chance: np.random.Generator, middle: list[float]) -> FloatArray:
    """Some kilometres to either side, in degrees."""
    return np.round(
        np.array(middle) + np.clip(chance.normal(0, 0.025, len(middle)), -0.06, 0.06), 6
    )


def credit_limits(plan: Plan, book: Book) -> IntArray:
    """Half as much again as is owed in the usual course, in thousands; only for the larger."""
    usual = book.worth * (book.credit_days + 30) / 365 * 1.5 * scale(plan)
    return np.where(book.tier <= 1, np.ceil(usual / 1000).astype(np.int64) * 100_000, 0)


def yearly_needs(plan: Plan, book: Book) -> IntArray:
    """What the customer buys of such goods from anybody, in cents; 0 where not known."""
    chance = plan.chance("needs")
    ours, is_known = chance.uniform(0.15, 0.95, len(book)), chance.random(len(book)) < 0.6
    need = np.ceil(book.worth * scale(plan) / ours / 10_000).astype(np.int64) * 1_000_000
    return np.where(is_known, need, 0)


def make_tags(chance: np.random.Generator, n: int) -> list[tuple[int, int]]:
    chosen = chance.random((n, len(words("companies")["tags"]["names"]))) < 0.07
    return [(int(customer), int(tag)) for customer, tag in np.argwhere(chosen)]
