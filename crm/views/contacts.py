"""The people at a customer."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.forms.conflicts import ChangedMeanwhile
from crm.forms.contacts import ContactForm
from crm.models import Contact
from crm.services import customers as services
from crm.views.scope import customer_to_edit, row_to_edit

CONTACTS = Contact.objects.select_related("customer")


@require_http_methods(["GET", "POST"])
def new(request, code):
    customer = customer_to_edit(request, code)
    form = ContactForm(
        request.POST or None, instance=Contact(customer=customer), today=timezone.localdate()
    )
    if form.is_valid():
        services.add_contact(contact=form.save(commit=False))
        return redirect(customer)
    context = {"here": "customers", "customer": customer, "form": form}
    return render(request, "crm/contact_form.html", context)


@require_http_methods(["GET", "POST"])
def edit(request, pk):
    contact = row_to_edit(request, CONTACTS.all(), pk)
    form = ContactForm(request.POST or None, instance=contact, today=timezone.localdate())
    if form.is_valid():
        try:
            form.save_unless_changed()
            return redirect(contact.customer)
        except ChangedMeanwhile as changed:
            form = form.merged_with(changed.row)
    context = {"here": "customers", "customer": contact.customer, "contact": contact, "form": form}
    return render(request, "crm/contact_form.html", context)


@require_http_methods(["GET", "POST"])
def delete(request, pk):
    contact = row_to_edit(request, CONTACTS.all(), pk)
    if request.method == "POST":
        contact.delete()
        messages.success(request, _("%(name)s is deleted.") % {"name": contact.name})
        return redirect(contact.customer)
    context = {"here": "customers", "customer": contact.customer, "contact": contact}
    return render(request, "crm/contact_delete.html", context)


@require_POST
def call_first(request, pk):
    contact = row_to_edit(request, CONTACTS.all(), pk)
    services.call_first(contact=contact)
    return redirect(contact.customer)
