"""What can be done with a row of the list without a visit: later, done, back, planned."""

from datetime import timedelta

from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.calendars.working_days import working_day
from crm.models import Customer
from crm.permissions import Permission
from crm.views.scope import allow, found
from followups import queue, services
from followups.cadence import LONGEST_PLAN, LONGEST_SNOOZE, contact_due_on, quick_days
from followups.forms import DayForm, PlanForm
from followups.models import FollowUp
from followups.rows import Row, policies, row_of, unplanned_row
from followups.views.answers import panel, put_back, refused, saved


def row_to_act(request, pk) -> Row:
    """The follow-up as a row of the list; 404 outside the user's scope."""
    followup = found(FollowUp.objects.for_queue(), request.user, pk=pk)
    allow(request.user, Permission.LOG_VISITS)
    return row_of(followup, service=policies(), today=timezone.localdate())


def row_of_customer(request, code) -> Row:
    """A customer as a row for which nothing is planned; 404 outside the user's scope."""
    customer = found(queue.with_last_contact(Customer.objects), request.user, code=code)
    allow(request.user, Permission.LOG_VISITS)
    return unplanned_row(customer, service=policies(), today=timezone.localdate())


@require_GET
def row(request, pk):
    """The row as it stands: what Cancel brings back."""
    return panel(request, row_to_act(request, pk), "")


@require_GET
def customer_row(request, code):
    return panel(request, row_of_customer(request, code), "")


@require_http_methods(["GET", "POST"])
def snooze(request, pk):
    row = row_to_act(request, pk)
    form = DayForm(request.POST or None)
    if form.is_valid():
        try:
            followup = services.snooze(
                followup=row.followup,
                by=request.user,
                until=form.chosen,
                today=row.today,
            )
            return saved(request, row, "snoozed", moved=[followup.pk], due_on=followup.due_on)
        except services.FollowUpError as error:
            form.add_error(None, str(error))
    return panel(request, row, "snooze", form, **snooze_days(row.today))


def snooze_days(today) -> dict:
    tomorrow = working_day(today + timedelta(days=1))
    return {
        "days": [("1d", tomorrow), *quick_days(today).items()],
        "latest": today + LONGEST_SNOOZE,
    }


@require_POST
def done(request, pk):
    row = row_to_act(request, pk)
    try:
        services.mark_done(followup=row.followup, by=request.user, now=timezone.now())
    except services.FollowUpError as error:
        return refused(request, row, error)
    return saved(request, row, "done")


@require_POST
def back(request, pk):
    """Undo of done and of later."""
    row = row_to_act(request, pk)
    try:
        if row.followup.is_open:
            services.move_back(followup=row.followup, by=request.user)
        else:
            services.reopen(followup=row.followup, by=request.user, now=timezone.now())
    except services.FollowUpError as error:
        return refused(request, row, error)
    if not request.htmx:
        return redirect("today")
    return put_back(request, row_to_act(request, pk))


@require_http_methods(["GET", "POST"])
def plan(request):
    """A day for a customer of `?customer=CODE`."""
    row = row_of_customer(request, request.GET.get("customer", ""))
    form = PlanForm(request.POST or None)
    if form.is_valid():
        try:
            followup = services.plan(
                customer=row.customer,
                by=request.user,
                due_on=form.chosen,
                note=form.cleaned_data["note"],
                today=row.today,
            )
            return saved(request, row, "planned", moved=[followup.pk], due_on=followup.due_on)
        except services.FollowUpError as error:
            form.add_error(None, str(error))
    return panel(request, row, "plan", form, **plan_days(row))


def plan_days(row: Row) -> dict:
    every_days = row.policy.every_days if row.policy else 30
    regular = contact_due_on(row.today, every_days=every_days)
    quick = [day for day in quick_days(row.today).items() if day[1] != regular]
    return {"days": [("cadence", regular), *quick], "latest": row.today + LONGEST_PLAN}
