"""One customer on one page, and its timeline."""

from django.conf import settings
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.models import Customer
from crm.permissions import Permission
from followups.charts import rhythm_chart
from followups.customer_page import customer_page, customers_of, timeline_part
from followups.timeline import parse_cursor


@require_GET
def customer(request, code):
    row = get_object_or_404(customers_of(request.user), code=code)
    page = customer_page(row, today=timezone.localdate(), **asked_for(request))
    chart = rhythm_chart(page["rhythm"], customer=row)
    context = page | {"here": "customers", "chart": chart} | deciding(request.user)
    return render(request, "followups/customer.html", context)


def deciding(user):
    """What the card of the grade offers this reader."""
    return {
        "may_override": user.may(Permission.OVERRIDE_GRADES),
        "second_person": settings.SECOND_PERSON,
    }


@require_GET
def timeline(request, code):
    """The list alone, or its next page, for htmx; the page itself shows the same without it."""
    row = get_object_or_404(Customer.objects.visible_to(request.user), code=code)
    context = timeline_part(row, **asked_for(request)) | {"customer": row}
    shown = parse_cursor(request.GET.get("older", ""))
    if shown is None:
        return render(request, "followups/customer/timeline.html", context)
    context["shown_month"] = shown.month
    return render(request, "followups/customer/_events.html", context)


def asked_for(request):
    return {
        "zone": timezone.get_current_timezone(),
        "show": request.GET.get("show", ""),
        "before": request.GET.get("older", ""),
    }
