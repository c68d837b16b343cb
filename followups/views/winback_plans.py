"""Win-back plans: all of them with what they regained, and one with its touches and history."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.lists import show
from crm.permissions import Permission
from crm.views.scope import allow, found
from followups.models import WinBack, WinBackEvent
from followups.services import winback_acts as acts
from followups.services.winback import WinBackRefused
from followups.winback_forms import CloseForm, TouchesForm, asked_before
from followups.winback_plans import PLANS, by_owner, without_plan


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    rows = WinBack.objects.visible_to(request.user).plans().with_regained(today=today)
    context = {"here": "winback", "without": without_plan(request.user, today=today)}
    if request.user.may(Permission.SEE_TEAM):
        context["owners"] = by_owner(rows)
    return show(request, PLANS, rows, **context)


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    rows = WinBack.objects.with_regained(today=timezone.localdate())
    people = rows.select_related("customer__standing", "owner", "started_by", "closed_by")
    row = found(people, request.user, pk=pk)
    allow(request.user, Permission.LOG_VISITS)
    if request.method == "POST":
        refusal = done(request, row)
        if not refusal:
            messages.success(request, _("Saved."))
            return redirect("winback_plan", row.pk)
        messages.error(request, refusal)
        row = people.get(pk=pk)
    return render(request, "followups/winback/plan.html", page_of(request, row))


def done(request: HttpRequest, row: WinBack) -> str:
    """Do what is asked for; empty, or why it was not done."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return _("Choose what is to be done.")
    try:
        return act(request, row)
    except WinBackRefused as refusal:
        return str(refusal)


def change(request: HttpRequest, row: WinBack) -> str:
    form = TouchesForm(request.POST, touches=left_of(row))
    if form.is_valid():
        acts.change(plan=row, touches=form.touches, **who_and_when(request))
    return form.why_not


def close(request: HttpRequest, row: WinBack) -> str:
    form = CloseForm(request.POST)
    if form.is_valid():
        acts.close(plan=row, **form.cleaned_data, **who_and_when(request))
        return ""
    return _("Choose what came of it.")


def undo(request: HttpRequest, row: WinBack) -> str:
    acts.take_back(plan=row, **who_and_when(request))
    return ""


ACTS: dict[str, Callable[[HttpRequest, WinBack], str]] = {
    "change": change,
    "close": close,
    "undo": undo,
}


def who_and_when(request: HttpRequest) -> dict:
    return {"by": request.user, "today": timezone.localdate()}


def left_of(row: WinBack) -> list[tuple[int, str, str]]:
    """The touches that are not done yet, as the form shows them."""
    touches = row.touches.in_order().select_related("plan")
    return asked_before(touch for touch in touches if not touch.done_at)


def undoable(row: WinBack, touches: list) -> WinBackEvent | None:
    """What can be taken back, not offered where it would be refused."""
    last = acts.last_act(row)
    is_begun = any(touch.done_at for touch in touches)
    return None if last and last.event == WinBackEvent.Event.STARTED and is_begun else last


def page_of(request: HttpRequest, row: WinBack) -> dict:
    touches = list(row.touches.in_order())
    return {
        "here": "winback",
        "plan": row,
        "customer": row.customer,
        "touches": touches,
        "form": TouchesForm(touches=left_of(row)) if row.is_running else None,
        "outcomes": CloseForm().fields["outcome"].choices,
        "events": row.events.select_related("by").order_by("-id"),
        "undoable": undoable(row, touches),
    }
