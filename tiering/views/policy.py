"""The grading policy in force, in words and money, for managers and administrators."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.permissions import Permission
from tiering.models import NightRun, Policy


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
    """For each level its share and the score from which a customer was in it last night."""
    if ruling is None:
        return []
    lines = night.lines if night else {}
    shares = ruling.shares if ruling.scheme == Policy.Scheme.SHARES else ruling.value_shares
    return [
        {
            "grade": level["grade"],
            "name": ruling.name_of_level(level["code"]),
            "share": Decimal(str(shares[level["code"]])) / 100 if shares else None,
            "from_value": inside_of(lines.get(level["code"], {})),
        }
        for level in ruling.levels
    ]


def inside_of(line):
    return Decimal(line["inside"]) if line.get("inside") else None
