"""Whether what we promised in a visit was kept."""

from django.http import HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm.models import Promise
from crm.services import visits as services
from crm.views.scope import row_to_edit

PROMISES = Promise.objects.select_related("visit__customer")


@require_POST
def settle(request, pk):
    """`kept` is yes, no, or open for a click that was a mistake."""
    promise = row_to_edit(request, PROMISES.all(), pk)
    said = request.POST.get("kept")
    if said not in ("yes", "no", "open"):
        return HttpResponseBadRequest()
    if said == "open":
        services.unsettle_promise(promise=promise)
    else:
        services.settle_promise(promise=promise, kept=said == "yes", on=timezone.localdate())
    if not request.htmx:
        return redirect(promise.visit.customer)
    promise.refresh_from_db()
    return render(request, "crm/_promise.html", {"promise": promise})
