"""Cells to canonical text that PostgreSQL takes as it is: `1234.50`, not a float. Or a Problem.

Every function takes one cell and returns the text ("" for an empty cell) or
the Problem with it. `Remembered` keeps the answers, as columns repeat themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal

from crm.sheets.problems import Problem

Parse = Callable[[str], str | Problem]

MOST_REMEMBERED = 200_000
LONGEST_REMEMBERED = 64
WHOLE_DIGITS = 12
BLANK = " \t\r\n\u3000\u00a0\u200b\ufeff"
SIGNS = ("=", "+", "-", "@")
SIMPLE_NUMBER = re.compile(r"(0|-?[1-9]\d{0,11})(\.\d{1,6})?", re.ASCII)
CURRENCY = re.compile(
    r"^(?:RMB|CNY|USD|EUR|GBP|HKD|TWD|HK\$|NT\$|US\$|[¥$€£元])|(?:RMB|CNY|USD|EUR|GBP|元|€)$"
)
ADDRESSABLE = re.compile(r"(?!\.{1,2}\Z)[^/\\\x00-\x1f\x7f-\x9f\u2028\u2029]+")
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|∞)", re.IGNORECASE)
SCIENTIFIC = re.compile(r"\d+(\.\d+)?[eE][+-]?\d{1,2}", re.ASCII)
EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,180}\.[^@\s,;<>.]{2,}")
CURRENCY_WORDS = {
    "RMB": "CNY",
    "人民币": "CNY",
    "人民幣": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "歐元": "EUR",
}
TENFOLD = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}


class Remembered(dict[str, "str | Problem"]):
    """The answers of a parse function, each distinct cell parsed once."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self.parse = parse

    def __missing__(self, cell: str) -> str | Problem:
        answer = self.parse(unguarded(cell))
        if len(cell) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[cell] = answer
        return answer


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that our own exports put before what might be a formula.

    Only one, and only there: `'=A1` is `=A1`, while `'t Hooft` and `''=A1` stay as they are.
    """
    if cell[:1] != "'":
        return cell
    rest = cell[1:]
    first = unicodedata.normalize("NFKC", rest.strip(BLANK)[:1])
    return rest if rest.startswith(("\t", "\r", "\n")) or first.startswith(SIGNS) else cell


def text(*, at_most: int) -> Parse:
    """Free text without the blanks around it."""

    def parse(cell: str) -> str | Problem:
        cleaned = cell.strip(BLANK).replace("\r\n", "\n").replace("\r", "\n")
        return cleaned if len(cleaned) <= at_most else Problem.TOO_LONG

    return parse


def code(*, at_most: int, addressable: bool = False) -> Parse:
    """A number or code that identifies something: full-width characters folded, one line.

    An `addressable` one is part of a web address: no slashes, no control characters.
    """

    def parse(cell: str) -> str | Problem:
        folded = " ".join(unicodedata.normalize("NFKC", cell).split())
        if len(folded) > at_most:
            return Problem.TOO_LONG
        if addressable and folded and not ADDRESSABLE.fullmatch(folded):
            return Problem.BAD_CODE
        return folded

    return parse


def choice(words: Mapping[str, str]) -> Parse:
    """One of a few codes; `words` maps what people write, folded, to the code."""

    def parse(cell: str) -> str | Problem:
        word = unicodedata.normalize("NFKC", cell).strip(BLANK).casefold()
        return words.get(word, Problem.NOT_A_CHOICE) if word else ""

    return parse


def email(cell: str) -> str | Problem:
    """An address of the plain form somebody@somewhere.tld."""
    address = cell.strip(BLANK)
    return address if not address or EMAIL.fullmatch(address) else Problem.BAD_EMAIL


def currency(cell: str) -> str | Problem:
    """An ISO code of three letters."""
    letters = unicodedata.normalize("NFKC", cell).strip(BLANK).upper()
    known = CURRENCY_WORDS.get(letters, letters)
    return known if not known or re.fullmatch("[A-Z]{3}", known) else Problem.NOT_A_CURRENCY


def number(
    *,
    decimal_comma: bool = False,
    low: int | None = None,
    high: int | None = None,
    whole: bool = False,
) -> Parse:
    """A finite decimal number, as people and programs write it.

    Thousands separators, full-width digits, currency signs, parentheses and a
    trailing minus for negative amounts, 万 and 亿 are understood. `1,234` is one
    thousand two hundred and thirty-four unless `decimal_comma`.
    """

    def parse(cell: str) -> str | Problem:
        simple = SIMPLE_NUMBER.fullmatch(cell) and not (decimal_comma and "." in cell)
        plain = cell if simple else _plain(cell, decimal_comma)
        if isinstance(plain, Problem) or not plain:
            return plain
        return _within(plain, low, high, whole)

    return parse


def _within(plain: str, low: int | None, high: int | None, whole: bool) -> str | Problem:
    if low is None and high is None and not whole:
        return plain
    value = Decimal(plain)
    if whole and value != value.to_integral_value():
        return Problem.NOT_WHOLE
    if (low is not None and value < low) or (high is not None and value > high):
        return Problem.OUT_OF_RANGE
    return str(int(value)) if whole else plain


def _plain(cell: str, decimal_comma: bool) -> str | Problem:
    folded = unicodedata.normalize("NFKC", cell).strip(BLANK).replace("−", "-")
    if not folded:
        return ""
    if NOT_FINITE.fullmatch(folded):
        return Problem.NOT_FINITE
    sign, digits = _unsigned(folded)
    times = TENFOLD.get(digits[-1:], 1)
    digits = digits.rstrip("万萬亿億") if times > 1 else digits
    if not SCIENTIFIC.fullmatch(digits):
        digits = _without_separators(digits, decimal_comma)
    return _canonical(sign, digits, times)


def _unsigned(folded: str) -> tuple[str, str]:
    """Minus in front, behind or as parentheses; currency signs on either side of it."""
    body = CURRENCY.sub("", folded.upper()).strip()
    if body.startswith("(") and body.endswith(")"):
        return "-", CURRENCY.sub("", body[1:-1].strip()).strip()
    for end in (body[:1], body[-1:]):
        if end and end in "+-":
            body = body.removeprefix(end) if body.startswith(end) else body.removesuffix(end)
            return end.replace("+", ""), CURRENCY.sub("", body.strip()).strip()
    return "", body


def _without_separators(digits: str, decimal_comma: bool) -> str:
    """Drop thousands separators and make the decimal sign a point; "" when it is no number."""
    digits = re.sub(r"(?<=\d)[ ' \u202f\u2019](?=\d{3}(\D|$))", "", digits)
    thousands, point = _separators(digits, decimal_comma)
    whole, _, fraction = digits.partition(point) if point else (digits, "", "")
    if thousands and thousands in whole:
        if not re.fullmatch(rf"\d{{1,3}}({re.escape(thousands)}\d{{3}})+", whole):
            return ""
        whole = whole.replace(thousands, "")
    return f"{whole}.{fraction}" if fraction else whole


def _separators(digits: str, decimal_comma: bool) -> tuple[str, str]:
    """Which sign groups thousands and which is the decimal sign."""
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        return (",", ".") if digits.rindex(".") > digits.rindex(",") else (".", ",")
    if points > 1 or (points and decimal_comma):
        return ".", ","
    grouped = re.fullmatch(r"\d{1,3}(,\d{3})+", digits) is not None
    if commas == 1 and (decimal_comma or not grouped):
        return ".", ","
    return ",", "."


def _canonical(sign: str, digits: str, times: int) -> str | Problem:
    if not re.fullmatch(r"\d*\.?\d*([eE][+-]?\d{1,2})?", digits, re.ASCII) or not re.search(
        r"\d", digits
    ):
        return Problem.BAD_NUMBER
    value = Decimal(digits) * times
    if value.adjusted() >= WHOLE_DIGITS:
        return Problem.NUMBER_TOO_LARGE
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return f"{sign}{plain}" if value else "0"
