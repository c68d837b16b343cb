"""Who may open what of the policies, before anything else is looked at."""

from functools import wraps

from django.shortcuts import get_object_or_404

from crm.permissions import Permission
from crm.views.scope import allow
from tiering.models import Policy


def for_readers(view):
    """Only for those who may see policies."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        allow(request.user, Permission.SEE_POLICY)
        return view(request, *args, **kwargs)

    return guarded


def for_editors(view):
    """Only for those who write policies."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        allow(request.user, Permission.EDIT_POLICY)
        return view(request, *args, **kwargs)

    return guarded


def version_or_404(version: int) -> Policy:
    return get_object_or_404(Policy.objects.select_related("by", "approved_by"), version=version)


def draft_or_404(version: int) -> Policy:
    """A published version has no form, no publication and no end."""
    drafts = Policy.objects.drafts().select_related("by", "approved_by")
    return get_object_or_404(drafts, version=version)
