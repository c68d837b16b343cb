import logging

from celery import shared_task
from django.utils import timezone

from followups import services

logger = logging.getLogger(__name__)


@shared_task(name="followups.refresh")
def refresh(**_) -> int:
    """Beat calls this every hour; the night does it too."""
    opened = services.refresh(today=timezone.localdate())
    logger.info("Follow-ups refreshed: %s opened", opened)
    return opened
