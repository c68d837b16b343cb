"""How right each signal would have been on this company's own past, from the documents of the
database; nothing is saved."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Max
from django.utils.translation import gettext as _

from crm.exports import safe_text
from crm.models import Customer, Order
from tiering.bulk import copy_out
from tiering.churn.backtest import POOLS, SIGNALS, Origin, backtest, origins_of
from tiering.churn.risk import ALERT_HORIZON
from tiering.churn.slices import Acted, Book, sampled, window_of_slices
from tiering.facts import DOCUMENT_TYPES, DOCUMENTS, holidays_kept
from tiering.ledger import NO_COST, Documents
from tiering.windows import EPOCH, YEAR, day_number

ACTED = """
SELECT customer_id, (silent_since - date '1970-01-01')::bigint,
    (opened_on - date '1970-01-01')::bigint
FROM tiering_churnalert
WHERE opened_on <= %(as_of)s AND outcome <> 'withdrawn'
  AND (acted AND judged_on < %(as_of)s OR acknowledged_on <= %(as_of)s
       OR closed_by_id IS NOT NULL AND closed_on <= %(as_of)s)
ORDER BY id
"""
SCORES = ("as_of", "customer", "pool", "signal", "score", "label")
LONGEST_HORIZON, MOST_ORIGINS = YEAR, 40


class BacktestRefused(Exception):
    """This cannot be measured; the message is for the user."""


@dataclass(frozen=True)
class Measured:
    """One origin of a backtest, with its day as a date."""

    as_of: date
    origin: Origin

    def pools(self) -> dict[str, dict[str, dict[str, float | int | None]]]:
        """pool -> signal -> figure, see `Origin.figures`."""
        return {
            pool: {signal: self.origin.figures(pool, signal) for signal in SIGNALS}
            for pool in POOLS
        }


def backtest_book(
    *, as_of: date, today: date, horizon: int = ALERT_HORIZON, origins: int = 3
) -> list[Measured]:
    """Judge every signal on so many origins, 90 days apart, the last a horizon before `as_of`.

    Documents after `as_of` are not looked at. Raises BacktestRefused.
    """
    days = _checked(as_of, today, horizon, origins)
    # As far back as the value of the first slice that trains the first origin looks.
    window = (as_of - days[0]).days + window_of_slices(horizon)
    documents = read_documents(as_of=as_of, window=window)
    asked: dict[str, Any] = {"horizon": horizon, "holidays": holidays_kept()}
    book = Book(documents, **asked)
    sample = sampled(documents)
    training = book if len(sample.day) == len(documents.day) else Book(sample, **asked)
    found = backtest(book, training, as_of=day_number(as_of), count=origins)
    return [Measured(day, origin) for day, origin in zip(days, found, strict=True)]


def read_documents(
    *, as_of: date, window: int, customers: Sequence[int] | None = None
) -> Documents:
    """What counts up to a day, of all customers or some; returns only of the last `window` days."""
    params = {"as_of": as_of, "longest": window, "no_cost": int(NO_COST)}
    only = ""
    if customers is not None:
        only, params["customers"] = " AND customer_id = ANY (%(customers)s)", list(customers)
    columns = copy_out(DOCUMENTS + only, params, DOCUMENT_TYPES)
    return Documents(*(columns[name].astype("i8") for name in Documents._fields))


def read_book(*, as_of: date, customers: Sequence[int] | None, back: int = 0) -> Book:
    """The book of alerts up to a day, of all customers or some, for slices up to so many days
    back. Silences on which somebody acted are known to it."""
    documents = read_documents(
        as_of=as_of, window=window_of_slices(ALERT_HORIZON, back=back), customers=customers
    )
    acted = Acted(**copy_out(ACTED, {"as_of": as_of}, dict.fromkeys(Acted._fields, "i8")))
    return Book(documents, horizon=ALERT_HORIZON, holidays=holidays_kept(), acted=acted)


def write_scores(path: Path, measured: Sequence[Measured]) -> int:
    """One row per origin, pool, signal and customer of the pool, for whoever recomputes the
    figures; an empty score does not exist. Returns the number of rows."""
    unfinished = path.with_name(f"{path.name}.part")
    codes = dict(Customer.objects.values_list("pk", "code"))
    rows = 0
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(SCORES)
        for row in _rows(measured, codes):
            sheet.writerow(row)
            rows += 1
    os.replace(unfinished, path)
    return rows


def _rows(measured: Sequence[Measured], codes: dict[int, str]) -> Iterator[tuple[object, ...]]:
    for each in measured:
        scores, labels = each.origin.scores, each.origin.labels.astype(int)
        names = [safe_text(codes[customer]) for customer in scores.index]
        for pool in POOLS:
            inside = np.flatnonzero(each.origin.pool(pool))
            for signal in SIGNALS:
                for place, score in zip(inside, scores[signal].iloc[inside], strict=True):
                    cell = "" if np.isnan(score) else score
                    yield each.as_of, names[place], pool, signal, cell, labels[place]


def _checked(as_of: date, today: date, horizon: int, origins: int) -> list[date]:
    """The days of the origins, oldest first."""
    if not 1 <= horizon <= LONGEST_HORIZON:
        message = _("The horizon must be from 1 to %(days)s days.")
        raise BacktestRefused(message % {"days": LONGEST_HORIZON})
    if not 1 <= origins <= MOST_ORIGINS:
        raise BacktestRefused(_("Choose from 1 to %(count)s origins.") % {"count": MOST_ORIGINS})
    if as_of > today:
        message = _("Nothing is known of %(day)s: it is later than today.")
        raise BacktestRefused(message % {"day": as_of})
    numbers = origins_of(day_number(as_of), horizon=horizon, count=origins)
    days = [EPOCH + timedelta(days=number) for number in numbers]
    latest = Order.objects.counted().until(as_of).aggregate(latest=Max("ordered_on"))["latest"]
    if latest is None:
        raise BacktestRefused(_("There are no orders to measure anything by."))
    if latest <= days[-1]:
        message = _(
            "Nothing is known of the days after %(day)s: the latest order is of %(latest)s."
        )
        raise BacktestRefused(message % {"day": days[-1], "latest": latest})
    return days
