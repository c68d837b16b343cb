"""Pure: the words of visits: what was said, needed and promised."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm.demo.baskets import RANGE, catalogue, make_ranges
from crm.demo.book import Book
from crm.demo.contacts import Contacts
from crm.demo.plan import NO_DAY, IntArray, Plan, words
from crm.demo.visits import CAME, COURSES, MISSED, ON_SITE, UNHAPPY, Visits

QUANTITIES = (5, 10, 12, 15, 20, 24, 30, 40, 50, 60, 80, 100)
FASTENERS = 5  # categories at the head of the list
HAN, LATIN = "[\u4e00-\u9fff]", "[A-Za-z0-9]"
BORDER = f"(?<={HAN})(?={LATIN})|(?<={LATIN})(?={HAN})"
NEEDED, WITH_RIVAL, PROMISED, KEPT = 0.22, 0.05, 0.13, 0.84


@dataclass(frozen=True)
class Notes:
    """One entry per visit; empty texts where nothing was noted."""

    summary: list[str]
    needs: list[str]
    competitor: list[str]


@dataclass(frozen=True)
class Promises:
    """One entry per promise. `kept`: 1 yes, 0 no, -1 open."""

    visit: IntArray
    due: IntArray
    settled: IntArray
    kept: IntArray
    what: list[str]


def draws(chance: np.random.Generator) -> Iterator[float]:
    """Numbers from 0 to 1, made in blocks: one call for each would take seconds."""
    while True:
        yield from chance.random(4096).tolist()


class Speech:
    """Fills the gaps of a sentence with what a salesperson would say at this customer."""

    def __init__(self, plan: Plan, book: Book, part: str):
        self.plan, self.chance = plan, plan.chance(part)
        self.luck = draws(plan.chance(f"{part}, words"))
        self.articles = [row for _, row in catalogue()]
        self.talked_of = [category < FASTENERS and row[3] == "box" for category, row in catalogue()]
        self.ranges = make_ranges(plan, book).tolist()
        self.rivals = [plan.say(name) for name in words("visits")["competitors"]]
        self.box = plan.say(words("products")["units"]["box"])

    def pick(self, texts: Sequence[Any]) -> Any:
        return texts[int(next(self.luck) * len(texts))]

    def fill(self, sentence: str, customer: int, who: str = "") -> tuple[str, str]:
        """The sentence, and the competitor named in it."""
        rival = self.pick(self.rivals) if "{rival}" in sentence else ""
        text = sentence.format(
            who=who,
            rival=rival,
            unit=self.box,
            count=self.pick(QUANTITIES),
            product=self.product(customer),
        )
        return spaced(text[:1].upper() + text[1:]), rival

    def product(self, customer: int) -> str:
        """The short name of boxed fasteners that this customer buys."""
        start, own = self.pick(range(RANGE)), self.ranges[customer]
        article = next((each for each in own[start:] + own[:start] if self.talked_of[each]), 0)
        short = self.plan.say(self.articles[article][4]).replace("，", ", ").split(", ")[0]
        return short[0].lower() + short[1:] if short[1].islower() else short


def spaced(text: str) -> str:
    """Chinese characters stand apart from Latin letters and digits."""
    return re.sub(BORDER, " ", text)


def make_notes(plan: Plan, book: Book, contacts: Contacts, visits: Visits) -> Notes:
    speech = Speech(plan, book, "notes")
    texts = words("visits")["summaries"]
    needs = [plan.say(text) for text in words("visits")["needs"]["texts"]]
    luck = speech.chance.random((len(visits), 2))
    rows: list[tuple[str, str, str]] = []
    for row, (customer, contact) in enumerate(zip(visits.customer, visits.contact, strict=True)):
        course = int(visits.course[row])
        choice = suited(texts, course, int(visits.channel[row]))
        sentence = plan.say(speech.pick(choice))
        summary, rival = speech.fill(sentence, customer, contacts.name[contact])
        seen = course != MISSED and luck[row, 1] < WITH_RIVAL + 0.35 * (course == UNHAPPY)
        rival = rival or (speech.pick(speech.rivals) if seen else "")
        needed = course != MISSED and luck[row, 0] < NEEDED
        need = speech.fill(speech.pick(needs), customer)[0] if needed else ""
        rows.append((summary, need, rival))
    return Notes(*(list(column) for column in zip(*rows, strict=True)))


def suited(texts: dict[str, list[Any]], course: int, channel: int) -> list[Any]:
    """Sentences that go with how it went and where."""
    face_to_face = channel in (ON_SITE, CAME)
    name = COURSES[course]
    if name == "spoke":
        return texts["spoke"] + texts["there" if face_to_face else "afar"]
    return texts["missed_there"] if name == "missed" and face_to_face else texts[name]


def make_promises(plan: Plan, book: Book, visits: Visits) -> Promises:
    """What was promised in one visit of eight; late ones are settled some days after."""
    speech = Speech(plan, book, "promises")
    chance = speech.chance
    made = (chance.random(len(visits)) < PROMISED) & (visits.course != MISSED)
    visit = np.flatnonzero(made)
    given = visits.day[visit]
    due = given + chance.integers(3, 17, len(visit))
    kept = (chance.random(len(visit)) < KEPT).astype(np.int64)
    in_time = given + np.ceil((due - given) * chance.uniform(0.4, 1, len(visit))).astype(np.int64)
    settled = np.where(kept == 1, in_time, due + chance.integers(1, 40, len(visit)))
    is_open = settled > plan.today
    texts = [plan.say(text) for text in words("visits")["promises"]["texts"]]
    return Promises(
        visit=visit,
        due=due,
        settled=np.where(is_open, NO_DAY, settled),
        kept=np.where(is_open, -1, kept),
        what=[speech.fill(speech.pick(texts), visits.customer[each])[0] for each in visit],
    )
