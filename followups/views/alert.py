"""One alert on one page: what it says and why, and what can be done."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from followups.alert_page import alert_page
from tiering.views import alert_acts


@require_http_methods(["GET", "POST"])
def alert(request, pk):
    return alert_acts.alert(request, pk, whole)


def whole(request, context):
    day, zone = timezone.localdate(), timezone.get_current_timezone()
    page = alert_page(context["alert"], today=day, zone=zone)
    return render(request, "followups/alert.html", context | page)
