"""What stands before every change: the row is in the user's scope, and the role may do it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from crm.models import Customer
from crm.permissions import Permission


def allow(user, permission: Permission) -> None:
    """Raises PermissionDenied (403) for a role that may not; ask after finding the row (404)."""
    if not user.may(permission):
        raise PermissionDenied


def found(rows, user, **lookup):
    """One row of a model that knows `visible_to`, or 404."""
    return get_object_or_404(rows.visible_to(user), **lookup)


def customer_to_edit(request, code: str) -> Customer:
    customer = found(Customer.objects.select_related("owner"), request.user, code=code)
    allow(request.user, Permission.EDIT_CUSTOMERS)
    return customer


def row_to_edit(request, rows, pk: int):
    """A contact, case or promise whose customer the user may edit."""
    row = found(rows, request.user, pk=pk)
    allow(request.user, Permission.EDIT_CUSTOMERS)
    return row
