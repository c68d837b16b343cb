"""What pages and commands do with files: take them in, have them checked, committed, undone."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.core.files import File
from django.db import connection
from django.utils.translation import gettext

from crm.imports import runs, undo
from crm.imports.runs import KINDS, ONE_RUN, AlreadyRunning, Run
from crm.imports.staging import rows
from crm.imports.undo import UndoRefused
from crm.models import ImportBatch, ImportMapping, User
from crm.sheets import mapping
from crm.sheets.mapping import ColumnMapping
from crm.sheets.problems import UnreadableFile
from crm.sheets.reading import open_table

logger = logging.getLogger(__name__)

State = ImportBatch.State
# What a file may be asked to do next, by where it stands.
MAY_BEGIN = {
    State.CHECKING: [State.UPLOADED, State.CHECKED, State.FAILED],
    State.RUNNING: [State.CHECKED, State.FAILED],
    State.UNDOING: [State.COMMITTED],
}
# Where a file stands when that could not be done: nothing was changed.
AFTER_FAILURE = {
    State.CHECKING: State.FAILED,
    State.RUNNING: State.FAILED,
    State.UNDOING: State.COMMITTED,
}
FIRST_LINES = 5
SILENT_FOR = timedelta(seconds=20)


class NotNow(Exception):
    """The file is not in a state for this; the message may be shown."""


def upload(*, file: File, kind: str, saved: ImportMapping | None, by: User) -> ImportBatch:
    """Keep a file and guess what its columns mean. Raises UnreadableFile, and keeps nothing then.

    `kind`: a kind of file, or "" to know it by its header.
    """
    batch = ImportBatch(kind=kind, by=by, file_name=Path(str(file.name)).name[-200:])
    batch.sha256 = _sha256(file)
    batch.file.save(batch.file_name, file, save=False)
    kept = mapping.from_dict(saved.columns) if saved else ColumnMapping(kind)
    try:
        _look_into(batch, kept)
    except UnreadableFile:
        batch.file.delete(save=False)
        raise
    found = kept if saved else mapping.from_header(batch.header, [kind] if kind else list(KINDS))
    batch.kind, batch.mapping = found.kind, found.as_dict()
    batch.save()
    return batch


def read_anew(*, batch: ImportBatch, encoding: str, delimiter: str) -> None:
    """Take the characters or the delimiter of a kept file for others. Raises UnreadableFile."""
    found = replace(mapping.from_dict(batch.mapping), encoding=encoding, delimiter=delimiter)
    _look_into(batch, found)
    batch.mapping = found.as_dict()
    batch.save(update_fields=["mapping", "header", "first_lines"])


def _look_into(batch: ImportBatch, found: ColumnMapping) -> None:
    """Keep the header and a few lines, so that pages need not read the file."""
    path = Path(batch.file.path)
    with open_table(path, encoding=found.encoding, delimiter=found.delimiter) as table:
        good = (row.cells for row in table.rows() if not row.problem)
        batch.header = list(table.header)
        batch.first_lines = [[cell[:80] for cell in cells] for cells in islice(good, FIRST_LINES)]


def _sha256(file: File) -> str:
    digest = hashlib.sha256()
    for block in file.chunks():
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def same_file_before(batch: ImportBatch) -> ImportBatch | None:
    """An import of the very same file that stands."""
    same = ImportBatch.objects.filter(sha256=batch.sha256, state=State.COMMITTED)
    return same.exclude(pk=batch.pk).latest_first().first()


def begin(*, batch: ImportBatch, state: str, now: datetime) -> None:
    """Claim the file for a piece of work; of two who try at once one succeeds. Raises NotNow."""
    free = ImportBatch.objects.filter(pk=batch.pk, state__in=MAY_BEGIN[State(state)])
    if state != State.UNDOING:
        free = free.filter(files_removed_at=None)
    claimed = free.update(
        state=state, percent=0, error={}, started_at=None, alive_at=now, finished_at=None
    )
    if not claimed and batch.files_removed_at:
        raise NotNow(gettext("The file was removed. Upload it again to import it."))
    if not claimed:
        raise NotNow(gettext("This file is being worked on, or that has been done already."))
    batch.refresh_from_db()


def perform(*, batch_id: int, path: Path | None = None, now: datetime) -> None:
    """Do the work that the state of the batch asks for; what was done already is left alone."""
    batch = ImportBatch.objects.select_related("by").get(pk=batch_id)
    if not batch.is_at_work:
        logger.info("Import %s is %s: nothing to do", batch_id, batch.state)
        return
    ImportBatch.objects.filter(pk=batch_id).update(started_at=now, alive_at=now)
    batch.started_at = now
    try:
        _work(Run(batch, path, now))
    except AlreadyRunning:
        logger.info("Import %s is worked on by another process", batch_id)
    except UnreadableFile as error:
        _fail(batch, {"code": error.code.value, "line": error.line, "details": error.details}, now)
    except UndoRefused as error:
        _fail(batch, {"code": "refused", "sentence": str(error)}, now)
    except Exception:
        connection.close_if_unusable_or_obsolete()  # so that it can still be written down
        _fail(batch, {"code": "unexpected"}, now)
        raise


def _work(run: Run) -> None:
    state = run.batch.state
    if state == State.CHECKING:
        runs.check(run)
    elif state == State.RUNNING:
        runs.commit(run)
    else:
        undo.undo(run.batch)


def _fail(batch: ImportBatch, error: dict[str, object], now: datetime) -> None:
    """Nothing was changed; say why. Filtered on the state that is left, so it is said once."""
    here = ImportBatch.objects.filter(pk=batch.pk, state__in=ImportBatch.AT_WORK)
    state = here.values_list("state", flat=True).first()
    if state:
        here.update(state=AFTER_FAILURE[State(state)], error=error, finished_at=now)


def heal(*, now: datetime) -> int:
    """Say of each import whose process died that it was interrupted; returns how many.

    It looks at the state: begun, silent, and nobody holds its lock.
    """
    silent = ImportBatch.objects.at_work().filter(
        started_at__isnull=False, alive_at__lt=now - SILENT_FOR
    )
    dead = [batch for batch in silent.order_by("id") if not _is_worked_on(batch)]
    for batch in dead:
        _fail(batch, {"code": "interrupted"}, now)
    return len(dead)


def _is_worked_on(batch: ImportBatch) -> bool:
    return bool(
        rows(
            """SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND classid = %s AND objid = %s""",
            [ONE_RUN, batch.pk],
        )
    )


def set_columns(
    *,
    batch: ImportBatch,
    found: ColumnMapping,
    create_customers: bool,
    owner: User | None,
    keep_as: str,
    by: User,
) -> None:
    """Say what the columns of a file mean; with `keep_as` also for later files of its kind."""
    batch.kind, batch.mapping = found.kind, found.as_dict()
    batch.create_customers, batch.owner = create_customers, owner
    batch.save(update_fields=["kind", "mapping", "create_customers", "owner"])
    if keep_as:
        ImportMapping.objects.update_or_create(
            kind=found.kind, name=keep_as, defaults={"columns": found.as_dict(), "by": by}
        )
