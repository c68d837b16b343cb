"""Lost customers, and the decision on some of them: a plan, or not worth one."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.lists import show
from crm.models import Customer
from crm.permissions import Permission
from crm.views.scope import allow
from followups.services.winback import Together, WinBackRefused, decline_all, start_all
from followups.winback_forms import DeclineForm, TouchesForm
from followups.winback_list import lost_list
from tiering.models import LostCustomer


@require_safe
def lost(request: HttpRequest) -> HttpResponse:
    rows = LostCustomer.objects.visible_to(request.user).still_away()
    may_plan = request.user.may(Permission.LOG_VISITS)
    return show(request, lost_list(timezone.localdate()), rows, may_plan=may_plan)


def chosen(request: HttpRequest) -> list[Customer]:
    """The customers named in the request; 404 where one of them is not the reader's to see."""
    allow(request.user, Permission.LOG_VISITS)
    codes = {*request.GET.getlist("customer"), *request.POST.getlist("customers")}
    if any("\0" in code for code in codes):  # the database cannot even be asked for it
        raise Http404
    found = Customer.objects.visible_to(request.user).filter(code__in=codes).order_by("name", "id")
    customers = list(found)
    if len(customers) != len(codes):
        raise Http404
    return customers


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """The touches to begin with; started when they are confirmed."""
    customers = chosen(request)
    if not customers:
        messages.error(request, _("Choose at least one customer."))
        return back_to_list(request)
    is_confirmed = "confirmed" in request.POST
    form = TouchesForm(request.POST if is_confirmed else None)
    if is_confirmed and form.is_valid():
        asked = {"touches": form.touches, "by": request.user, "today": timezone.localdate()}
        return told(request, tried(start_all, customers=customers, **asked))
    losses = LostCustomer.objects.visible_to(request.user).still_away()
    rows = losses.filter(customer__in=customers).select_related("customer__owner", "chance")
    context = {"here": "winback", "form": form, "customers": customers, "losses": rows}
    return render(request, "followups/winback/start.html", context)


@require_POST
def give_up(request: HttpRequest) -> HttpResponse:
    customers = chosen(request)
    if not customers:
        messages.error(request, _("Choose at least one customer."))
        return back_to_list(request)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.why_not)
        return back_to_list(request)
    asked = {"by": request.user, "today": timezone.localdate()}
    return told(request, tried(decline_all, customers=customers, **form.cleaned_data, **asked))


def tried(act: Callable[..., Together], **asked: Any) -> Together:
    """What was done, or why nothing was done for anybody."""
    try:
        return act(**asked)
    except WinBackRefused as refusal:
        return Together([], [str(refusal)])


def told(request: HttpRequest, together: Together) -> HttpResponse:
    """What was done, and why not for others; one plan alone is shown at once."""
    count = len(together.done)
    if count:
        said = ngettext(
            "%(count)s customer is decided on.", "%(count)s customers are decided on.", count
        )
        messages.success(request, said % {"count": count})
    warn(request, together.refused)
    if count == 1 and not together.refused:
        return redirect("winback_plan", together.done[0].pk)
    return back_to_list(request)


def warn(request: HttpRequest, refusals: Iterable[str]) -> None:
    for refusal in sorted(set(refusals)):
        messages.warning(request, refusal)


def back_to_list(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('winback')}?{request.POST.get('back', '')}")
