"""A benchmark from beginning to end: its database, its processes, its figures."""

import json
import os
import subprocess
import sys
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from followups.benchmark.book import Size
from followups.benchmark.database import BenchmarkError, own_database

Figures = dict[str, Any]


def measure_night(size: Size, *, as_of: date, page_times: int) -> Figures:
    """The second night of a generated book beside its floor, as `design.md` names the figures.

    Each page is asked `page_times` times; 0: no pages. Raises BenchmarkError. The database is dropped at the end, whatever happens.
    """
    with own_database() as database:
        day = as_of.isoformat()
        prepared = in_process(database, "prepare", **vars(size), as_of=day)
        night = in_process(database, "night", as_of=day)
        pages = in_process(database, "pages", times=page_times) if page_times else {}
    figures = night_figures(size, prepared, night)
    return figures | {name: pages[name] for name in ("pages", "notes") if name in pages}


def measure_pages_here(*, times: int) -> Figures:
    """The pages of the configured database; nothing in it is changed. Raises BenchmarkError."""
    return in_process(connection.settings_dict["NAME"], "pages", times=times)


def night_figures(size: Size, prepared: Figures, night: Figures) -> Figures:
    floor = prepared["floor"]
    stages = night["stages"] | prepared["weekly"]
    return {
        "customers": size.customers,
        "orders": size.orders,
        "seed": size.seed,
        "floor_seconds": round(floor["total"], 3),
        "nightly_seconds": round(night["seconds"], 3),
        "ratio": round(night["seconds"] / floor["total"], 2),
        "peak_mib": round(night["peak_mib"], 1),
        "stages": {name: rounded(stage) for name, stage in stages.items()},
        "floor": {name: round(floor[name], 3) for name in ("copy_out", "group", "copy_back")},
    }


def rounded(stage: dict[str, float]) -> dict[str, float]:
    return {"seconds": round(stage["seconds"], 3), "peak_mib": round(stage["peak_mib"], 1)}


def in_process(database: str, step: str, **arguments: object) -> Figures:
    """What a step found, run in a new process: its memory is then its own."""
    command = [sys.executable, "-m", "followups.benchmark.child", database, step]
    with subprocess.Popen(
        [*command, json.dumps(arguments)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            output, _nothing = process.communicate()
        except BaseException:  # Ctrl-C too: nobody may work in a database that is dropped
            process.kill()
            raise
    if process.returncode:
        message = _("The step %(step)s of the benchmark failed; its last words stand above.")
        raise BenchmarkError(message % {"step": step})
    found = json.loads(output.splitlines()[-1])
    if "error" in found:
        raise BenchmarkError(found["error"])
    return found
