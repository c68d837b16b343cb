"""What people do with alerts: on one of them, in its row or on a page of its own, and on many."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm.permissions import Permission
from crm.views.scope import allow, found
from tiering.alert_forms import AlertActForm, keys_sent, suggested
from tiering.models import ChurnAlert
from tiering.services.alert_acts import AlertRefused, in_bulk, last_act
from tiering.services.notices import mark_read

ROWS = ChurnAlert.objects.select_related(
    "customer__standing__run", "customer__owner", "acknowledged_by", "closed_by"
)
# Shows the page of an alert; it lives above, with what is to be done for the customer.
Whole = Callable[[HttpRequest, dict[str, Any]], HttpResponse]


def alert(request: HttpRequest, pk: int, whole: Whole) -> HttpResponse:
    row = found(ROWS.all(), request.user, pk=pk)
    allow(request.user, Permission.LOG_VISITS)
    mark_read(by=request.user, now=timezone.now(), alerts=[row.pk])
    form = AlertActForm(request.POST or None)
    if request.method == "POST":
        refusal = done(request, row, form)
        if not refusal:
            return answered(request, row, form)
        return shown(request, row, form, whole, refusal=refusal)
    return shown(request, row, form, whole)


def done(request: HttpRequest, row: ChurnAlert, form: AlertActForm) -> str:
    """Do what the form asks for; empty, or why it was not done."""
    if not form.is_valid():
        return form.why_not
    try:
        form.does(alert=row, by=request.user, today=timezone.localdate(), **form.wanted)
    except AlertRefused as refusal:
        return str(refusal)
    return ""


def answered(request: HttpRequest, row: ChurnAlert, form: AlertActForm) -> HttpResponse:
    """The row with what was done and the way back, or the page it was asked for on."""
    row = ROWS.get(pk=row.pk)
    if request.htmx:
        return render(request, "tiering/alerts/done_row.html", page_of(row, form))
    messages.success(request, _("The alert is now: %(state)s.") % {"state": state_of(row)})
    back = request.POST.get("back")
    return redirect(row.customer if back == "customer" else reverse("alert", args=[row.pk]))


def shown(
    request: HttpRequest, row: ChurnAlert, form: AlertActForm, whole: Whole, refusal: str = ""
) -> HttpResponse:
    row = ROWS.get(pk=row.pk) if refusal else row
    context = page_of(row, form) | {"refusal": refusal}
    if request.htmx:
        return render(request, "tiering/alerts/row_acts.html", context)
    return whole(request, context)


def page_of(row: ChurnAlert, form: AlertActForm) -> dict[str, Any]:
    events = row.events.select_related("by").latest_first()
    return {
        "here": "alerts",
        "alert": row,
        "customer": row.customer,
        "state": state_of(row),
        "form": form,
        "events": events,
        "undoable": last_act(row),
        **suggested(timezone.localdate()),
    }


def state_of(row: ChurnAlert) -> str:
    return row.get_outcome_display() if row.is_closed else row.get_state_display()


@require_POST
def act_on_many(request: HttpRequest) -> HttpResponse:
    """The same on all that were chosen; 404 where one of them is not the reader's to see."""
    allow(request.user, Permission.LOG_VISITS)
    keys = keys_sent(request.POST.getlist("alerts"))
    rows = list(ChurnAlert.objects.visible_to(request.user).filter(pk__in=keys))
    if len(rows) != len(keys):
        raise Http404
    form = AlertActForm(request.POST)
    if not rows or not form.is_valid():
        messages.error(request, form.why_not if rows else _("Choose at least one alert."))
    else:
        asked = {"by": request.user, "today": timezone.localdate(), **form.wanted}
        mark_read(by=request.user, now=timezone.now(), alerts=keys)
        tell(request, in_bulk(form.does, rows, **asked))
    return redirect(f"{reverse('alerts')}?{request.POST.get('back', '')}")


def tell(request: HttpRequest, together) -> None:
    count = len(together.done)
    if count:
        said = ngettext("%(count)s alert is done.", "%(count)s alerts are done.", count)
        messages.success(request, said % {"count": count})
    for refusal in sorted(set(together.refused)):
        messages.warning(request, refusal)
