"""Pure: columns of a table as texts for PostgreSQL's COPY (text format)."""

from collections.abc import Callable, Mapping, Sequence
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
        keys = (places + bases[table]).tolist()
        return nullable([str(key) for key in keys], places == NOBODY)

    return texts


def days(numbers: npt.ArrayLike) -> Column:
    """Days since 1970-01-01; NO_DAY is null."""
    distinct, place = np.unique(np.asarray(numbers, dtype=np.int64), return_inverse=True)
    safe = np.where(distinct == NO_DAY, 0, distinct)
    names = nullable(safe.astype("datetime64[D]").astype(str).tolist(), distinct == NO_DAY)
    return fixed([names[each] for each in place.tolist()])


def moments(seconds: npt.ArrayLike) -> Column:
    """Seconds since 1970-01-01 00:00 UTC."""
    values = np.asarray(seconds, dtype=np.int64).astype("datetime64[s]").astype(str)
    return fixed([f"{value}+00" for value in values.tolist()])


def money(cents: npt.ArrayLike, *, zero_is_null: bool = False) -> Column:
    """Cents as whole units with two decimals; exact for all that a float holds, up to 2^53."""
    values = np.asarray(cents, dtype=np.int64)
    texts = [f"{value:.2f}" for value in (values / 100).tolist()]
    return fixed(nullable(texts, (values == 0) & zero_is_null))


def degrees(values: npt.ArrayLike, *, known: npt.ArrayLike = True) -> Column:
    angles = np.asarray(values, dtype=float)
    is_null = ~np.broadcast_to(np.asarray(known, dtype=bool), angles.shape)
    return fixed(nullable([f"{angle:.6f}" for angle in angles.tolist()], is_null))


def numbers(values: npt.ArrayLike, *, zero_is_null: bool = False) -> Column:
    whole = np.asarray(values, dtype=np.int64)
    texts = [str(value) for value in whole.tolist()]
    return fixed(nullable(texts, (whole == 0) & zero_is_null))


def flags(values: npt.ArrayLike) -> Column:
    return codes(("f", "t"), values)


def answers(values: npt.ArrayLike) -> Column:
    """1 yes, 0 no, anything else null."""
    spoken = {1: "t", 0: "f"}
    return fixed([spoken.get(value, NULL) for value in np.asarray(values).tolist()])


def words(texts: Texts) -> Column:
    return fixed([text.translate(UNSAFE) for text in texts])


def codes(names: Sequence[str], places: npt.ArrayLike) -> Column:
    """One of a few texts for each row."""
    return fixed([names[place] for place in np.asarray(places, dtype=np.int64).tolist()])


def same(text: str, rows: int) -> Column:
    return fixed([text] * rows)


def fixed(texts: Texts) -> Column:
    return lambda _: texts


def nullable(texts: Texts, is_null: npt.NDArray[np.bool_]) -> Texts:
    if not is_null.any():
        return texts
    return [NULL if null else text for text, null in zip(texts, is_null.tolist(), strict=True)]
