"""Logging a visit inside its row, from anywhere, and taking it back."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from crm.models import Customer, Visit
from crm.permissions import Permission
from crm.services.visits import KeyTaken
from crm.views.scope import allow, found
from followups import services
from followups.before import before
from followups.forms import VisitForm, as_written
from followups.views.acts import row_of_customer, row_to_act
from followups.views.answers import SENTENCES, closed_with, dated_by, panel, put_back, saved

FOUND = 12


def visit_panel(request, row, form, **context):
    known = before(row.customer, today=row.today)
    return panel(request, row, "visit", form, before=known, **context)


@require_http_methods(["GET", "POST"])
def visit(request, pk):
    """Log a visit for one follow-up."""
    row = row_to_act(request, pk)
    form = VisitForm(request.POST or None, row=row)
    if not form.is_valid():
        return visit_panel(request, row, form)
    try:
        logged = close(row, form, by=request.user)
    except services.AlreadyClosed as error:
        return kept_text(request, row, form, error)
    except KeyTaken as error:
        form.add_error(None, str(error))
        return visit_panel(request, row, form)
    return saved(request, row, did(logged), visit=logged, moved=dated_by(logged))


def close(row, form, *, by) -> Visit:
    return services.close_with_visit(
        followup=row.followup,
        by=by,
        now=timezone.now(),
        settled=form.cleaned_data["settled"],
        **form.said(),
    )


def did(logged: Visit) -> str:
    return "missed" if logged.outcome == Visit.Outcome.MISSED else "visit"


def kept_text(request, row, form, error):
    """Somebody was first: the form stays, and saves a visit of its own the next time."""
    form.add_error(None, str(error))
    known = before(row.customer, today=row.today)
    context = {"row": row, "panel": "visit", "form": form, "before": known, "on_the_side": True}
    page = "followups/_row.html"
    if request.htmx:
        return render(request, page, context)
    return render(request, "followups/act.html", {"here": "today", "part": page, **context})


@require_http_methods(["GET", "POST"])
def visit_new(request):
    """Log a visit that no follow-up asked for: first the customer, then the same form."""
    if "customer" not in request.GET:
        return choose(request)
    row = row_of_customer(request, request.GET["customer"])
    form = VisitForm(request.POST or None, row=row)
    if not form.is_valid():
        return side_panel(request, row, form)
    try:
        logged = services.log_on_the_side(
            customer=row.customer, by=request.user, now=timezone.now(), **form.said()
        )
    except KeyTaken as error:
        form.add_error(None, str(error))
        return side_panel(request, row, form)
    return said_on_the_side(request, row, logged)


def said_on_the_side(request, row, logged):
    messages.success(request, SENTENCES[did(logged)] % {"name": row.customer.name})
    if not request.htmx:
        return redirect("today")
    return trigger_client_event(HttpResponseClientRefresh(), "row-done", {"row": row.anchor})


def side_panel(request, row, form):
    context = {
        "here": "today",
        "row": row,
        "form": form,
        "before": before(row.customer, today=row.today),
        "on_the_side": True,
        "panel": "visit",
    }
    page = "followups/_visit.html" if request.htmx else "followups/visit_new.html"
    return render(request, page, context)


def choose(request):
    """Customers by code, name or phone as one types."""
    allow(request.user, Permission.LOG_VISITS)
    text = request.GET.get("q", "").strip()
    visible = Customer.objects.visible_to(request.user)
    matches = visible.search(text).select_related("standing") if text else visible.none()
    context = {"here": "today", "q": text, "found": matches.order_by("name", "id")[:FOUND]}
    page = "followups/_found.html" if request.htmx else "followups/visit_new.html"
    return render(request, page, context)


@require_POST
def undo(request, pk):
    """Take a visit back; its row opens again with what was written."""
    taken = found(Visit.objects.select_related("customer"), request.user, pk=pk)
    allow(request.user, Permission.LOG_VISITS)
    written, made, closed = as_written(taken), dated_by(taken), closed_with(taken)
    try:
        services.undo_visit(visit=taken, by=request.user, now=timezone.now())
    except services.FollowUpError as error:
        messages.error(request, str(error))
        return HttpResponseClientRefresh() if request.htmx else redirect("today")
    reopened = request.POST.get("followup", "")
    if not request.htmx or not reopened.isdecimal():
        return redirect("today")
    return written_again(request, int(reopened), written, gone=made, reopened=closed)


def written_again(request, pk, written, **rows):
    """The row of a visit that was taken back, open, with what stood in it."""
    row = row_to_act(request, pk)
    form = VisitForm(row=row, initial=written)
    known = before(row.customer, today=row.today)
    return put_back(request, row, panel="visit", form=form, before=known, **rows)
