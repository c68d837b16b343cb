import logging

from celery import shared_task
from django.utils import timezone

from crm.imports import old_files, services

logger = logging.getLogger(__name__)


@shared_task(name="crm.run_import")
def run_import(batch_id: int, **_) -> None:
    """Check, commit or undo a file, whichever its row asks for."""
    services.perform(batch_id=batch_id, now=timezone.now())
    logger.info("Import %s done", batch_id)


@shared_task(name="crm.remove_old_files")
def remove_old_files(**_) -> None:
    """Beat calls this every night."""
    removed = old_files.remove(now=timezone.now())
    logger.info("Files of %s imports removed", removed)
