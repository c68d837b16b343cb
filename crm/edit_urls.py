"""Where a customer's file is written; the page that shows it belongs to the highest app."""

from django.urls import path

from crm.views import cases, contacts, customers, promises

urlpatterns = [
    # Not below /customers/: any code may be a customer's.
    path("new/customer/", customers.new, name="customer_new"),
    path("customers/<str:code>/edit/", customers.edit, name="customer_edit"),
    path("customers/<str:code>/owner/", customers.give, name="customer_give"),
    path("customers/<str:code>/contacts/new/", contacts.new, name="contact_new"),
    path("customers/<str:code>/cases/new/", cases.new, name="case_new"),
    path("contacts/<int:pk>/", contacts.edit, name="contact_edit"),
    path("contacts/<int:pk>/delete/", contacts.delete, name="contact_delete"),
    path("contacts/<int:pk>/first/", contacts.call_first, name="contact_first"),
    path("cases/<int:pk>/", cases.edit, name="case"),
    path("cases/<int:pk>/close/", cases.close, name="case_close"),
    path("cases/<int:pk>/reopen/", cases.reopen, name="case_reopen"),
    path("promises/<int:pk>/settle/", promises.settle, name="promise_settle"),
]
