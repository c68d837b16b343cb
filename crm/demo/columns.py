"""Pure: columns of a table as texts for PostgreSQL's COPY (text format)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crm.demo.plan import NO_DAY, NOBODY

NULL = r"\N"
Texts = list[str]
# A column knows its texts but for the keys of other tables, which the database gives.
Column = Callable[[Mapping[str, int]], Texts]
UNSAFE = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class Table:
    """Rows in order; the key of a row is the table's base plus its place."""

    name: str
    columns: dict[str, Column]
    rows: int

    def lines(self, bases: Mapping[str, int]) -> Texts:
        """One line of COPY for each row, with its key."""
        keys = range(bases[self.name], bases[self.name] + self.rows)
        texts = [column(bases) for column in self.columns.values()]
        return ["\t".join(row) for row in zip(map(str, keys), *texts, strict=True)]


def ref(table: str, rows: npt.ArrayLike) -> Column:
    """Keys of rows of another table; NOBODY is null."""
    places = np.asarray(rows, dtype=np.int64)

    def texts(bases: Mapping[str, int]) -> Texts:
        return nullable((places + bases[table]).astype(str), places == NOBODY)

    return texts


def days(numbers: npt.ArrayLike) -> Column:
    """Days since 1970-01-01; NO_DAY is null."""
    values = np.asarray(numbers, dtype=np.int64)
    safe = np.where(values == NO_DAY, 0, values)
    return fixed(nullable(safe.astype("datetime64[D]").astype(str), values == NO_DAY))


def moments(seconds: npt.ArrayLike) -> Column:
    """Seconds since 1970-01-01 00:00 UTC."""
    values = np.asarray(seconds, dtype=np.int64).astype("datetime64[s]").astype(str)
    return fixed([f"{value}+00" for value in values.tolist()])


def money(cents: npt.ArrayLike, *, zero_is_null: bool = False) -> Column:
    """Cents as whole units with two decimals."""
    values = np.asarray(cents, dtype=np.int64)
    return fixed(nullable(decimals(values, 2), (values == 0) & zero_is_null))


def degrees(values: npt.ArrayLike) -> Column:
    return fixed([f"{value:.6f}" for value in np.asarray(values, dtype=float).tolist()])


def numbers(values: npt.ArrayLike, *, zero_is_null: bool = False) -> Column:
    whole = np.asarray(values, dtype=np.int64)
    return fixed(nullable(whole.astype(str), (whole == 0) & zero_is_null))


def flags(values: npt.ArrayLike) -> Column:
    return fixed(np.where(np.asarray(values, dtype=bool), "t", "f").tolist())


def answers(values: npt.ArrayLike) -> Column:
    """1 yes, 0 no, anything else null."""
    spoken = {1: "t", 0: "f"}
    return fixed([spoken.get(value, NULL) for value in np.asarray(values).tolist()])


def words(texts: Texts) -> Column:
    return fixed([text.translate(UNSAFE) for text in texts])


def codes(names: tuple[str, ...] | Texts, places: npt.ArrayLike) -> Column:
    """One of a few texts for each row."""
    return fixed(np.array(names)[np.asarray(places, dtype=np.int64)].tolist())


def same(text: str, rows: int) -> Column:
    return fixed([text] * rows)


def fixed(texts: Texts) -> Column:
    return lambda _: texts


def nullable(texts: npt.NDArray[np.str_], is_null: npt.NDArray[np.bool_]) -> Texts:
    return np.where(is_null, NULL, texts).tolist()


def decimals(whole: npt.NDArray[np.int64], places: int) -> npt.NDArray[np.str_]:
    """Exact for any number of cents that a float holds, that is up to 2^53."""
    return np.char.mod(f"%.{places}f", whole / 10**places)
