"""The parts of a benchmark, each run in a process of its own on the database it is given."""

import logging
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from typing import Any

from django.core.management import call_command
from django.db import connection

from crm.models import Customer, Order
from followups.benchmark.book import Size, book, next_day, pieces
from followups.benchmark.floor import measure_floor
from followups.benchmark.load import add_orders, load, tidy
from followups.benchmark.pages import measure_pages
from followups.benchmark.stages import WEEKLY, Stage, Stopwatch, watched
from followups.benchmark.trade import add_trade
from followups.services import refresh
from tiering.services import run_night
from tiering.windows import day_number

log = logging.getLogger(__name__)
Figures = dict[str, Any]


def prepare(*, customers: int, orders: int, seed: int, as_of: str) -> Figures:
    """Tables, the book up to the day before, its night, and the orders of the day itself.

    Returns the floor under the night of the day and the stages of the weekly work.
    """
    day, size = date.fromisoformat(as_of), Size(customers, orders, seed)
    log.info("Generating %s customers and %s orders", customers, orders)
    call_command("migrate", verbosity=0, interactive=False)
    found = book(size, last_day=day_number(day) - 1)
    load(found, pieces(found), last_day=day_number(day) - 1)
    log.info("Computing the first night")
    first = timed_night(day - timedelta(days=1))
    add_orders([next_day(found, day=day_number(day))], prefix="N")
    add_trade(after=day - timedelta(days=1), until=day)
    tidy()
    log.info("Measuring the floor")
    weekly = {name: first["stages"][name] for name in WEEKLY if name in first["stages"]}
    return {"floor": measure_floor(as_of=day), "weekly": weekly}


def night(*, as_of: str) -> Figures:
    """Seconds, peak memory and stages of this day's night; weekly work counts as a stage only."""
    log.info("Computing the night that is timed")
    return timed_night(date.fromisoformat(as_of))


def timed_night(as_of: date) -> Figures:
    stopwatch = Stopwatch()
    began = time.perf_counter()
    with watched(stopwatch):
        run_night(as_of=as_of)
        refresh(today=as_of)
    seconds = time.perf_counter() - began
    weekly = sum(stopwatch.stages.get(name, Stage()).seconds for name in WEEKLY)
    return {
        "seconds": seconds - weekly,
        "peak_mib": stopwatch.peak_mib,
        "stages": {name: vars(stage) for name, stage in stopwatch.stages.items()},
    }


def pages(*, times: int) -> Figures:
    import_module("crm.wsgi")  # as the web server starts: what is loaded by now is no garbage
    log.info("Measuring pages of the database %s", connection.settings_dict["NAME"])
    found, notes = measure_pages(times=times)
    counts = {"customers": Customer.objects.count(), "orders": Order.objects.count()}
    return counts | {"pages": found, "notes": notes}


STEPS: dict[str, Callable[..., Figures]] = {"prepare": prepare, "night": night, "pages": pages}
