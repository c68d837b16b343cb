"""What comes back after an act: the row in its new state, or a page without JavaScript."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import trigger_client_event

from crm.permissions import Permission
from followups import queue
from followups.queue import Row
from followups.views import today

SENTENCES = {
    "visit": _("%(name)s: the visit is saved."),
    "missed": _("%(name)s: nobody reached; the follow-up has moved."),
    "snoozed": _("%(name)s: the follow-up has moved."),
    "done": _("%(name)s: done."),
    "planned": _("%(name)s: the next contact is planned."),
}


def panel(request, row: Row, kind: str, form=None, **context):
    """The row, opened for one act; folded when `kind` is empty.

    A follow-up that was closed meanwhile shows that, unless something was written in the form.
    """
    if row.followup and not row.followup.is_open and not (form and form.is_bound):
        context |= {"row": row, "did": "closed"}
        page = "followups/_row_done.html"
    else:
        context |= {"row": row, "panel": kind, "form": form}
        page = "followups/_row.html"
    if request.htmx:
        return render(request, page, context)
    return render(request, "followups/act.html", {"here": "today", "part": page, **context})


def refused(request, row: Row, error: Exception):
    """Nothing has changed; the row says why."""
    if not request.htmx:
        messages.error(request, str(error))
        return redirect("today")
    row.followup.refresh_from_db(fields=["state", "due_on"])
    return panel(request, row, "", error=str(error))


def saved(request, row: Row, did: str, *, visit=None, **context):
    """The row steps back and offers to undo; the figures around it follow."""
    if not request.htmx:
        messages.success(request, SENTENCES[did] % {"name": row.customer.name})
        return redirect("today")
    context |= {"row": row, "did": did, "visit": visit}
    moved = others_of(visit, row) if visit else []
    if on_today(request):
        context |= counters_of(request, moved)
    response = render(request, "followups/_saved.html", context)
    closed = others_closed(visit, row) if visit else []
    trigger_client_event(
        response,
        "rows-gone",
        {"gone": [f"followup-{row.pk}" for row in moved], "closed": closed},
    )
    return trigger_client_event(response, "row-done", {"row": row.anchor}, after="swap")


def others_of(visit, row: Row) -> list:
    """Follow-ups that the visit has made or moved, beside the row itself."""
    dated = visit.dated_followups.for_queue()
    return [other for other in dated if not row.followup or other.pk != row.followup.pk]


def others_closed(visit, row: Row) -> list[str]:
    closed = visit.closed_followups.exclude(pk=row.followup and row.followup.pk)
    return [f"followup-{pk}" for pk in closed.values_list("pk", flat=True)]


def counters_of(request, moved) -> dict:
    """The figures of the page, and the rows that now belong into this week."""
    figures = today.counters(request.user)
    service = queue.policies()
    week = [
        queue.row_of(followup, service=service, today=figures["day"])
        for followup in moved
        if figures["day"] < followup.due_on <= figures["day"] + queue.WEEK
    ]
    return {**figures, "added": week, "out_of_band": True}


def on_today(request) -> bool:
    home = reverse("home") if not request.user.may(Permission.SEE_TEAM) else None
    return request.htmx.current_url_abs_path.partition("?")[0] in (reverse("today"), home)
