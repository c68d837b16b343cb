"""Complaints and requests for service: opened, edited, closed with what was done."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.forms.cases import CaseForm, CloseCaseForm
from crm.forms.conflicts import ChangedMeanwhile
from crm.models import Case
from crm.services import cases as services
from crm.templatetags.format import day
from crm.views.scope import customer_to_edit, row_to_edit

CASES = Case.objects.select_related("customer", "order", "contact", "assignee", "follows")


@require_http_methods(["GET", "POST"])
def new(request, code):
    customer = customer_to_edit(request, code)
    case = Case(customer=customer, opened_on=timezone.localdate(), assignee=customer.owner)
    form = CaseForm(request.POST or None, instance=case, by=request.user)
    if form.is_valid():
        form.save()
        return redirect(customer)
    context = {"here": "cases", "customer": customer, "form": form}
    return render(request, "crm/case_form.html", context)


@require_http_methods(["GET", "POST"])
def edit(request, pk):
    case = row_to_edit(request, CASES.all(), pk)
    form = CaseForm(request.POST or None, instance=case, by=request.user)
    if form.is_valid() and not still_open(form, case):
        return case_page(request, case, form)
    if form.is_valid():
        try:
            form.save_unless_changed()
            return redirect(case.customer)
        except ChangedMeanwhile as changed:
            return case_page(request, case, form.merged_with(changed.row))
    return case_page(request, case, form)


def still_open(form, case):
    if not case.is_open:
        form.add_error(None, _("This case is closed. Open it again to change it."))
    return case.is_open


def case_page(request, case, form, closing=None):
    context = {
        "here": "cases",
        "customer": case.customer,
        "case": case,
        "form": form,
        "closing": closing or CloseCaseForm(),
    }
    return render(request, "crm/case_form.html", context)


@require_POST
def close(request, pk):
    case = row_to_edit(request, CASES.all(), pk)
    closing = CloseCaseForm(request.POST)
    if closing.is_valid() and not still_open(closing, case):
        return case_page(request, case, CaseForm(instance=case, by=request.user), closing)
    if not closing.is_valid():
        return case_page(request, case, CaseForm(instance=case, by=request.user), closing)
    following = services.close_case(case=case, on=timezone.localdate(), **closing.cleaned_data)
    messages.success(request, closed_sentence(following))
    return redirect(case.customer)


def closed_sentence(following):
    if following is None:
        return _("The case is closed.")
    return _("The round is closed; the next one, %(number)s, is due on %(day)s.") % {
        "number": following.number,
        "day": day(following.due_on),
    }


@require_POST
def reopen(request, pk):
    case = row_to_edit(request, CASES.all(), pk)
    services.reopen_case(case=case)
    messages.success(request, _("The case is open again."))
    return redirect("case", pk=case.pk)
