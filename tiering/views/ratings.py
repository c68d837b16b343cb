"""What we think of a customer: six ratings, and all that were given before."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crm.views.scope import customer_to_edit
from tiering.rating_form import RatingsForm
from tiering.services.ratings import CannotRate, history_of, opinions, rate


@require_http_methods(["GET", "HEAD", "POST"])
def ratings(request: HttpRequest, code: str) -> HttpResponse:
    customer = customer_to_edit(request, code)
    today = timezone.localdate()
    form = RatingsForm(request.POST or None, opinions=opinions(customer, today=today))
    if form.is_valid():
        try:
            added = rate(customer=customer, given=form.given(), by=request.user, today=today)
            messages.success(request, said(len(added)))
            return redirect(customer)
        except CannotRate as error:
            form.add_error(None, str(error))
    context = {"here": "customers", "customer": customer, "form": form}
    context["history"] = history_of(customer)
    return render(request, "tiering/ratings.html", context)


def said(count: int) -> str:
    if not count:
        return _("Nothing was changed: these ratings count already.")
    words = ngettext(
        "%(count)s rating is kept. It counts from tonight.",
        "%(count)s ratings are kept. They count from tonight.",
        count,
    )
    return words % {"count": count}
