"""What can be wrong with a file or with one of its lines, as codes; the words are put by the caller."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Problem(Enum):
    """Why one line cannot be taken; the other lines can."""

    # the line as such
    TOO_FEW_CELLS = "too_few_cells"
    TOO_MANY_CELLS = "too_many_cells"
    REPEATED_HEADER = "repeated_header"
    BROKEN_QUOTES = "broken_quotes"
    LINE_TOO_LONG = "line_too_long"
    NUL_BYTE = "nul_byte"
    UNDECODABLE = "undecodable"
    FILE_CUT = "file_cut"
    # a cell of it
    MISSING = "missing"
    TOO_LONG = "too_long"
    BAD_CODE = "bad_code"
    BAD_DATE = "bad_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    TWO_DIGIT_YEAR = "two_digit_year"
    BAD_NUMBER = "bad_number"
    NOT_FINITE = "not_finite"
    NUMBER_TOO_LARGE = "number_too_large"
    NOT_WHOLE = "not_whole"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_CHOICE = "not_a_choice"
    NOT_A_CURRENCY = "not_a_currency"
    BAD_EMAIL = "bad_email"
    # against the other lines and against what is known already
    DUPLICATE = "duplicate"
    DOCUMENT_DIFFERS = "document_differs"
    OTHER_LINE = "other_line"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_USER = "unknown_user"
    CANNOT_OWN = "cannot_own"
    NO_RATE = "no_rate"
    PLACE_INCOMPLETE = "place_incomplete"
    IN_FUTURE = "in_future"


class Refusal(Enum):
    """Why a file as a whole cannot be read."""

    EMPTY = "empty"
    NOT_A_TABLE = "not_a_table"
    OLD_EXCEL = "old_excel"
    DAMAGED = "damaged"
    ENCODING = "encoding"
    TOO_LARGE = "too_large"
    TOO_MANY_COLUMNS = "too_many_columns"
    LINE_TOO_LONG = "line_too_long"
    BROKEN_QUOTES = "broken_quotes"
    DUPLICATE_COLUMN = "duplicate_column"
    MISSING_COLUMNS = "missing_columns"
    UNKNOWN_COLUMNS = "unknown_columns"
    # workbooks
    TOO_MANY_PARTS = "too_many_parts"
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    FALSE_SIZES = "false_sizes"
    MACROS = "macros"
    ENTITIES = "entities"
    ENCRYPTED = "encrypted"
    # mapping files
    BAD_MAPPING = "bad_mapping"


class RowProblem(NamedTuple):
    """One reason against one line: the canonical column and the cell, where it lies in a cell."""

    code: Problem
    column: str = ""
    value: str = ""


class UnreadableFile(Exception):
    """The file cannot be read: a code, the line where that shows (0: the whole file), and details."""

    def __init__(self, code: Refusal, *, line: int = 0, **details: object) -> None:
        super().__init__(code.value, line, details)
        self.code = code
        self.line = line
        self.details = details
