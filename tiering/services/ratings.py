"""What the owner of an account thinks of it: six criteria, each rated 1 to 5, with its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm.models import Customer, User
from crm.permissions import Permission
from tiering.models import Rating
from tiering.models.rating import BEST, WORST


class CannotRate(Exception):
    """These ratings are not taken; the message may be shown."""


@dataclass(frozen=True)
class Given:
    """1 to 5, and why."""

    points: int
    note: str = ""


@dataclass(frozen=True)
class Opinion:
    """One criterion of a customer: its code and name, and the rating that counts, if any."""

    criterion: str
    label: str
    rating: Rating | None


@transaction.atomic
def rate(*, customer: Customer, given: Mapping[str, Given], by: User, today: date) -> list[Rating]:
    """Rate criteria of a customer as of today; returns what was added.

    What says nothing new (the points and the note that count already) adds nothing, so that
    the same form sent twice is one rating. Raises CannotRate for a customer that is not
    `by`'s to rate, an unknown criterion, and points outside 1 to 5; nothing is added then.
    """
    _check(customer, given, by)
    # Two people at once: the second one looks at what the first one said.
    Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    counts = {rating.criterion: rating for rating in latest_of(customer, day=today)}
    return Rating.objects.bulk_create(
        Rating(
            customer=customer,
            criterion=criterion,
            points=each.points,
            note=each.note,
            rated_on=today,
            by=by,
        )
        for criterion, each in given.items()
        if _is_new(each, counts.get(criterion))
    )


def may_rate(user: User, customer: Customer) -> bool:
    """The owner, a manager in whose scope the customer is, and administrators."""
    in_scope = Customer.objects.visible_to(user).filter(pk=customer.pk)
    return user.may(Permission.EDIT_CUSTOMERS) and in_scope.exists()


def latest_of(customer: Customer, *, day: date) -> QuerySet[Rating]:
    """The ratings of a customer that count on a day, with who gave them."""
    return Rating.objects.filter(customer=customer).latest(day=day).select_related("by")


def opinions(customer: Customer, *, today: date) -> list[Opinion]:
    """All six criteria, rated or not."""
    counts = {rating.criterion: rating for rating in latest_of(customer, day=today)}
    return [Opinion(code, str(label), counts.get(code)) for code, label in Rating.Criterion.choices]


def history_of(customer: Customer) -> QuerySet[Rating]:
    """Every rating ever given, the latest first."""
    given = Rating.objects.filter(customer=customer).select_related("by")
    return given.order_by("-rated_on", "-id")


def _is_new(given: Given, counts: Rating | None) -> bool:
    return counts is None or (given.points, given.note) != (counts.points, counts.note)


def _check(customer: Customer, given: Mapping[str, Given], by: User) -> None:
    if not may_rate(by, customer):
        raise CannotRate(_("Only the owner of a customer, a manager or an administrator rates it."))
    if not set(given) <= set(Rating.Criterion.values):
        raise CannotRate(_("A criterion is not known."))
    if any(not WORST <= each.points <= BEST for each in given.values()):
        raise CannotRate(_("A rating is a whole number from 1 to 5."))
