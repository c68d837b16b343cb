"""What comes back after an act: the row in its new state, or a page without JavaScript."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import trigger_client_event

from crm.permissions import Permission
from followups import queue
from followups.rows import Row
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


def saved(request, row: Row, did: str, *, visit=None, moved=(), **context):
    """The row steps back and offers to undo; the figures and rows around it follow.

    `moved` are the follow-ups that now stand on another day.
    """
    if not request.htmx:
        messages.success(request, SENTENCES[did] % {"name": row.customer.name})
        return redirect("today")
    context |= {"row": row, "did": did, "visit": visit, **around(request, moved)}
    response = render(request, "followups/_saved.html", context)
    changes = {
        "gone": [anchor(pk) for pk in moved if pk != key_of(row)],
        "closed": [anchor(pk) for pk in closed_with(visit) if pk != key_of(row)],
    }
    trigger_client_event(response, "rows-changed", changes)
    return trigger_client_event(response, "row-done", {"row": row.anchor}, after="swap")


def put_back(request, row: Row, *, gone=(), reopened=(), **context):
    """The row stands where it stood, with the figures around it."""
    context |= {"row": row, "error": "", **around(request, ())}
    response = render(request, "followups/_put_back.html", context)
    changes = {
        "gone": [row.anchor, *(anchor(pk) for pk in gone)],
        "reopened": [anchor(pk) for pk in reopened if pk != key_of(row)],
    }
    return trigger_client_event(response, "rows-changed", changes)


def anchor(pk: int) -> str:
    return f"followup-{pk}"


def key_of(row: Row) -> int | None:
    return row.followup.pk if row.followup else None


def dated_by(visit) -> list[int]:
    """Follow-ups that a visit has made or moved."""
    return list(visit.dated_followups.values_list("pk", flat=True)) if visit else []


def closed_with(visit) -> list[int]:
    return list(visit.closed_followups.values_list("pk", flat=True)) if visit else []


def around(request, moved) -> dict:
    """On the page of the day: its figures, and the rows that came under another heading."""
    if not on_today(request):
        return {}
    figures = today.counters(request.user)
    added = queue.rows_of(request.user, moved, today=figures["day"])
    return {**figures, "added": added, "out_of_band": True}


def on_today(request) -> bool:
    home = reverse("home") if not request.user.may(Permission.SEE_TEAM) else None
    return request.htmx.current_url_abs_path.partition("?")[0] in (reverse("today"), home)
