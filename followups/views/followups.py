"""The list of follow-ups of a book, for those who look after the work of others too."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from crm.lists import show
from followups.followup_list import FOLLOWUPS
from followups.models import FollowUp


@require_safe
def followups(request: HttpRequest) -> HttpResponse:
    return show(request, FOLLOWUPS, FollowUp.objects.visible_to(request.user))
