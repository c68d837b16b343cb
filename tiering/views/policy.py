"""The grading policy in force, in words and money, for managers and administrators."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.permissions import Permission
from tiering.models import Grade, NightRun, Policy


@require_GET
def policy(request):
    if not request.user.may(Permission.SEE_POLICY):
        raise PermissionDenied
    ruling = Policy.objects.in_force(day=timezone.localdate())
    context = {
        "here": "policy",
        "policy": ruling,
        "lines": lines_of(ruling, NightRun.objects.latest_finished()),
        "versions": Policy.objects.order_by("-version"),
    }
    return render(request, "tiering/policy.html", context)


def lines_of(ruling, night):
    """For each grade its share and the value from which a customer was in it last night."""
    if ruling is None:
        return []
    lines = night.lines if night else {}
    return [
        {
            "grade": grade,
            "share": getattr(ruling, f"{grade}_share") / 100,
            "from_value": Decimal(lines[grade]["inside"])
            if lines.get(grade, {}).get("inside")
            else None,
        }
        for grade in Grade.values
    ]
