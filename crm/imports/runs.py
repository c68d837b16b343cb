"""One run over one file: read and stage, find out what it would do, and, to commit it, do it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone, translation

from crm.imports import customers, documents, orders, payments, rejects, staging, visits
from crm.imports.staging import Options
from crm.models import ImportBatch
from crm.sheets import checking, mapping
from crm.sheets.dates import DateOrder
from crm.sheets.mapping import ColumnMapping
from crm.sheets.reading import Table, open_table

ONE_WRITER = 7_301  # advisory locks: one import writes at a time,
ONE_RUN = 7_302  # and no import runs twice at once
EXAMPLES = 20
MANY = 1000
READ = 70  # per cent of a run; the rest is one transaction that shows nothing until its end


class Kind(NamedTuple):
    classify: Callable[[Options], None]
    write: Callable[[Options], None]


KINDS = {
    "customers": Kind(customers.classify, customers.write),
    "orders": Kind(orders.classify_orders, orders.write_orders),
    "order_lines": Kind(orders.classify_order_lines, orders.write_order_lines),
    "visits": Kind(visits.classify, visits.write),
    "payments": Kind(payments.classify, payments.write),
}


class AlreadyRunning(Exception):
    """Another process works on this import."""


@dataclass(frozen=True)
class Run:
    """A batch, its file and how its columns are read."""

    batch: ImportBatch
    file: Path | None  # None: the one kept in the batch
    now: datetime

    @property
    def path(self) -> Path:
        return self.file or Path(self.batch.file.path)

    @property
    def options(self) -> Options:
        found = mapping.from_dict(self.batch.mapping)
        return Options(
            batch=self.batch.pk,
            by=self.batch.by_id,
            base_currency=settings.BASE_CURRENCY,
            create_customers=self.batch.create_customers,
            owner=self.batch.owner_id,
            now=self.now,
            zone=settings.TIME_ZONE,
            given=frozenset({*found.columns, *found.values}),
        )


def check(run: Run) -> None:
    """Find out what the file would do, and keep counts, reasons and rejected lines in the batch.

    Raises UnreadableFile, AlreadyRunning.
    """
    with alone(run.batch), _staged(run) as (table, found):
        KINDS[run.batch.kind].classify(run.options)
        _keep_findings(run, table, found)
        _finish(run.batch, ImportBatch.State.CHECKED)


def commit(run: Run) -> None:
    """Do what the file says, all of it or nothing. Raises UnreadableFile, AlreadyRunning."""
    with alone(run.batch), _staged(run) as (table, found), transaction.atomic():
        # Until the end of the transaction; what is known is looked at after it is granted.
        staging.run("SELECT pg_advisory_xact_lock(%s)", [ONE_WRITER])
        KINDS[run.batch.kind].classify(run.options)
        _keep_findings(run, table, found)
        with _fresh_statistics(run.batch):
            KINDS[run.batch.kind].write(run.options)
        _finish(run.batch, ImportBatch.State.COMMITTED)


@contextmanager
def _fresh_statistics(batch: ImportBatch) -> Iterator[None]:
    """Before and after many documents are written, so that every plan knows the sizes."""
    is_large = batch.created + batch.updated >= MANY
    if is_large:
        staging.refresh_statistics()
    yield
    if is_large:
        staging.refresh_statistics()


@contextmanager
def alone(batch: ImportBatch) -> Iterator[None]:
    """Hold the lock that says somebody works on this batch; it dies with the process."""
    [(free,)] = staging.rows("SELECT pg_try_advisory_lock(%s, %s)", [ONE_RUN, batch.pk])
    if not free:
        raise AlreadyRunning
    try:
        yield
    finally:
        if connection.is_usable():
            staging.run("SELECT pg_advisory_unlock(%s, %s)", [ONE_RUN, batch.pk])


@contextmanager
def _staged(run: Run) -> Iterator[tuple[Table, ColumnMapping]]:
    """The file opened and all of it staged."""
    found = mapping.from_dict(run.batch.mapping)
    with open_table(run.path, encoding=found.encoding, delimiter=found.delimiter) as table:
        order = found.order_of_dates
        if not _stage(run.batch, table, found, order):
            _stage(run.batch, table, found, checking.order_of_dates(table, found))
        show_progress(run.batch, READ)
        staging.settle()
        yield table, found
        staging.drop()


def _stage(batch: ImportBatch, table: Table, found: ColumnMapping, order: DateOrder | None) -> bool:
    """All lines, chunk by chunk with a sign of life after each.

    With `order` None: False at the first dates that depend on the order of day and month.
    """
    staging.begin(batch.kind)
    zone = ZoneInfo(settings.TIME_ZONE)
    known = order or DateOrder.UNKNOWN
    batch.rows = 0
    for chunk in checking.check(table, found, order=known, zone=zone):
        if order is None and checking.needs_order_of_dates(chunk):
            return False
        staging.add(chunk)
        batch.rows += chunk.read
        show_progress(batch, READ * batch.rows // max(table.breaks, batch.rows))
    return True


def show_progress(batch: ImportBatch, percent: int) -> None:
    batch.percent = percent
    ImportBatch.objects.filter(pk=batch.pk).update(percent=percent, alive_at=timezone.now())


def _keep_findings(run: Run, table: Table, found: ColumnMapping) -> None:
    batch = run.batch
    for name, count in documents.counts().items():
        setattr(batch, name, count)
    if batch.is_of_orders:
        batch.customers_created = customers.count_new()
        batch.dated_ahead = orders.count_dated_ahead(run.options)
    batch.reasons = _reasons()
    batch.examples = _examples()
    _keep_rejects(batch, table, found)


def _reasons() -> list[dict[str, object]]:
    """Which problems, how many lines each of them costs, and the first of those."""
    found = staging.rows(
        """SELECT code, coalesce(field, ''), count(DISTINCT line) AS lines, min(line) AS first,
            (array_agg(cell ORDER BY line))[1], (array_agg(other ORDER BY line))[1]
        FROM import_problem GROUP BY 1, 2 ORDER BY lines DESC, first LIMIT %s""",
        [EXAMPLES],
    )
    names = ("code", "field", "lines", "line", "cell", "other")
    return [dict(zip(names, row, strict=True)) for row in found]


def _examples() -> list[dict[str, object]]:
    """The first lines of every problem, in order of line."""
    found = staging.rows(
        """SELECT line, code, field, cell, other FROM (
            SELECT *, row_number() OVER (PARTITION BY code, field ORDER BY line) AS place
            FROM import_problem) AS p
        WHERE place <= 3 ORDER BY line, code LIMIT %s""",
        [EXAMPLES],
    )
    names = ("line", "code", "field", "cell", "other")
    return [dict(zip(names, row, strict=True)) for row in found]


def _keep_rejects(batch: ImportBatch, table: Table, found: ColumnMapping) -> None:
    """A new file beside the old one, which goes when this run is sure to stand."""
    old = batch.rejects.name
    if old:
        transaction.on_commit(lambda: default_storage.delete(old))
    batch.rejects = ""
    if batch.rejected:
        with translation.override(_language(batch)), TemporaryFile("w+b") as file:
            text = io.TextIOWrapper(file, "utf-8-sig", newline="")
            rejects.write(table, text, found.columns)
            text.flush()
            batch.rejects.save("rejected.csv", File(file), save=False)
            text.detach()


def _language(batch: ImportBatch) -> str:
    return (batch.by.language if batch.by else "") or settings.LANGUAGE_CODE


def _finish(batch: ImportBatch, state: str) -> None:
    batch.state = state
    batch.percent = 100
    batch.error = {}
    batch.alive_at = batch.finished_at = timezone.now()
    batch.save()
