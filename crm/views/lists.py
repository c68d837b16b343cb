"""The lists of orders, visits and cases, and one order with all that belongs to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from crm.list_specs import CASES, ORDERS, VISITS
from crm.lists import show
from crm.models import Case, Order, Visit


@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    return show(request, ORDERS, Order.objects.visible_to(request.user))


@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    return show(request, VISITS, Visit.objects.visible_to(request.user))


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    return show(request, CASES, Case.objects.visible_to(request.user))


@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    visible = Order.objects.visible_to(request.user)
    found = get_object_or_404(
        visible.select_related("customer__owner", "returns").with_paid(), number=number
    )
    context = {
        "order": found,
        "lines": found.lines.select_related("product").order_by("position", "id"),
        "payments": found.payments.order_by("paid_on", "id"),
        "returned_by": visible.filter(returns=found).order_by("ordered_on", "id"),
        "cases": Case.objects.visible_to(request.user).filter(order=found).order_by("id"),
    }
    return render(request, "crm/order.html", {**context, "here": "orders"})
