"""`/readyz`: may this installation be sent visitors, and does its night still come round?"""

from collections.abc import Callable

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from crm.models import Customer
from tiering.nights import is_late, nights_now

PATIENCE = 2  # seconds


@login_not_required
@never_cache
@require_safe
def readyz(request):
    """200 when every check holds, else 503; the body names the checks and nothing more."""
    checks = {name: "ok" if holds() else "failed" for name, holds in CHECKS.items()}
    ready = set(checks.values()) == {"ok"}
    status = "ready" if ready else "not ready"
    return JsonResponse({"status": status, "checks": checks}, status=200 if ready else 503)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_answers() -> bool:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=PATIENCE)
    except (OperationalError, OSError):
        return False
    return True


def night_comes_round() -> bool:
    """The newest night has not failed, and the last one finished in time; before the first one,
    customers are not waiting yet."""
    try:
        nights = nights_now()
        since = None if nights.latest else oldest_customer_since()
    except DatabaseError:
        return False
    now = timezone.now()
    return not nights.trouble(now=now) and (since is None or not is_late(since, now=now))


def oldest_customer_since():
    return Customer.objects.aggregate(first=Min("created_at"))["first"]


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "broker": broker_answers,
    "night": night_comes_round,
}
