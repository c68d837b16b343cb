"""Which column of a foreign file means what: from a TOML file, a saved form, or the header itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crm.sheets.columns import COLUMNS, column_names, guess, guess_kind, needed_columns, plain
from crm.sheets.dates import DateOrder
from crm.sheets.problems import Refusal, UnreadableFile

OPTIONS = {"kind", "encoding", "delimiter", "date_order", "decimal"}
TABLES = {"columns", "values"}


@dataclass(frozen=True)
class ColumnMapping:
    """`columns`: canonical name -> name in the file. `values`: canonical name -> the same for all lines."""

    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    date_order: str = ""
    decimal: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a JSON column; `from_dict` takes it back."""
        return asdict(self)

    @property
    def order_of_dates(self) -> DateOrder | None:
        """None: the file itself decides."""
        return DateOrder(self.date_order) if self.date_order else None

    def positions(self, header: Sequence[str]) -> dict[str, int]:
        """Canonical name -> index of the cell. Raises UnreadableFile where the header does not fit."""
        by_name = _by_name(header)
        unknown = [name for name in self.columns.values() if plain(name) not in by_name]
        if unknown:
            raise UnreadableFile(Refusal.UNKNOWN_COLUMNS, line=1, columns=unknown)
        have = {*self.columns, *self.values}
        missing = [name for name in needed_columns(self.kind) if name not in have]
        if missing:
            raise UnreadableFile(Refusal.MISSING_COLUMNS, line=1, columns=missing)
        found = {column: by_name[plain(name)] for column, name in self.columns.items()}
        twice = [self.columns[column] for column, places in found.items() if len(places) > 1]
        if twice:
            raise UnreadableFile(Refusal.DUPLICATE_COLUMN, line=1, columns=twice)
        return {column: places[0] for column, places in found.items()}


def _by_name(header: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, name in enumerate(header):
        places.setdefault(plain(name), []).append(index)
    return places


def from_header(header: Sequence[str], kinds: Sequence[str]) -> ColumnMapping:
    """The mapping that the column names themselves suggest, of the best fitting kind."""
    kind = guess_kind(header, kinds)
    return ColumnMapping(kind, guess(header, kind))


def from_toml(text: str, *, header: Sequence[str], kinds: Sequence[str]) -> ColumnMapping:
    """Read a mapping file. Raises UnreadableFile(BAD_MAPPING) with `reason` and `name`."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(Refusal.BAD_MAPPING, reason="toml", name=str(error)) from None
    for table in TABLES:
        if not isinstance(found.get(table, {}), dict):
            raise UnreadableFile(Refusal.BAD_MAPPING, reason="column", name=table)
    columns = dict(found.get("columns", {}))
    # The table may be left out: canonical names at the top level are columns as well.
    columns |= {k: v for k, v in found.items() if k not in OPTIONS | TABLES}
    if found.get("kind") and found["kind"] not in kinds:
        raise UnreadableFile(Refusal.BAD_MAPPING, reason="kind", name=str(found["kind"]))
    kind = found.get("kind") or _kind_of(columns, header, kinds)
    options = {name: found[name] for name in OPTIONS - {"kind"} if name in found}
    return from_dict(
        {**options, "kind": kind, "columns": columns, "values": found.get("values", {})}
    )


def _kind_of(columns: Mapping[str, str], header: Sequence[str], kinds: Sequence[str]) -> str:
    """Of orders and order lines, the kind that knows all the names of the mapping."""
    fitting = [kind for kind in kinds if set(columns) <= set(column_names(kind))]
    return guess_kind(list(columns) or header, fitting or kinds)


def from_dict(found: Mapping[str, Any]) -> ColumnMapping:
    """Checked, from plain data. Raises UnreadableFile(BAD_MAPPING)."""
    mapping = ColumnMapping(**{key: value for key, value in found.items() if value})
    known = set(column_names(mapping.kind)) if mapping.kind in COLUMNS else set()
    for name, value in [*mapping.columns.items(), *mapping.values.items()]:
        if name not in known or not isinstance(value, str):
            raise UnreadableFile(Refusal.BAD_MAPPING, reason="column", name=name)
    _check_options(mapping)
    return mapping


def _check_options(mapping: ColumnMapping) -> None:
    allowed = {
        "date_order": {order.value for order in DateOrder},
        "decimal": {"", ".", ","},
        "delimiter": {"", ",", ";", "\t", "|"},
    }
    for name, choices in allowed.items():
        if getattr(mapping, name) not in choices:
            raise UnreadableFile(Refusal.BAD_MAPPING, reason=name, name=str(getattr(mapping, name)))
    try:
        "".encode(mapping.encoding or "utf-8")
    except LookupError:
        raise UnreadableFile(
            Refusal.BAD_MAPPING, reason="encoding", name=mapping.encoding
        ) from None


def completed(mapping: ColumnMapping, header: Sequence[str]) -> ColumnMapping:
    """A mapping of a few columns, with those added that the header names as we do."""
    taken = {plain(name) for name in mapping.columns.values()}
    own = {
        column: name
        for column, name in guess(header, mapping.kind).items()
        if column not in mapping.columns
        and column not in mapping.values
        and plain(name) not in taken
    }
    return replace(mapping, columns={**mapping.columns, **own})
