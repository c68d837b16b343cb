"""What somebody is told of alerts: one's own notices, newest first."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from crm.lists import PAGE_SIZE, SEARCH_COLUMNS
from tiering.filters import ALL
from tiering.models import Notice
from tiering.past import parse_day
from tiering.services.notices import mark_read

NOT_SHOWN = [f"alert__customer__{column}" for column in SEARCH_COLUMNS]


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    rows = Notice.objects.visible_to(request.user).lines().latest_first()
    rows = rows.select_related("alert__customer__standing").defer(*NOT_SHOWN)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "tiering/notices.html", {"here": "notices", "page": page})


@require_safe
def of_day(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    """All that one was told of one kind on one day: read with this, and listed."""
    told = Notice.objects.visible_to(request.user).filter(kind=kind, told_on=parse_day(day))
    alerts = list(told.values_list("alert", flat=True))
    if not alerts:
        raise Http404
    mark_read(by=request.user, now=timezone.now(), alerts=alerts)
    state = request.GET.get("state", ALL)
    return redirect(reverse("alerts", query={"notice": kind, "told_on": day, "state": state}))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    mark_read(by=request.user, now=timezone.now())
    return redirect("notices")
