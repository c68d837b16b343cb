"""What the page of a customer shows of win-back: the running plan, or that one can be started."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from crm.models import Customer
from followups.models import WinBack
from tiering.models import LostCustomer


def with_winback(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """`running_plan`: its key; `is_lost`: as of the last night. Asked together with the row."""
    plans = WinBack.objects.running().filter(customer=OuterRef("pk"))
    losses = LostCustomer.objects.still_away().filter(customer=OuterRef("pk"))
    return customers.annotate(running_plan=Subquery(plans.values("pk")[:1]), is_lost=Exists(losses))


def winback_part(customer: Any) -> dict[str, Any]:
    """Of a customer `with_winback`."""
    if customer.running_plan is None:
        return {"may_plan_winback": customer.is_lost}
    plan = WinBack.objects.select_related("started_by").get(pk=customer.running_plan)
    return {"winback": plan, "winback_touches": plan.touches.in_order()}
