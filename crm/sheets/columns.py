"""The canonical columns of each kind of file: what they hold and what other people call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from crm.sheets import dates, values
from crm.sheets.dates import DateOrder
from crm.sheets.names import NAMES
from crm.sheets.values import Parse
from crm.sheets.words import BUYER_TYPES, CHANNELS, OUTCOMES, STATUSES


@dataclass(frozen=True)
class Reading:
    """How the cells of one file are to be understood."""

    zone: tzinfo
    date_order: DateOrder = DateOrder.UNKNOWN
    decimal_comma: bool = False


@dataclass(frozen=True)
class Column:
    """`needed`: a file without it cannot be read. `filled`: a line without it is rejected."""

    name: str
    parser: Callable[[Reading], Parse]
    needed: bool = False
    filled: bool = False
    is_date: bool = False


def _text(name: str, at_most: int, **needs: bool) -> Column:
    return Column(name, lambda _: values.text(at_most=at_most), **needs)


def _code(name: str, at_most: int, **needs: bool) -> Column:
    return Column(name, lambda _: values.code(at_most=at_most), **needs)


def _customer_code(name: str) -> Column:
    return Column(
        name, lambda _: values.code(at_most=40, addressable=True), needed=True, filled=True
    )


def _number(
    name: str,
    low: int | None = None,
    high: int | None = None,
    *,
    whole: bool = False,
    **needs: bool,
) -> Column:
    def parser(reading: Reading) -> Parse:
        comma = reading.decimal_comma
        return values.number(decimal_comma=comma, low=low, high=high, whole=whole)

    return Column(name, parser, **needs)


def _day(name: str, **needs: bool) -> Column:
    def parser(reading: Reading) -> Parse:
        return dates.day(order=reading.date_order, zone=reading.zone)

    return Column(name, parser, is_date=True, **needs)


def _instant(name: str, **needs: bool) -> Column:
    def parser(reading: Reading) -> Parse:
        return dates.instant(order=reading.date_order, zone=reading.zone)

    return Column(name, parser, is_date=True, **needs)


def _choice(name: str, words: Mapping[str, str], **needs: bool) -> Column:
    return Column(name, lambda _: values.choice(words), **needs)


BILLION = 10**9
KEY = {"needed": True, "filled": True}

CUSTOMERS = (
    _customer_code("code"),
    _text("name", 200, **KEY),
    _code("owner", 60),
    _text("industry", 80),
    _text("region", 80),
    _text("city", 80),
    _text("district", 80),
    _text("address", 250),
    _number("latitude", -90, 90),
    _number("longitude", -180, 180),
    _code("phone", 40),
    Column("email", lambda _: values.email),
    _text("kind", 80),
    _code("tax_id", 40),
    _day("since"),
    _text("alias", 200),
    _choice("buyer_type", BUYER_TYPES),
    _number("credit_days", 0, 3650, whole=True),
    _number("yearly_need", 0, 10 * BILLION),
)
DOCUMENT = (
    _code("number", 60, **KEY),
    _customer_code("customer"),
    _day("ordered_on", **KEY),
)
OF_NEW_CUSTOMERS = (_text("customer_name", 200), _text("customer_region", 80))
TERMS = (
    Column("currency", lambda _: values.currency),
    _choice("status", STATUSES),
    _day("due_on"),
)
ORDERS = (
    *DOCUMENT,
    _number("amount", **KEY),
    _number("cost"),
    *TERMS,
    *OF_NEW_CUSTOMERS,
)
ORDER_LINES = (
    *DOCUMENT,
    _code("sku", 60, **KEY),
    _text("product", 200),
    _number("quantity", -BILLION, BILLION, **KEY),
    _number("unit_price", -BILLION, BILLION, **KEY),
    _number("unit_cost", -BILLION, BILLION),
    _number("list_price", 0, BILLION),
    *TERMS,
    *OF_NEW_CUSTOMERS,
)
VISITS = (
    _customer_code("customer"),
    _code("by", 60, **KEY),
    _instant("happened_at", **KEY),
    _choice("channel", CHANNELS, **KEY),
    _text("summary", 10_000, needed=True),
    _number("minutes", 0, 24 * 60, whole=True),
    _choice("outcome", OUTCOMES),
    _day("next_on"),
    _number("satisfaction", 1, 5, whole=True),
    _text("contact", 80),
    _text("competitor", 120),
    _code("key", 64),
)
PAYMENTS = (
    _code("order", 60, **KEY),
    _day("paid_on", **KEY),
    _number("amount", **KEY),
)
COLUMNS = {
    "customers": CUSTOMERS,
    "orders": ORDERS,
    "order_lines": ORDER_LINES,
    "visits": VISITS,
    "payments": PAYMENTS,
}


def column_names(kind: str) -> list[str]:
    return [column.name for column in COLUMNS[kind]]


def needed_columns(kind: str) -> list[str]:
    return [column.name for column in COLUMNS[kind] if column.needed]


def plain(name: str) -> str:
    """A column name without width, case, blanks and punctuation: `Customer ID` is `customerid`."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def guess(header: Sequence[str], kind: str) -> dict[str, str]:
    """Canonical column -> column of the file, by the names in use. Each file column serves once."""
    waiting = {plain(name): name for name in reversed(header) if name}
    found: dict[str, str] = {}
    for column in column_names(kind):
        known = (plain(name) for name in (column, *NAMES[kind].get(column, ())))
        hit = next((name for name in known if name in waiting), None)
        if hit:
            found[column] = waiting.pop(hit)
    return found


def guess_kind(header: Sequence[str], kinds: Sequence[str] = tuple(COLUMNS)) -> str:
    """The kind whose needed columns the header has; else the one with the largest share of them."""

    def share(kind: str) -> float:
        needed = needed_columns(kind)
        return sum(name in guess(header, kind) for name in needed) / len(needed)

    # Of two that fit fully, the one that needs more is the more precise answer.
    return max(kinds, key=lambda kind: (share(kind), len(needed_columns(kind))))
