"""A grade that a person sets, ends, approves or declines; each takes effect at once."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from crm.models import Customer, User
from tiering.models import Grade, GradeChange, Override, Standing, StandingSnapshot
from tiering.services import history
from tiering.services.guard import NightRefused, hold_off_nights
from tiering.services.standings import BEHIND, written

USUALLY = timedelta(days=180)
AT_MOST = timedelta(days=365)
# As the night writes it, for one customer; the figures are the same on both sides, for it is
# a person that moved the grade.
RECORD_CHANGE = f"""
INSERT INTO tiering_gradechange (customer_id, run_id, as_of, correction, from_grade, to_grade,
    from_level, to_level, was_eligible, eligible, cause, before, after)
SELECT s.customer_id, r.id, r.as_of,
    (SELECT coalesce(max(g.correction) + 1, 0) FROM tiering_gradechange g
     WHERE g.customer_id = s.customer_id AND g.as_of = r.as_of),
    s.grade, %(grade)s, s.level, s.level, s.eligible, s.eligible, %(cause)s,
    {BEHIND.format("s", "p.version", "r.as_of", "r.basis")},
    {BEHIND.format("s", "p.version", "r.as_of", "r.basis")}
FROM tiering_standing s
JOIN tiering_nightrun r ON r.id = s.run_id
JOIN tiering_policy p ON p.id = r.policy_id
WHERE s.customer_id = %(customer)s AND s.grade <> %(grade)s
"""


class OverrideRefused(Exception):
    """This grade cannot be set, ended or decided like that; the message is for the user."""


@transaction.atomic
def set_grade(
    *,
    customer: Customer,
    grade: str,
    reason: str,
    by: User,
    today: date,
    until: date | None = None,
) -> Override:
    """Show a grade of a person's choice until a day, that day included; 180 days unless told.

    It ends the one in force. Where the company asks for a second person, it waits for approval
    and the one in force stays. The grade that is shown already may be set too: it is then kept
    against what the nights compute. The same again (a double click) is the one there is.
    Raises OverrideRefused for a day in the past or more than 365 days ahead, for a missing
    reason, an unknown grade, a customer without a computed grade, one for whom another waits,
    and while grades are being computed.
    """
    until, reason = until or today + USUALLY, reason.strip()
    _check(grade, reason, until, today)
    standing = _held(customer)
    present = _present(standing)
    if present and (present.grade, present.reason, present.until) == (grade, reason, until):
        return present
    if present and present.is_waiting:
        raise OverrideRefused(_("Another grade waits for approval here. Decide on that one first."))
    override = Override(customer=customer, grade=grade, reason=reason, until=until, by=by)
    override.starts_on, override.computed_grade = today, standing.computed_grade
    override.save()
    if not settings.SECOND_PERSON:
        _put_in_force(override, standing, by=by, approved_by=None, today=today)
    return override


@transaction.atomic
def end(*, override: Override, by: User, today: date) -> Override:
    """End what is in force: the customer is back at the grade that follows the computed one.

    Raises OverrideRefused for one that is not in force, and while grades are being computed.
    """
    standing = _held(override.customer)
    if standing.override_id != override.pk:
        raise OverrideRefused(_("This grade is no longer in force; nothing was changed."))
    _end(override, by=by, today=today)
    _show(standing, standing.grade_underneath, None, GradeChange.Cause.EXPIRY)
    return override


@transaction.atomic
def approve(*, override: Override, by: User, today: date) -> Override:
    """Put in force what waits, from today on; what was in force before it ends.

    Raises OverrideRefused for one that does not wait or whose last day is over, for its own
    author where the company asks for a second person, and while grades are being computed.
    """
    standing = _held(override.customer)
    override = _waiting(override)
    if settings.SECOND_PERSON and by.pk == override.by_id:
        raise OverrideRefused(_("You have set this grade yourself: another person approves it."))
    if override.until < today:
        raise OverrideRefused(_("Its last day is over. Decline it, and set the grade anew."))
    override.starts_on, override.computed_grade = today, standing.computed_grade
    _put_in_force(override, standing, by=by, approved_by=by, today=today)
    return override


@transaction.atomic
def decline(*, override: Override, by: User, today: date) -> Override:
    """Take away what waits, also one's own. Raises OverrideRefused where it does not wait."""
    _held(override.customer)
    override = _waiting(override)
    _end(override, by=by, today=today)
    return override


def _check(grade: str, reason: str, until: date, today: date) -> None:
    if grade not in Grade.values:
        raise OverrideRefused(_("There is no such grade."))
    if not reason:
        raise OverrideRefused(_("Give a reason: it is read again when the grade is judged."))
    if until < today:
        raise OverrideRefused(_("That day is in the past. Choose today or a later day."))
    if until > today + AT_MOST:
        raise OverrideRefused(_("A grade can be set for 365 days at most. Choose an earlier day."))


def _held(customer: Customer) -> Standing:
    """The standing as it is now; until the transaction ends nobody else decides on it."""
    try:
        hold_off_nights()
    except NightRefused as error:
        raise OverrideRefused(str(error)) from error
    # No-key: rows that refer to the customer can still be written, by an import for one.
    Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    standing = Standing.objects.select_related("run__policy", "override")
    found = standing.filter(customer=customer).first()
    if found is None:
        raise OverrideRefused(_("No night has graded this customer yet. Set its grade tomorrow."))
    return found


def _present(standing: Standing) -> Override | None:
    """What waits for this customer, else what is in force."""
    waiting = Override.objects.waiting().filter(customer=standing.customer_id).first()
    return waiting or standing.override


def _waiting(override: Override) -> Override:
    found = Override.objects.waiting().filter(pk=override.pk).first()
    if found is None:
        raise OverrideRefused(_("This grade does not wait any more: somebody has decided on it."))
    return found


def _put_in_force(
    override: Override, standing: Standing, *, by: User, approved_by: User | None, today: date
) -> None:
    if standing.override and standing.override.until >= today:
        _end(standing.override, by=by, today=today)
    override.approved_by, override.approved_at = approved_by, Now()
    override.save()
    override.refresh_from_db(fields=["approved_at"])
    _show(standing, override.grade, override, GradeChange.Cause.OVERRIDE)


def _end(override: Override, *, by: User, today: date) -> None:
    override.ended_on, override.ended_by = today, by
    override.save(update_fields=["ended_on", "ended_by"])


def _show(standing: Standing, grade: str, override: Override | None, cause: str) -> None:
    """On every page from now on, and in history where the grade is another one."""
    params = {"customer": standing.customer_id, "grade": grade, "cause": str(cause)}
    changed = written(RECORD_CHANGE, params)
    Standing.objects.filter(pk=standing.pk).update(grade=grade, override=override)
    if changed:
        night = StandingSnapshot.objects.filter(as_of=standing.run.as_of)
        night.filter(customer=standing.customer_id).update(grade=grade)
        history.take_in(standing.run, changed=changed)
