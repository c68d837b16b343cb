"""Uploaded files and rejected lines are kept for some time; what an import did is kept for good."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from crm.models import ImportBatch


def remove(*, now: datetime) -> int:
    """Remove the files that nobody has worked on for long; returns of how many imports.

    The row says so before the files go: nothing is begun with them from then on, and what a
    killed run has left is removed by the next one. Undo needs no file.
    """
    kept_since = now - timedelta(days=settings.IMPORT_FILES_KEPT_DAYS)
    old = ImportBatch.objects.with_files().untouched_since(kept_since)
    old.filter(files_removed_at=None).update(files_removed_at=now)
    leaving = ImportBatch.objects.with_files().filter(files_removed_at__isnull=False)
    return sum(_remove_files(batch) for batch in list(leaving.order_by("id")))


def _remove_files(batch: ImportBatch) -> bool:
    for file in filter(None, (batch.file, batch.rejects)):
        file.delete(save=False)
    ImportBatch.objects.filter(pk=batch.pk).update(file="", rejects="")
    return True
