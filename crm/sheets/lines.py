"""Lines of text for csv.reader, which can be taken back when a quote was never closed."""

from __future__ import annotations

import csv
import io
from collections import deque
from typing import TextIO

from crm.sheets.problems import Problem

LONGEST_LINE = 131_072
BLOCK = 128 * 1024
MOST_LINES_IN_A_RECORD = 100


class TooLongLine(Exception):
    """No line of a table is that long; its start and number, the rest is skipped."""

    def __init__(self, line: int, start: str) -> None:
        super().__init__(line)
        self.line = line
        self.start = start


class Lines:
    """Iterator of lines that knows their numbers and remembers the record under way."""

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.number = 0
        self.first = 1
        self.problem: Problem | None = None
        self.record: list[str] = []
        self.waiting: deque[str] = deque()

    def take_block(self) -> list[str]:
        """Many lines at once, between records, when nothing waits."""
        block = self.text.read(BLOCK)
        return list(io.StringIO(block + self.text.readline(LONGEST_LINE + 1), newline=""))

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else self.text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        if len(line) > LONGEST_LINE or len(self.record) == MOST_LINES_IN_A_RECORD:
            self._refuse(line)
        self.number += 1
        self.record.append(line)
        if "\0" in line:
            self.problem = Problem.NUL_BYTE
        elif "\ufffd" in line:
            self.problem = Problem.UNDECODABLE
        return line

    def _refuse(self, line: str) -> None:
        """End the record under way before this line, or, if it stands alone, skip the line."""
        if self.record:
            self.waiting.appendleft(line)
            raise csv.Error("a quote is never closed")
        rest = line
        while rest and rest[-1] not in "\r\n":
            rest = self.text.readline(LONGEST_LINE)
        self.number += 1
        raise TooLongLine(self.number, line)

    def begin_record(self) -> None:
        self.first = self.number + 1
        self.problem = None
        self.record = []

    def give_back_all_but_first(self) -> tuple[int, str]:
        """Take the lines of the failed record back, so that only its first one is lost."""
        line, *others = self.record
        self.waiting.extendleft(reversed(others))
        self.number -= len(others)
        return self.first, line.rstrip("\r\n")

    @property
    def unfinished(self) -> bool:
        """The line read last has no line break behind it."""
        return bool(self.record) and self.record[-1][-1] not in "\r\n"
