"""Closing a case, and opening it again when that was a mistake."""

from datetime import date, timedelta

from django.db import transaction

from crm.models import Case


@transaction.atomic
def close_case(*, case: Case, on: date, resolution: str = "") -> Case | None:
    """Close a case; an inspection round opens the next one, which is given back.

    A case that is closed already stays as it is.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not case.is_open:
        return None
    closed_on = max(on, case.opened_on)
    case.closed_on = closed_on
    case.resolution = resolution or case.resolution
    case.save(update_fields=["closed_on", "resolution"])
    if not case.repeat_days:
        return None
    return open_next_round(case, on=closed_on, due_on=closed_on + timedelta(days=case.repeat_days))


def open_next_round(case: Case, *, on: date, due_on: date) -> Case:
    """The inspection that follows a closed one."""
    return Case.objects.create(
        customer_id=case.customer_id,
        contact_id=case.contact_id,
        assignee_id=case.assignee_id,
        kind=case.kind,
        subject=case.subject,
        description=case.description,
        opened_on=on,
        due_on=due_on,
        warranty_until=case.warranty_until,
        repeat_days=case.repeat_days,
        follows=case,
    )


@transaction.atomic
def reopen_case(*, case: Case) -> None:
    """Take the closing back, with the next round that it opened."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    Case.objects.filter(follows=case, closed_on=None).delete()
    case.closed_on = None
    case.save(update_fields=["closed_on"])
