"""Retention figures of the book that a user sees, and the customers behind each."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.lists import show
from crm.models import Customer
from followups.retention_filter import OverviewFilter
from followups.retention_kept import shown_on, sums_behind, sums_of
from followups.retention_list import COHORT, behind, of_cohort, rows_of
from followups.retention_page import choices_of, page_of
from followups.retention_words import WORDS
from tiering.past import parse_day
from tiering.retention import by_code


@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    customers = Customer.objects.visible_to(request.user)
    today = timezone.localdate()
    asked = OverviewFilter(request.GET, customers, request=request, today=today)
    choices = choices_of(request.user)
    by = request.GET.get("by", "")
    by = by if by in choices else next(iter(choices))
    shown = shown_on(asked.day)
    context = {"here": "retention", "listing": {"filter": asked}, "by": by, "choices": choices}
    if shown:
        context |= page_of(asked, shown, by=by)
    return render(request, "followups/retention.html", context | {"shown": shown})


@require_safe
def rows(request: HttpRequest, code: str) -> HttpResponse:
    figure = by_code(code)
    if figure is None:
        raise Http404
    said = {"figure": figure, "words": WORDS[code]}
    asked = parse_day(request.GET.get("as_of", ""))
    shown = shown_on(asked) if asked else None
    if asked and shown is None:
        return redirect(reverse("retention", query={"as_of": asked.isoformat()}))
    if shown and shown.is_past:
        sums = sums_behind(request.user, shown.night, figure)
        return show(request, sums_of(figure, shown.night), sums, shown=shown, **said)
    customers = behind(Customer.objects.visible_to(request.user), figure)
    return show(request, rows_of(figure), customers, **said)


@require_safe
def cohort(request: HttpRequest) -> HttpResponse:
    return show(request, COHORT, of_cohort(Customer.objects.visible_to(request.user)))
