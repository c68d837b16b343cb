import logging

from celery import shared_task
from django.utils import timezone

from crm.imports import services

logger = logging.getLogger(__name__)


@shared_task(name="crm.run_import")
def run_import(batch_id: int, **_) -> None:
    """Check, commit or undo a file, whichever its row asks for."""
    services.perform(batch_id=batch_id, now=timezone.now())
    logger.info("Import %s done", batch_id)
