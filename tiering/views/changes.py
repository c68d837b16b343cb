"""Changes of grade: of all customers in scope, and of one of them with the grade of any day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from crm.lists import show
from crm.models import Customer
from tiering.breakdown import breakdown
from tiering.change_list import CHANGES
from tiering.models import GradeChange
from tiering.past import customers_on
from tiering.views.past import around, book_asked_for, no_book


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    return show(request, CHANGES, GradeChange.objects.visible_to(request.user))


@require_safe
def of_customer(request: HttpRequest, code: str) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user), code=code)
    book = book_asked_for(request)
    if book.problem:
        return no_book(request, book, here="customers")
    history = GradeChange.objects.filter(customer=customer).worded()
    then = book.night and customers_on(book.night, user=request.user).filter(pk=customer.pk).first()
    context = around(request, book) | {"here": "customers", "customer": customer, "then": then}
    context["changes"] = [(change, breakdown(change)) for change in history.latest_first()]
    return render(request, "tiering/customer_grades.html", context)
