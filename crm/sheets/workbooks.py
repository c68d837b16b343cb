"""XLSX files. What stands in the zip directory is judged before anything is unpacked.

A workbook of 1 MB can unpack to hundreds of MB, and one cell in the last corner
makes the parser reserve a grid of gigabytes. So: directory first, then the true
sizes, then parsing in a process of its own with a memory limit.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from crm.sheets.problems import Refusal, UnreadableFile

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
MOST_PARTS = 1_000
LONGEST_DIRECTORY = 512 * 1024
MOST_UNPACKED = 512 * 1024**2
FREE_OF_SUSPICION = 24 * 1024**2
MOST_TIMES_LARGER = 60  # a sheet of the same few words packs 1 : 30
PARSER_MEMORY = 1024**3
PARSER_SECONDS = 120
END_OF_DIRECTORY = b"PK\x05\x06"
STORED, DEFLATED = 0, 8
BLOCK = 64 * 1024


def unpack(path: Path, target: Path) -> None:
    """Write the first sheet as CSV, one record a row. Raises UnreadableFile."""
    check(path)
    _convert(path, target)


def check(path: Path) -> None:
    """Refuse a hostile or unusable workbook without unpacking it into memory."""
    with path.open("rb") as file:
        _check_end_of_directory(file)
        try:
            parts = ZipFile(file).infolist()
        except (BadZipFile, ValueError, struct.error, NotImplementedError):
            raise UnreadableFile(Refusal.DAMAGED) from None
        _check_directory(parts, size=path.stat().st_size)
        for part in parts:
            _check_content(file, part)


def _check_end_of_directory(file: BinaryIO) -> None:
    """The number of parts, before a list of them is made."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(END_OF_DIRECTORY)
    if at < 0 or len(tail) < at + 22:
        raise UnreadableFile(Refusal.DAMAGED)
    parts, length = struct.unpack_from("<HI", tail, at + 10)
    if parts > MOST_PARTS or length > LONGEST_DIRECTORY:
        raise UnreadableFile(Refusal.TOO_MANY_PARTS, most=MOST_PARTS)


def _check_directory(parts: list[ZipInfo], *, size: int) -> None:
    names = {part.filename.lower() for part in parts}
    if len(parts) > MOST_PARTS:
        raise UnreadableFile(Refusal.TOO_MANY_PARTS, most=MOST_PARTS)
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(Refusal.ENCRYPTED)
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(Refusal.NOT_A_TABLE)
    if any("vbaproject" in name or "/macrosheets/" in name for name in names):
        raise UnreadableFile(Refusal.MACROS)
    _check_sizes(sum(part.file_size for part in parts), size)


def _check_sizes(unpacked: int, size: int) -> None:
    suspicious = unpacked > FREE_OF_SUSPICION and unpacked > MOST_TIMES_LARGER * size
    if unpacked > MOST_UNPACKED or suspicious:
        megabytes = unpacked // 1024**2
        raise UnreadableFile(Refusal.UNPACKS_TOO_LARGE, megabytes=megabytes)


def _check_content(file: BinaryIO, part: ZipInfo) -> None:
    """The declared size is the true one, and no XML brings entities of its own."""
    tail, total = b"", 0
    for block in _unpacked(file, part):
        total += len(block)
        if total > part.file_size:
            raise UnreadableFile(Refusal.FALSE_SIZES, part=part.filename)
        if b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block:
            raise UnreadableFile(Refusal.ENTITIES, part=part.filename)
        tail = block[-16:]
    if total != part.file_size:
        raise UnreadableFile(Refusal.DAMAGED)


def _unpacked(file: BinaryIO, part: ZipInfo) -> Iterator[bytes]:
    packed = _packed(file, part)
    if part.compress_type == STORED:
        yield from packed
        return
    if part.compress_type != DEFLATED:
        raise UnreadableFile(Refusal.DAMAGED)
    inflate = zlib.decompressobj(-15)
    try:
        for block in packed:
            yield inflate.decompress(block, BLOCK * 16)
            while inflate.unconsumed_tail:
                yield inflate.decompress(inflate.unconsumed_tail, BLOCK * 16)
    except zlib.error:
        raise UnreadableFile(Refusal.DAMAGED) from None


def _packed(file: BinaryIO, part: ZipInfo) -> Iterator[bytes]:
    file.seek(part.header_offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(ZIP):
        raise UnreadableFile(Refusal.DAMAGED)
    file.seek(sum(struct.unpack_from("<HH", head, 26)), 1)
    left = part.compress_size
    while left and (block := file.read(min(BLOCK, left))):
        left -= len(block)
        yield block


def _convert(path: Path, target: Path) -> None:
    converter = Path(__file__).with_name("workbook_to_csv.py")
    command = [sys.executable, "-I", str(converter), str(path), str(target), str(PARSER_MEMORY)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PARSER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableFile(
            Refusal.UNPACKS_TOO_LARGE, megabytes=PARSER_MEMORY // 1024**2
        ) from None
    if done.returncode < 0 or done.returncode > 2:
        raise UnreadableFile(Refusal.UNPACKS_TOO_LARGE, megabytes=PARSER_MEMORY // 1024**2)
    if done.returncode:
        raise UnreadableFile(Refusal.DAMAGED)
