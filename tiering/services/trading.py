"""Lines and payments looked through for signals: all once a week, in between what is new.

What they say of a customer changes with an order or a payment of theirs, and slowly with
time, so every night reads those of customers with new ones only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from django.db import connection

from tiering.bulk import copy_out
from tiering.facts import Shard
from tiering.models import NightRun
from tiering.signals.payments import payment_figures
from tiering.signals.trade import trade_figures
from tiering.trade_records import Trade, trade_of, trade_of_some
from tiering.windows import day_number

WEEK = timedelta(days=7)
# So many lines and payments are held in memory at once, about.
ROWS_AT_ONCE = 5_000_000
# Of more customers than one in so many it is quicker to read the whole book.
MANY = 10
LATEST = """
SELECT (SELECT coalesce(max(id), 0) FROM crm_orderline),
    (SELECT coalesce(max(id), 0) FROM crm_payment)
"""
# Lines of an order that an import changes are written anew.
NEWS = """
SELECT o.customer_id FROM crm_orderline l JOIN crm_order o ON o.id = l.order_id
WHERE l.id > %(line)s
UNION SELECT o.customer_id FROM crm_payment p JOIN crm_order o ON o.id = p.order_id
WHERE p.id > %(payment)s
"""
ROWS = """
SELECT sum(greatest(reltuples, 0))::bigint FROM pg_class
WHERE oid IN ('crm_orderline'::regclass, 'crm_payment'::regclass)
"""


@dataclass(frozen=True)
class Look:
    """What lines and payments say of the customers that were looked at.

    figures   columns of `trade_figures` and `payment_figures`, index `customer`
    is_whole  whether nobody was left out
    seen      how far was read, for the next look
    """

    figures: pd.DataFrame
    is_whole: bool
    seen: dict[str, Any]


def look_through(
    figures: pd.DataFrame, run: NightRun, *, grades: Mapping[str, list[str]], again: bool
) -> Look:
    """Look at the whole book, or at the customers with lines and payments that are new.

    The whole book is looked at once a week, when a signal is switched, and when a night is
    computed again. `grades`: by signal whose customers show it.
    """
    before, latest = _seen_before(run), _latest()
    seen = latest | {"grades": dict(grades), "on": before.get("on", "")}
    if not again and before.get("grades") == seen["grades"] and _is_fresh(before, run.as_of):
        some = sorted(set(_news(before)) & set(figures.index))
        if len(some) * MANY <= len(figures):
            return Look(look_at_some(figures, some, as_of=run.as_of), False, seen)
    found = look_at_all(figures, as_of=run.as_of)
    return Look(found, True, seen | {"on": run.as_of.isoformat()})


def look_at_all(figures: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    return pd.concat([trade_said(part, figures, as_of=as_of) for part in _parts(as_of)])


def look_at_some(figures: pd.DataFrame, customers: list[int], *, as_of: date) -> pd.DataFrame:
    found = trade_said(trade_of_some(customers, as_of=as_of), figures, as_of=as_of)
    return found.reindex(pd.Index(customers, dtype="i8", name="customer"))


def trade_said(trade: Trade, figures: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """What lines and payments say of the customers who bought in a year; index `customer`."""
    bought = trade_figures(trade.lines, last_orders(figures), trade.categories)
    return with_payments(bought, trade, as_of=as_of)


def last_orders(figures: pd.DataFrame) -> pd.Series:
    """Of those who bought in a year; NaN for the others."""
    return figures["last_order_day"].where(figures["order_days_365"] > 0)


def with_payments(bought: pd.DataFrame, trade: Trade, *, as_of: date) -> pd.DataFrame:
    paid = payment_figures(trade.owed, trade.settled, as_of=day_number(as_of))
    return bought.join(paid, how="outer")


def _parts(as_of: date) -> Iterator[Trade]:
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        rows = cursor.fetchone()[0]
    of = 1 + rows // ROWS_AT_ONCE
    for number in range(of):
        yield trade_of(Shard(number, of), as_of=as_of)


def _seen_before(run: NightRun) -> dict[str, Any]:
    nights = NightRun.objects.finished().filter(as_of__lte=run.as_of).order_by("-as_of")
    return nights.values_list("signals_seen", flat=True).first() or {}


def _is_fresh(seen: dict[str, Any], as_of: date) -> bool:
    return as_of - date.fromisoformat(seen["on"]) < WEEK


def _latest() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(LATEST)
        return dict(zip(("line", "payment"), cursor.fetchone(), strict=True))


def _news(seen: dict[str, Any]) -> list[int]:
    return list(copy_out(NEWS, seen, {"customer": "i8"})["customer"].tolist())
