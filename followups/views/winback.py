"""Lost customers, and what is done to win them back."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.lists import show
from followups.winback_list import lost_list
from tiering.models import LostCustomer


@require_safe
def lost(request: HttpRequest) -> HttpResponse:
    rows = LostCustomer.objects.visible_to(request.user).still_away()
    return show(request, lost_list(timezone.localdate()), rows)
