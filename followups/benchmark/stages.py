"""Seconds and peak memory of each stage of the night, measured from outside."""

import importlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import reduce, wraps
from pathlib import Path
from types import ModuleType
from typing import Any

# Which functions make up which stage of the night: the one place that knows their names.
STAGES = {
    "tiering.services.shards:facts_of_night": "facts",
    "tiering.services.fitting:fit_of_the_week": "refit",
    "tiering.services.quality:measure": "measured",
    "tiering.services.trading:look_at_all": "measured",
    "tiering.services.signal_quality:quality_of_the_week": "measured",
    "tiering.services.figures:figures_of_night": "figures",
    "tiering.services.criteria:of_night": "criteria",
    "tiering.services.figures:graded": "grades",
    "tiering.services.calmness:follow": "calm",
    "tiering.services.standings:night_table": "copy_back",
    "tiering.services.standings:record_changes": "changes",
    "tiering.services.standings:write_standings": "standings",
    "tiering.services.standings:refresh_statistics": "statistics",
    "tiering.services.alerts:review_alerts": "alerts",
    "tiering.services.lost:review_lost": "lost",
    "tiering.services.lost:measure_returns": "measured",
    "tiering.services.history:keep_snapshots": "snapshots",
    "tiering.services.history:prune_snapshots": "snapshots",
    "tiering.services.history:summarise": "summary",
    "tiering.services.retention:measure": "retention",
    "tiering.services.signals:keep_signals": "signals",
    "tiering.services.judging:judge_alerts": "alerts",
    "followups.services.refresh:refresh": "followups",
    # Foreign keys are checked there, row by row.
    "django.db.backends.base.base:BaseDatabaseWrapper.commit": "commit",
}
REST = "rest"
# Once a week: the models, and how right they and the signals were.
WEEKLY = ("refit", "measured")
APPS = ("crm.", "tiering.", "followups.")
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass
class Stage:
    seconds: float = 0.0
    peak_mib: float = 0.0


class Stopwatch:
    """Books every moment on the innermost stage that is running; on `rest` when none is."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        self.running: list[str] = []
        self.since = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.book()
        self.running.append(name)
        try:
            yield
        finally:
            self.book()
            self.running.pop()

    def book(self) -> None:
        """What has passed since the last time belongs to the stage that is running now."""
        now, peak = time.perf_counter(), take_peak_mib()
        if self.running:
            stage = self.stages.setdefault(self.running[-1], Stage())
            stage.seconds += now - self.since
            stage.peak_mib = max(stage.peak_mib, peak)
        self.since = time.perf_counter()

    @property
    def peak_mib(self) -> float:
        return max((each.peak_mib for each in self.stages.values()), default=0.0)


def take_peak_mib() -> float:
    """Peak resident memory of this process since it was last asked for, in MiB.

    Where the kernel does not let a process begin anew, since the start of the process.
    """
    line = next(each for each in STATUS.read_text().splitlines() if each.startswith("VmHWM"))
    with suppress(OSError):
        RESET.write_text("5")
    return int(line.split()[1]) / 1024


@contextmanager
def watched(stopwatch: Stopwatch) -> Iterator[None]:
    """Every function of STAGES is timed while this lasts, wherever it was imported."""
    with ExitStack() as undo, stopwatch.stage(REST):
        for name, stage in STAGES.items():
            function = find(name)
            timed = with_stage(function, stopwatch, stage)
            for holder in (home(name), *modules()):
                replace(holder, function, timed, undo)
        yield


def find(name: str) -> Callable[..., Any]:
    """The function `module:name` or `module:Class.name`; an AttributeError or ImportError where
    there is none."""
    return getattr(home(name), name.replace(":", ".").rpartition(".")[2])


def home(name: str) -> ModuleType | type:
    module, _, path = name.partition(":")
    *classes, _function = path.split(".")
    return reduce(getattr, classes, importlib.import_module(module))


def modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.startswith(APPS)]


def replace(holder: ModuleType | type, old: Any, new: Any, undo: ExitStack) -> None:
    for name in [name for name, value in vars(holder).items() if value is old]:
        setattr(holder, name, new)
        undo.callback(setattr, holder, name, old)


def with_stage(function: Callable[..., Any], watch: Stopwatch, stage: str) -> Callable[..., Any]:
    @wraps(function)
    def timed(*args: Any, **options: Any) -> Any:
        with watch.stage(stage):
            return function(*args, **options)

    @contextmanager
    def timed_entry(*args: Any, **options: Any) -> Iterator[Any]:
        with ExitStack() as stack:
            with watch.stage(stage):
                entered = stack.enter_context(function(*args, **options))
            yield entered

    is_manager = inspect.isgeneratorfunction(inspect.unwrap(function))
    return timed_entry if is_manager else timed
