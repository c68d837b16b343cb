"""The bytes and the text of a file, unzipped where it is zipped."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from crm.sheets.problems import Refusal, UnreadableFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_BYTES = 2 * 1024**3
BLOCK = 1024 * 1024


class Unzipped(io.RawIOBase):
    """The bytes of a file, unzipped when it is zipped, up to a limit; `cut` when it ends too early."""

    def __init__(self, file: BufferedReader) -> None:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self.source: gzip.GzipFile | BufferedReader = (
            gzip.GzipFile(fileobj=file) if zipped else file
        )
        self.total = 0
        self.cut = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            # Not `read`: it would throw away what came before the end that is missing.
            data = self.source.read1(len(view))
        except EOFError:
            self.cut, data = True, b""
        except (gzip.BadGzipFile, zlib.error):
            raise UnreadableFile(Refusal.DAMAGED) from None
        self.total += len(data)
        if self.total > MOST_BYTES:
            raise UnreadableFile(Refusal.TOO_LARGE, most=MOST_BYTES)
        view[: len(data)] = data
        return len(data)


@contextmanager
def open_bytes(path: Path) -> Iterator[Unzipped]:
    with path.open("rb") as file:
        yield Unzipped(file)


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[tuple[TextIO, Unzipped]]:
    with open_bytes(path) as source:
        buffered = BufferedReader(source, BLOCK)
        yield io.TextIOWrapper(buffered, encoding, errors="replace", newline=""), source
