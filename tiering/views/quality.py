"""How right alerts are, on the company's own past and in fact; figures without names."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiering.models import NightRun
from tiering.quality_page import page_of


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    night = NightRun.objects.select_related("fit").latest_finished()
    context = page_of(request.user, night) if night else {}
    return render(request, "tiering/quality.html", {"here": "alerts", **context})
