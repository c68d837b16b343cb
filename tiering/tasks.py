"""What runs in the background, called by its name."""

import logging
from datetime import date, timedelta

from celery import current_app, shared_task
from django.utils import timezone

from tiering import services
from tiering.services import publishing, what_if

logger = logging.getLogger(__name__)


@shared_task(name="tiering.nightly", acks_late=True)
def nightly(*, as_of: str = "", **_) -> None:
    """Beat calls this every night, and nights that were missed come first; pass
    `as_of="2025-03-01"` to run it for another day."""
    day = date.fromisoformat(as_of) if as_of else timezone.localdate() - timedelta(days=1)
    missed = services.missed_nights(before=day)
    skipped, _made_good = services.parted(missed, at_most=services.MADE_GOOD)
    if skipped:
        logger.warning("Nights skipped: %s, %s to %s", len(skipped), skipped[0], skipped[-1])
    try:
        for run in services.run_nights_until(as_of=day, at_most=services.MADE_GOOD):
            logger.info("Night of %s: %s of %s changed", run.as_of, run.changed, run.customers)
    except services.NightRefused as refusal:
        logger.warning("Night of %s refused: %s", day, refusal)
    current_app.send_task("followups.refresh")


@shared_task(name="tiering.preview_policy")
def preview_policy(*, fields: dict, key: str, **_) -> None:
    """What a draft would do to a large book; the page that asked looks for it under `key`."""
    what_if.reckon_elsewhere(what_if.from_plain(fields), key=key)
    logger.info("Preview %s done", key)


@shared_task(name="tiering.publish_policy")
def publish_policy(*, order: dict, **_) -> None:
    """Publish a draft whose book is too large for a request."""
    publishing.carry_out(order, now=timezone.now())
    logger.info("Publication of policy %s done", order["policy"])
    current_app.send_task("followups.refresh")


@shared_task(name="tiering.shard")
def shard(*, token: str, number: int, of: int, as_of: str) -> None:
    """A worker's part of a night that runs elsewhere."""
    services.compute_shard(token=token, number=number, of=of, as_of=date.fromisoformat(as_of))
