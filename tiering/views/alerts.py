"""The list of churn alerts, and why there may be none."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from crm.lists import show
from tiering.alert_forms import OUTCOMES
from tiering.alert_list import ALERTS, tabs
from tiering.churn.fit import MINIMUM_CUSTOMERS, MINIMUM_REPEATS
from tiering.ladder_words import signal_in_force
from tiering.models import ChurnAlert, ChurnFit


@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    rows = ChurnAlert.objects.visible_to(request.user)
    fit = ChurnFit.objects.order_by("-as_of").first()
    return show(
        request,
        ALERTS,
        rows,
        tabs=tabs(rows),
        outcomes=OUTCOMES,
        fit=fit,
        signal=signal_in_force(fit),
        minimum_customers=MINIMUM_CUSTOMERS,
        minimum_repeats=MINIMUM_REPEATS,
    )
