"""Which encoding a file is in. Chinese sheets come as UTF-8, UTF-16, GB18030 or Big5, and seldom say which."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from functools import cache
from itertools import chain

from crm.sheets.problems import Refusal, UnreadableFile

EVIDENCE = 64 * 1024
SURE_ENOUGH = 0.6
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"<html", b"<!doctype html", b"<?xml")
ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
TYPOGRAPHIC = bytes([0x80, 0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA0])  # €…‘’“”–— in cp1252
HIGH = re.compile(rb"[\x80-\xff]")
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1f]")


def detect(blocks: Iterable[bytes]) -> tuple[str, int]:
    """Name the codec of a file given as blocks of bytes, and count its line breaks.

    UTF-8 when all of it is; otherwise the encoding under which the bytes
    outside ASCII make the most ordinary text. Raises UnreadableFile with the
    first line that is not UTF-8 when none fits.
    """
    blocks = iter(blocks)
    first = next(blocks, b"")
    _refuse_what_is_no_table(first)
    marked = _by_mark(first) or _by_zeros(first)
    evidence = _Evidence()
    for block in chain([first], blocks):
        evidence.look_at(block)
    return marked or evidence.verdict(), evidence.line - 1


def _refuse_what_is_no_table(first: bytes) -> None:
    if not first.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(Refusal.EMPTY)
    start = first[:4096]
    few = max(8, len(start) // 20)
    if start.lower().lstrip().startswith(tuple(mark.lower() for mark in NO_TABLES)):
        raise UnreadableFile(Refusal.NOT_A_TABLE)
    if not _by_mark(first) and not _by_zeros(first) and len(CONTROL.findall(start)) > few:
        raise UnreadableFile(Refusal.NOT_A_TABLE)


def _by_mark(first: bytes) -> str:
    return next((name for mark, name in BYTE_ORDER_MARKS.items() if first.startswith(mark)), "")


def _by_zeros(first: bytes) -> str:
    """UTF-16 without a mark: Latin letters and separators leave a zero in every other byte."""
    start = first[:4096]
    half = max(len(start) // 2, 1)
    even, odd = start[::2].count(0) / half, start[1::2].count(0) / half
    if odd > 0.2 and even < 0.02:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 and odd < 0.02 else ""


class _Evidence:
    """Is it all UTF-8 so far, where is it not, and the first lines that leave ASCII."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.bad_line = 0
        self.line = 1
        self.sample = bytearray()

    def look_at(self, block: bytes) -> None:
        if not self.bad_line:
            self._decode(block)
        self.line += block.count(b"\n")
        if not block.isascii() and len(self.sample) < EVIDENCE:
            lines = (line for line in block.split(b"\n") if not line.isascii())
            self.sample += b"\n".join(lines)[:EVIDENCE]

    def _decode(self, block: bytes) -> None:
        try:
            self.decoder.decode(block)
        except UnicodeDecodeError as error:
            self.bad_line = self.line + error.object[: error.start].count(b"\n")

    def verdict(self) -> str:
        if not self.bad_line:
            return "utf-8"
        score, name = max(_scores(bytes(self.sample)))
        if score < SURE_ENOUGH:
            raise UnreadableFile(Refusal.ENCODING, line=self.bad_line)
        return name


def _scores(sample: bytes) -> list[tuple[float, str]]:
    """How ordinary the text outside ASCII looks under each encoding, 0 to 1."""
    # What is all good UTF-8 but for a few bytes is UTF-8, and a Western letter between
    # ASCII ones may pass for Chinese under Big5: both win a draw.
    return [
        (_share(sample.decode("utf-8", "replace"), None) + 0.1, "utf-8"),
        (_share(sample.decode("gb18030", "replace"), _common("gb2312", 0xD7)), "gb18030"),
        (_share(sample.decode("big5hkscs", "replace"), _common("big5", 0xC6)), "big5hkscs"),
        (_western(sample) + 0.05, "cp1252"),
    ]


def _western(sample: bytes) -> float:
    """Share of quotes, dashes and of letters that stand between ASCII characters."""
    high = len(HIGH.findall(sample))
    letters = sample.translate(None, TYPOGRAPHIC)
    return (len(sample) - len(letters) + len(ALONE.findall(letters))) / max(high, 1)


def _share(text: str, common: frozenset[str] | None) -> float:
    foreign = [character for character in text if not character.isascii()]
    if common is None:
        hits = sum(character != "\ufffd" for character in foreign)
    else:
        hits = sum(character in common for character in foreign)
    return hits / max(len(foreign), 1)


@cache
def _common(codec: str, last_lead: int) -> frozenset[str]:
    """The frequent characters: the first level of the standard and its punctuation."""
    pairs = (
        bytes([lead, trail]) for lead in range(0xA1, last_lead + 1) for trail in range(0x40, 0xFF)
    )
    return frozenset(pair.decode(codec, "ignore") for pair in pairs) - {""}
