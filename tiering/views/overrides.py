"""Grades that people set: on one customer, decided on, listed, and judged 180 days later."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.lists import show
from crm.models import Customer
from crm.permissions import Permission
from crm.views.scope import allow, found
from tiering.filters import WAITING
from tiering.forms import OverrideForm
from tiering.models import Override
from tiering.override_list import HINDSIGHT, OVERRIDES
from tiering.services import overrides as services

CUSTOMERS = Customer.objects.select_related("standing__run__policy", "standing__override__by")
ROWS = Override.objects.select_related("customer__standing__run__policy", "by")


@require_http_methods(["GET", "POST"])
def customer_grade(request: HttpRequest, code: str) -> HttpResponse:
    customer = found(CUSTOMERS.all(), request.user, code=code)
    allow(request.user, Permission.OVERRIDE_GRADES)
    today = timezone.localdate()
    form = OverrideForm(request.POST or None, initial={"until": today + services.USUALLY})
    if form.is_valid():
        asked = {"by": request.user, "today": today, **form.cleaned_data}
        try:
            override = services.set_grade(customer=customer, **asked)
        except services.OverrideRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said_of(override))
            return redirect(customer)
    return render(request, "tiering/customer_grade.html", page_of(customer, form))


def said_of(override: Override) -> str:
    if override.is_waiting:
        return _("The grade waits until another person approves it; nothing has changed yet.")
    return _("The grade is set, and shown everywhere from now on.")


def page_of(customer: Customer, form: OverrideForm) -> dict:
    rows = Override.objects.filter(customer=customer).select_related("by", "approved_by")
    return {
        "here": "customers",
        "customer": customer,
        "standing": getattr(customer, "standing", None),
        "form": form,
        "waiting": rows.waiting().first(),
        "former": rows.over().order_by("-starts_on", "-id"),
        "second_person": settings.SECOND_PERSON,
    }


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    override = found(ROWS.all(), request.user, pk=pk)
    allow(request.user, Permission.OVERRIDE_GRADES)
    if request.method == "POST":
        return decided(request, override, services.end, _("The set grade has ended."))
    context = {"here": "customers", "override": override, "customer": override.customer}
    return render(request, "tiering/override_end.html", context)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    override = found(ROWS.all(), request.user, pk=pk)
    allow(request.user, Permission.OVERRIDE_GRADES)
    said = _("The grade is approved, and shown everywhere from now on.")
    return decided(request, override, services.approve, said)


@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    override = found(ROWS.all(), request.user, pk=pk)
    allow(request.user, Permission.OVERRIDE_GRADES)
    return decided(request, override, services.decline, _("The grade is declined."))


def decided(request: HttpRequest, override: Override, act, said: str) -> HttpResponse:
    """Do it and say so, or say why not; back to the page on which it was asked for."""
    try:
        act(override=override, by=request.user, today=timezone.localdate())
    except services.OverrideRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    if request.POST.get("back") == "list":
        return redirect(f"{reverse('overrides')}?state={WAITING}")
    return redirect(override.customer)


@require_safe
def overrides(request: HttpRequest) -> HttpResponse:
    allow(request.user, Permission.OVERRIDE_GRADES)
    rows = Override.objects.visible_to(request.user)
    waiting = rows.waiting().count()
    return show(request, OVERRIDES, rows, waiting=waiting, second_person=settings.SECOND_PERSON)


@require_safe
def hindsight(request: HttpRequest) -> HttpResponse:
    allow(request.user, Permission.OVERRIDE_GRADES)
    rows = Override.objects.visible_to(request.user).judged()
    return show(request, HINDSIGHT, rows, here=OVERRIDES.name)
