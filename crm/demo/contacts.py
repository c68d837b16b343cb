"""Pure: the people at the customers."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from crm.demo.book import Book
from crm.demo.plan import NO_DAY, BoolArray, IntArray, Plan, Triple, day_number, words

OWNER, FIRST_BUYER = 0, 2
MOST = 4
BORN_BETWEEN = (date(1962, 1, 1), date(2000, 1, 1))
HOW_MANY = [
    [0.0, 0.1, 0.35, 0.55],
    [0.15, 0.35, 0.3, 0.2],
    [0.4, 0.4, 0.15, 0.05],
    [0.65, 0.28, 0.07, 0.0],
]  # by tier: the chance of 1, 2, 3 or 4


@dataclass(frozen=True)
class Contacts:
    """One entry per contact, those of a customer together and the first to call first."""

    customer: IntArray
    is_primary: BoolArray
    birthday: IntArray
    name: list[str]
    gender: list[str]
    title: list[str]
    character: list[str]
    interests: list[str]
    mobile: list[str]
    wechat: list[str]
    note: list[str]

    def __len__(self) -> int:
        return len(self.name)


def make_contacts(plan: Plan, book: Book) -> Contacts:
    chance = plan.chance("contacts")
    chances = np.cumsum(np.array(HOW_MANY), axis=1)[book.tier]
    counts = 1 + (chance.random(len(book))[:, None] > chances).sum(axis=1).clip(0, MOST - 1)
    customer = np.repeat(np.arange(len(book)), counts)
    position = np.arange(len(customer)) - np.repeat(np.cumsum(counts) - counts, counts)
    n = len(customer)
    is_female = chance.random(n) < 0.42
    names = [person_name(chance, female) for female in is_female]
    numbers = chance.permutation(n)
    return Contacts(
        customer=customer,
        is_primary=position == 0,
        birthday=birthdays(chance, n),
        name=[spoken(plan, *name) for name in names],
        gender=["female" if female else "male" for female in is_female],
        title=titles(plan, chance, position),
        character=some(plan, chance, "characters", n, 0.7),
        interests=two_interests(plan, chance, n),
        mobile=[f"{138 + each // 10_000} 0000 {each % 10_000:04}" for each in numbers],
        wechat=[wechat(*name, number) for name, number in zip(names, numbers, strict=True)],
        note=some(plan, chance, "contact_notes", n, 0.15),
    )


def person_name(chance: np.random.Generator, female: bool) -> tuple[Triple, Triple]:
    surnames, given = words("people")["surnames"], words("people")["female" if female else "male"]
    # The first surnames of the list are the commonest.
    place = int(len(surnames) * chance.random() ** 1.5)
    return surnames[place], given[chance.integers(len(given))]


def spoken(plan: Plan, surname: Triple, given: Triple) -> str:
    return f"{plan.say(surname)}{' ' if plan.language == 'en' else ''}{plan.say(given)}"


def titles(plan: Plan, chance: np.random.Generator, position: IntArray) -> list[str]:
    """The first to call buys or owns; the others do anything."""
    every = [plan.say(title) for title in words("people")["titles"]]
    first = chance.choice([OWNER, 1, FIRST_BUYER, 3], len(position), p=[0.3, 0.1, 0.35, 0.25])
    other = chance.integers(FIRST_BUYER, len(every), len(position))
    return [every[place] for place in np.where(position == 0, first, other)]


def some(plan: Plan, chance: np.random.Generator, kind: str, n: int, share: float) -> list[str]:
    texts = [plan.say(text) for text in words("people")[kind]]
    which, has = chance.integers(0, len(texts), n), chance.random(n) < share
    return [texts[text] if there else "" for text, there in zip(which, has, strict=True)]


def two_interests(plan: Plan, chance: np.random.Generator, n: int) -> list[str]:
    texts = [plan.say(text) for text in words("people")["interests"]]
    comma = ", " if plan.language == "en" else "、"
    pairs = chance.integers(0, len(texts), (n, 2))
    known = chance.random(n) < 0.55
    return [
        comma.join(dict.fromkeys((texts[one], texts[two]))) if has else ""
        for has, (one, two) in zip(known, pairs, strict=True)
    ]


def birthdays(chance: np.random.Generator, n: int) -> IntArray:
    from_day, to_day = (day_number(day) for day in BORN_BETWEEN)
    return np.where(chance.random(n) < 0.6, chance.integers(from_day, to_day, n), NO_DAY)


def wechat(surname: Triple, given: Triple, number: int) -> str:
    return f"{given[0]}_{surname[0]}{number % 100:02}".lower() if number % 5 else ""
