"""Pure: what the demo company is made from, and its sources of chance."""

import tomllib
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Triple = list[str]

LANGUAGES = ("en", "zh-hans", "zh-hant")
DAYS_OF_TRADE = 3 * 365
DAYS_OF_FUTURE = 180
EPOCH = date(1970, 1, 1)
NOBODY = -1
NO_DAY = np.iinfo(np.int64).min
NEVER = 10**9


@dataclass(frozen=True)
class Plan:
    """Everything the company depends on; days are whole days since 1970-01-01."""

    seed: int
    as_of: date
    language: str
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    customers: int = 2000

    @property
    def today(self) -> int:
        return (self.as_of - EPOCH).days

    @property
    def start(self) -> int:
        """The day before the first day of trade."""
        return self.today - DAYS_OF_TRADE

    @property
    def end_of_future(self) -> int:
        return self.today + DAYS_OF_FUTURE

    def chance(self, part: str) -> np.random.Generator:
        """A stream of its own for each part, so that a change in one leaves the others alone."""
        return np.random.default_rng([self.seed, zlib.crc32(part.encode())])

    def say(self, words: Triple) -> str:
        """The language asked for, out of English, 简体 and 繁體."""
        return words[LANGUAGES.index(self.language)]

    def say_other(self, words: Triple) -> str:
        """The name by which the same is known in the other script."""
        return words[1] if self.language == "en" else words[0]


@cache
def words(name: str) -> dict[str, Any]:
    """One of the files in `words/`."""
    return tomllib.loads((Path(__file__).parent / "words" / f"{name}.toml").read_text("utf-8"))


def as_date(day: int) -> date:
    return date.fromordinal(EPOCH.toordinal() + int(day))


def day_number(day: date) -> int:
    return (day - EPOCH).days
