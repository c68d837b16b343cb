"""Codes of what is wrong to sentences, in the language in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from crm.models import ImportBatch
from crm.sheets.problems import Problem, Refusal, UnreadableFile
from crm.sheets.words import codes_of

_ = gettext_lazy

REASONS: dict[Problem, Promise] = {
    Problem.TOO_FEW_CELLS: _("The line has fewer cells than the header."),
    Problem.TOO_MANY_CELLS: _("The line has more cells than the header."),
    Problem.REPEATED_HEADER: _("The line repeats the header."),
    Problem.BROKEN_QUOTES: _("A quotation mark is opened and not closed, or closed too early."),
    Problem.LINE_TOO_LONG: _("The line is too long to be a line of a table."),
    Problem.NUL_BYTE: _("The line contains NUL bytes."),
    Problem.UNDECODABLE: _("The line contains characters that are damaged in this encoding."),
    Problem.FILE_CUT: _("The file ends here in the middle: it was cut off."),
    Problem.MISSING: _("%(column)s is empty."),
    Problem.TOO_LONG: _("%(column)s is too long: “%(cell)s”."),
    Problem.BAD_CODE: _("%(column)s: “%(cell)s” cannot be a code; slashes are not allowed."),
    Problem.BAD_DATE: _("%(column)s: “%(cell)s” is not a date."),
    Problem.AMBIGUOUS_DATE: _(
        "%(column)s: “%(cell)s” may be day/month or month/day and nothing in the file decides it;"
        " choose the order of day and month."
    ),
    Problem.DATE_OUT_OF_RANGE: _(
        "%(column)s: the year of “%(cell)s” is not between 1900 and 2199."
    ),
    Problem.TWO_DIGIT_YEAR: _("%(column)s: “%(cell)s” needs a year of four digits."),
    Problem.BAD_NUMBER: _("%(column)s: “%(cell)s” is not a number."),
    Problem.NOT_FINITE: _("%(column)s: “%(cell)s” is not a finite number."),
    Problem.NUMBER_TOO_LARGE: _("%(column)s: “%(cell)s” is too large."),
    Problem.NOT_WHOLE: _("%(column)s: “%(cell)s” is not a whole number."),
    Problem.OUT_OF_RANGE: _("%(column)s: “%(cell)s” is out of range."),
    Problem.NOT_A_CHOICE: _(
        "%(column)s: “%(cell)s” is not one of the words known here: %(known)s."
    ),
    Problem.NOT_A_CURRENCY: _("%(column)s: “%(cell)s” is not a currency code of three letters."),
    Problem.BAD_EMAIL: _("%(column)s: “%(cell)s” is not an e-mail address."),
    Problem.DUPLICATE: _(
        "%(column)s “%(cell)s” stands in line %(other)s already; that line counts."
    ),
    Problem.DOCUMENT_DIFFERS: _(
        "%(column)s “%(cell)s” is not the one of line %(other)s, the first line of the same order."
    ),
    Problem.OTHER_LINE: _(
        "Line %(other)s of the same order is rejected; an order is imported whole or not at all."
    ),
    Problem.UNKNOWN_CUSTOMER: _("There is no customer “%(cell)s”."),
    Problem.UNKNOWN_ORDER: _("There is no order “%(cell)s”."),
    Problem.UNKNOWN_USER: _("There is no user “%(cell)s”."),
    Problem.CANNOT_OWN: _("The user “%(cell)s” cannot own customers."),
    Problem.NO_RATE: _("There is no exchange rate for %(cell)s."),
    Problem.PLACE_INCOMPLETE: _("Latitude and longitude are given only together."),
    Problem.IN_FUTURE: _("%(column)s: “%(cell)s” lies in the future."),
}

REFUSALS: dict[Refusal, Promise] = {
    Refusal.EMPTY: _("The file is empty."),
    Refusal.NOT_A_TABLE: _("This is not a table. CSV, CSV.gz and XLSX can be read."),
    Refusal.OLD_EXCEL: _(
        "This is an old Excel file or one with a password. Save it as XLSX without a password."
    ),
    Refusal.DAMAGED: _("The file is damaged or cut off. Export or upload it again."),
    Refusal.ENCODING: _(
        "The characters cannot be read; the file is neither UTF-8, UTF-16, GB18030, Big5 nor"
        " Windows-1252. Save it as UTF-8."
    ),
    Refusal.TOO_LARGE: _("The file is too large."),
    Refusal.TOO_MANY_COLUMNS: _(
        "The header has more than %(most)s columns. Leave out those that are not needed."
    ),
    Refusal.LINE_TOO_LONG: _("The header is longer than %(most)s characters."),
    Refusal.BROKEN_QUOTES: _("The quotation marks in the header do not match."),
    Refusal.DUPLICATE_COLUMN: _(
        "The header has more than one column with this name: %(columns)s. Rename one of them."
    ),
    Refusal.MISSING_COLUMNS: _("These columns are needed and missing: %(columns)s."),
    Refusal.UNKNOWN_COLUMNS: _("The file has no columns with these names: %(columns)s."),
    Refusal.TOO_MANY_PARTS: _(
        "The workbook consists of too many parts and was not opened. Save its sheet as CSV."
    ),
    Refusal.UNPACKS_TOO_LARGE: _(
        "The workbook would unpack to far too much (%(megabytes)s MB) and was not opened. Save its"
        " sheet as CSV."
    ),
    Refusal.FALSE_SIZES: _(
        "The workbook states sizes that are not true and was not opened. Save it anew."
    ),
    Refusal.MACROS: _("The workbook contains macros. Save it as XLSX without macros."),
    Refusal.ENTITIES: _(
        "The workbook defines entities of its own and was not opened. Save its sheet as CSV."
    ),
    Refusal.ENCRYPTED: _("The workbook has a password. Save it without one."),
    Refusal.BAD_MAPPING: _("The mapping is wrong (%(reason)s): %(name)s."),
}

FAILURES: dict[str, Promise] = {
    "interrupted": _("The work was interrupted. Nothing was changed; you can start it again."),
    "unexpected": _(
        "Something unexpected went wrong. Nothing was changed; you can start it again, and the"
        " log of the server says more."
    ),
}

COLUMN_LABELS: dict[str, Promise] = {
    "code": _("Customer code"),
    "name": _("Name"),
    "owner": _("Owner (username)"),
    "industry": _("Industry"),
    "region": _("Region"),
    "city": _("City"),
    "district": _("District"),
    "address": _("Address"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "kind": _("Kind of business"),
    "tax_id": _("Tax number"),
    "since": _("Customer since"),
    "alias": _("Other name"),
    "buyer_type": _("Buyer type"),
    "credit_days": _("Credit days"),
    "yearly_need": _("Yearly need"),
    "number": _("Order number"),
    "customer": _("Customer code"),
    "ordered_on": _("Order date"),
    "amount": _("Amount"),
    "cost": _("Cost"),
    "currency": _("Currency"),
    "status": _("Status"),
    "due_on": _("Payment due"),
    "customer_name": _("Name of a new customer"),
    "customer_region": _("Region of a new customer"),
    "sku": _("Article number"),
    "product": _("Article name"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "unit_cost": _("Unit cost"),
    "list_price": _("List price"),
    "by": _("Visited by (username)"),
    "happened_at": _("When"),
    "channel": _("Channel"),
    "summary": _("Note"),
    "minutes": _("Minutes"),
    "outcome": _("Outcome"),
    "next_on": _("Next on"),
    "satisfaction": _("Satisfaction (1 to 5)"),
    "contact": _("Contact"),
    "competitor": _("Competitor"),
    "key": _("Key of the visit"),
    "order": _("Order number"),
    "paid_on": _("Paid on"),
}


def reason(
    code: str, field: str, cell: str | None, other: int | None, names: Mapping[str, str]
) -> str:
    """Why a line was rejected. `names`: canonical column -> its name in the file."""
    column = names.get(field) or column_label(field)
    sentence = str(REASONS[Problem(code)])
    known = ", ".join(codes_of(field))
    return sentence % {"column": column, "cell": cell or "", "other": other or "", "known": known}


def findings(batch: ImportBatch) -> dict[str, list[dict[str, object]]]:
    """The reasons of a batch with their counts, and its first rejected lines, worded."""
    names = batch.mapping.get("columns", {})

    def worded(found: dict[str, Any]) -> dict[str, object]:
        parts = (found["code"], found["field"] or "", found["cell"], found["other"])
        return {**found, "sentence": reason(*parts, names)}

    return {
        "reasons": [worded(found) for found in batch.reasons],
        "examples": [worded(found) for found in batch.examples],
    }


def dated_ahead(count: int) -> str:
    """What becomes of orders that are dated after the day of the import."""
    sentence = ngettext(
        "%(count)s order is dated after the day of the import: it is kept and counts from its day on.",
        "%(count)s orders are dated after the day of the import: they are kept and count from their"
        " day on.",
        count,
    )
    return sentence % {"count": number_format(count)}


def failure(error: Mapping[str, Any]) -> str:
    """Why a piece of work on a file came to nothing."""
    if error["code"] in FAILURES:
        return str(FAILURES[error["code"]])
    if error["code"] == "refused":
        return str(error["sentence"])
    return refusal(error["code"], error["line"], error["details"])


def column_label(name: str) -> str:
    return str(COLUMN_LABELS.get(name, name))


def refusal(code: str, line: int, details: Mapping[str, object]) -> str:
    """Why a file cannot be read, with the line where it shows."""
    shown = {key: _listed(value) for key, value in details.items()}
    if code == Refusal.MISSING_COLUMNS.value:
        shown["columns"] = ", ".join(f"{column_label(n)} ({n})" for n in _names(details))
    sentence = str(REFUSALS[Refusal(code)]) % shown
    if line < 1:
        return sentence
    return gettext("Line %(line)s: %(sentence)s") % {"line": line, "sentence": sentence}


def refusal_of(error: UnreadableFile) -> str:
    return refusal(error.code.value, error.line, error.details)


def _names(details: Mapping[str, object]) -> Iterable[str]:
    found = details.get("columns", [])
    return [str(name) for name in found] if isinstance(found, list) else []


def _listed(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
