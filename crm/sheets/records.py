"""Records of a CSV text, whatever is wrong with some of them.

Most blocks of a file hold one record in each line, and those csv.reader takes at full speed.
Where a quote, a NUL or a very long line makes a block suspect, it goes line by line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from crm.sheets.lines import LONGEST_LINE, Lines, TooLongLine
from crm.sheets.problems import Problem


class Record(NamedTuple):
    """A record: its first line, its cells, what is wrong with it, and is its line break missing."""

    line: int
    cells: list[str]
    problem: Problem | None
    unfinished: bool


def records(text: TextIO, delimiter: str) -> Iterator[Record]:
    """All records in order, blank lines included (no cells)."""
    lines = Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        if not lines.waiting:
            block = lines.take_block()
            if not block:
                return
            first = lines.number + 1
            simple = _simple(block, delimiter)
            lines.number += len(simple)
            lines.waiting.extend(block[len(simple) :])
            for line, cells in enumerate(simple, first):
                yield Record(line, cells, None, False)
        else:
            yield _careful(reader, lines, delimiter)


def _simple(block: list[str], delimiter: str) -> list[list[str]]:
    """The records at the beginning of a block as far as each fills one harmless line."""
    whole = "".join(block)
    if "\0" in whole or "\ufffd" in whole or len(max(block, key=len)) > LONGEST_LINE:
        return []
    ended = block if block[-1][-1] in "\r\n" else block[:-1]
    if '"' not in whole:
        return list(csv.reader(ended, delimiter=delimiter))
    found: list[list[str]] = []
    reader = csv.reader(ended, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if reader.line_num != len(found) + 1:
                break
            found.append(cells)
    except csv.Error:
        pass
    return found


def _careful(reader: Iterator[list[str]], lines: Lines, delimiter: str) -> Record:
    """One record, line by line. If its quotes are broken, it costs only its first line."""
    lines.begin_record()
    try:
        cells = next(reader)
    except TooLongLine as error:
        return Record(error.line, [error.start[:200]], Problem.LINE_TOO_LONG, False)
    except csv.Error:
        line, text = lines.give_back_all_but_first()
        return Record(line, text.split(delimiter), Problem.BROKEN_QUOTES, lines.unfinished)
    return Record(lines.first, cells, lines.problem, lines.unfinished)
