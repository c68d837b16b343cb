"""The list of customers, and giving some of them to somebody else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm.lists import show
from crm.models import Customer
from crm.permissions import Permission
from crm.services.ownership import CannotOwn
from crm.views.scope import allow
from followups.assign_form import AssignForm
from followups.customer_list import CUSTOMERS, by_owner
from followups.past_list import past_customers
from followups.services import owners
from tiering.past import customers_on
from tiering.views.past import around, book_asked_for, no_book


@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    user, book = request.user, book_asked_for(request)
    if book.problem:
        return no_book(request, book, here="customers")
    context = around(request, book)
    if book.is_past:
        rows = customers_on(book.night, user=user)
        return show(request, past_customers(book.night), rows, **context)
    context |= {"may_edit": user.may(Permission.EDIT_CUSTOMERS)}
    if user.may(Permission.ASSIGN_CUSTOMERS):
        context["assign_form"] = AssignForm(by=user)
    return show(request, CUSTOMERS, Customer.objects.visible_to(user), **context)


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Show what would move where; move it when that is confirmed."""
    allow(request.user, Permission.ASSIGN_CUSTOMERS)
    form = AssignForm(request.POST, by=request.user)
    form.refuse_foreign_rows()
    if not form.is_valid():
        messages.error(request, form.first_error)
        return back_to_list(request)
    if form.cleaned_data["confirmed"]:
        give(request, form)
        return back_to_list(request)
    context = {"form": form, "groups": by_owner(form.cleaned_data["customers"])}
    return render(request, "followups/customers_assign.html", {**context, "here": "customers"})


def give(request: HttpRequest, form: AssignForm) -> None:
    chosen = form.chosen()
    try:
        moved = owners.give(**chosen, by=request.user)
    except CannotOwn as error:
        messages.error(request, str(error))
        return
    said = ngettext(
        "%(count)s customer is with %(name)s now.",
        "%(count)s customers are with %(name)s now.",
        moved,
    )
    messages.success(request, said % {"count": moved, "name": chosen["to_owner"]})


def back_to_list(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('customers')}?{request.POST.get('back', '')}")
