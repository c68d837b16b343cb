"""The life of a grading policy: draft, proposed, published from a day on; then never changed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm.models import User
from crm.permissions import Permission
from crm.templatetags.format import day
from tiering.models import NightRun, Policy
from tiering.models.policy import SETTINGS
from tiering.models.wording import explained
from tiering.policy_digest import fingerprint
from tiering.rules import PolicyError
from tiering.services import guard
from tiering.services.book import book_under
from tiering.services.guard import one_night_at_a_time
from tiering.services.night import grade_book


class PolicyRefused(Exception):
    """What was asked cannot be done to this policy; the message may be shown."""


class DraftChanged(PolicyRefused):
    """Somebody else has changed the draft since it was looked at."""


@transaction.atomic
def new_draft(*, name: str, by: User, **fields: Any) -> Policy:
    """The next version, not in force; `fields` as the model has them, defaults for the rest.

    Raises PolicyRefused for settings that cannot grade a book.
    """
    _must_be_allowed(by)
    Policy.objects.select_for_update().order_by("-version").first()
    latest = Policy.objects.aggregate(latest=Max("version"))["latest"] or 0
    draft = Policy(version=latest + 1, name=name, by=by, **fields)
    _check(draft)
    draft.save()
    return draft


def settings_of(policy: Policy) -> dict[str, Any]:
    """All that a draft like this one starts with."""
    return {name: getattr(policy, name) for name in SETTINGS}


@transaction.atomic
def change_draft(
    *, policy: Policy, fields: Mapping[str, Any], by: User, seen: str | None = None
) -> Policy:
    """Change a draft. Raises PolicyRefused for a published one, for settings that cannot grade
    a book, and where `seen` is given for one that is no longer what was seen (`fingerprint`);
    nothing is changed then. What was proposed has to be proposed again."""
    _must_be_allowed(by)
    draft = _locked_draft(policy)
    _check_seen(draft, seen)
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.by, draft.proposed_at = by, None
    _check(draft)
    draft.save()
    return draft


@transaction.atomic
def drop_draft(*, policy: Policy, by: User) -> None:
    """Delete a draft. Raises PolicyRefused for a published policy."""
    _must_be_allowed(by)
    _locked_draft(policy).delete()


@transaction.atomic
def propose(
    *, policy: Policy, note: str, by: User, now: datetime, seen: str | None = None
) -> Policy:
    """Ask a second person to publish a draft; its author stays who wrote it. Raises
    PolicyRefused for a published one and for one that is no longer what was seen."""
    _must_be_allowed(by)
    draft = _locked_draft(policy)
    _check_seen(draft, seen)
    draft.note, draft.proposed_at = note, now
    draft.save()
    return draft


def publish(
    *,
    policy: Policy,
    valid_from: date,
    note: str,
    by: User,
    now: datetime,
    seen: str | None = None,
) -> Policy:
    """Let a draft rule from a day on.

    On the day of the latest night it applies at once, on the facts of that night and past
    the calmness rules; a later day begins with its own night. Raises PolicyRefused for a day
    in the past, for a policy that is published already, for one that is no longer what was
    seen, where a second person has to agree and this is the one who wrote it, and NightRefused
    while a night is being computed.
    """
    _must_be_allowed(by)
    # A page is given up after a minute, which is what a night waits for another one.
    with one_night_at_a_time(guard.PATIENCE_OF_A_PAGE), transaction.atomic():
        draft = _locked_draft(policy)
        _check_seen(draft, seen)
        latest = NightRun.objects.latest_finished()
        _check_day(valid_from, latest)
        _check_second_person(draft, by)
        draft.valid_from, draft.published_at, draft.approved_by = valid_from, now, by
        draft.note = note or draft.note
        _check(draft)
        draft.save()
        if latest and latest.as_of == valid_from:
            _apply_at_once(draft, latest)
    return draft


def _apply_at_once(policy: Policy, run: NightRun) -> None:
    grade_book(run, policy, book_under(run, policy), again=True)
    run.save()


def _check_day(valid_from: date, latest: NightRun | None) -> None:
    if latest and valid_from < latest.as_of:
        message = _(
            "A policy cannot begin on %(day)s: the night of %(latest)s is finished. Choose that"
            " day, and it applies at once, or a later one."
        )
        raise PolicyRefused(message % {"day": day(valid_from), "latest": day(latest.as_of)})


def _check_second_person(draft: Policy, by: User) -> None:
    if not settings.SECOND_PERSON:
        return
    if draft.proposed_at is None:
        raise PolicyRefused(_("Propose the policy first: a second person has to publish it."))
    if draft.by_id == by.pk:
        raise PolicyRefused(_("You wrote this policy: a second person has to publish it."))


def _check_seen(draft: Policy, seen: str | None) -> None:
    if seen is not None and seen != fingerprint(draft):
        who = draft.by.name if draft.by else "–"
        raise DraftChanged(_("%(name)s has changed this draft meanwhile.") % {"name": who})


def _locked_draft(policy: Policy) -> Policy:
    draft = Policy.objects.select_for_update(of=("self",)).filter(pk=policy.pk).first()
    if draft is None:
        raise PolicyRefused(_("This draft is no longer there: somebody deleted it."))
    if draft.is_published:
        raise PolicyRefused(_("A published policy never changes. Start a draft from it instead."))
    return draft


def _check(policy: Policy) -> None:
    try:
        policy.rules()
        policy.clean_fields(exclude=["by", "approved_by"])
    except PolicyError as error:
        raise PolicyRefused(explained(error.code)) from error
    except ValidationError as error:
        raise PolicyRefused(" ".join(error.messages)) from error


def _must_be_allowed(by: User) -> None:
    if not by.may(Permission.EDIT_POLICY):
        raise PolicyRefused(_("Only administrators change grading policies."))
