"""The file of a customer: new, edited, and given to somebody else."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.forms.conflicts import ChangedMeanwhile
from crm.forms.customers import CustomerForm, NewCustomerForm, OwnerForm
from crm.permissions import Permission
from crm.services import customers as services
from crm.services import ownership
from crm.similar import similar_customers
from crm.views.scope import allow, customer_to_edit


@require_http_methods(["GET", "POST"])
def new(request):
    allow_new_customer(request.user)
    code = services.suggested_code(today=timezone.localdate())
    form = NewCustomerForm(request.POST or None, initial={"code": code})
    similar = []
    if form.is_valid():
        similar = [] if form.cleaned_data["anyway"] else similar_to(form, request.user)
        if not similar:
            return redirect(created(form, request.user))
    context = {"here": "customers", "form": form, "similar": similar}
    return render(request, "crm/customer_form.html", context)


def allow_new_customer(user):
    """A manager of no team sees no customers, so would not see the new one either."""
    allow(user, Permission.EDIT_CUSTOMERS)
    if user.is_manager and not user.team_with_subteams:
        raise PermissionDenied


def similar_to(form, user):
    named = {name: form.cleaned_data[name] for name in ("name", "phone", "tax_id")}
    return similar_customers(**named, to_user=user)


@transaction.atomic
def created(form, user):
    customer = form.save()
    services.give_first_owner(customer=customer, by=user)
    return customer


@require_http_methods(["GET", "POST"])
def edit(request, code):
    customer = customer_to_edit(request, code)
    form = CustomerForm(request.POST or None, instance=customer)
    if form.is_valid():
        try:
            messages.success(
                request, _("%(name)s is saved.") % {"name": form.save_unless_changed()}
            )
            return redirect(customer)
        except ChangedMeanwhile as changed:
            form = form.merged_with(changed.row)
    context = {"here": "customers", "customer": customer, "form": form}
    return render(request, "crm/customer_form.html", context | owner_context(request, customer))


def owner_context(request, customer):
    if not request.user.may(Permission.ASSIGN_CUSTOMERS):
        return {}
    return {"owner_form": OwnerForm(by=request.user, initial={"owner": customer.owner_id})}


@require_POST
def give(request, code):
    customer = customer_to_edit(request, code)
    allow(request.user, Permission.ASSIGN_CUSTOMERS)
    form = OwnerForm(request.POST, by=request.user)
    if not form.is_valid():
        messages.error(request, _("Nobody of that name can be given customers here."))
        return redirect("customer_edit", code=code)
    to_owner = form.cleaned_data["owner"]
    ownership.assign(
        customers=type(customer).objects.filter(pk=customer.pk),
        to_owner=to_owner,
        by=request.user,
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("Now with %(owner)s.") % {"owner": to_owner or _("Pool")})
    return redirect(customer)
