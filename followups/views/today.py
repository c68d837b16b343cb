"""Whom do I see today? The list of one person, most urgent first."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.permissions import Permission
from followups import queue
from followups.queue import SECTIONS
from followups.rows import PAGE, Section, policies, unplanned_row
from followups.services.visits import UNDO_WITHIN
from followups.views import dashboard

MOST_PAGES = 10_000


@require_GET
def home(request):
    """Managers begin with their team, salespeople with their day."""
    if request.user.may(Permission.SEE_TEAM):
        return dashboard.dashboard(request)
    return today(request)


@require_GET
def today(request):
    day = timezone.localdate()
    service = policies()
    due = queue.agenda(request.user, today=day)
    numbers = queue.counts(request.user, due, today=day)
    context = {
        "here": "today",
        "sections": queue.sections(due, numbers, service=service, today=day),
        **figures(request.user, numbers, day),
    }
    context |= unplanned_context(request.user, service, day, numbers.waiting)
    return render(request, "followups/today.html", context)


def figures(user, numbers, day) -> dict:
    """What stands above and beside the rows and changes with each of them."""
    return {
        "counts": numbers,
        "ticks": ticks(numbers),
        "oldest_days": (day - numbers.oldest_on).days if numbers.oldest_on else 0,
        "done_today": queue.done_today(user, today=day) if numbers.done else [],
        "undo_since": timezone.now() - UNDO_WITHIN,
    }


def unplanned_context(user, service, day, waiting) -> dict:
    customers = queue.unplanned(user)
    rows = [unplanned_row(row, service=service, today=day) for row in customers]
    return {"unplanned": rows, "unplanned_more": waiting - len(rows)}


def ticks(numbers) -> list[bool]:
    """One mark for each follow-up of the day, done ones first; none when they would not fit."""
    if numbers.planned > 20:
        return []
    return [place < numbers.done for place in range(numbers.planned)]


def counters(user) -> dict:
    """The figures again, after something was done."""
    day = timezone.localdate()
    numbers = queue.counts(user, queue.agenda(user, today=day), today=day)
    heads = [Section(code, [], getattr(numbers, code), numbers.at_risk[code]) for code in SECTIONS]
    return {"day": day, "heads": heads, **figures(user, numbers, day)}


@require_GET
def more(request, code):
    """The next rows of a section."""
    if code not in SECTIONS:
        raise Http404
    day = timezone.localdate()
    page = page_number(request.GET.get("page", ""))
    due = queue.agenda(request.user, today=day)[code]
    shown = due[(page - 1) * PAGE : page * PAGE]
    rows = queue.in_full(shown, service=policies(), today=day)
    section = Section(code, rows, len(due), queue.at_risk(due), page)
    return render(request, "followups/_rows.html", {"section": section})


def page_number(text) -> int:
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() else 1
