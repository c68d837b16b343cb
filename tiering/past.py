"""The book as it stood on a past night: which night a reader asked for, and who stood where."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)

from crm.models import Customer, OwnerChange, User
from tiering.models import Grade, GradeChange, NightRun
from tiering.services.history import NIGHTS_KEPT

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Book:
    """The book of one night, as an address asked for it by `as_of`.

    asked    the day asked for; None for the latest night
    night    the finished night shown: that of the day, or the last one before it
    latest   the last finished night of all
    before, after    the finished nights beside the one shown, as days
    problem  why there is no book of that day (then there is no night): nonsense, future,
             too_early (`after` is the first night), no_night
    """

    asked: date | None = None
    night: NightRun | None = None
    latest: NightRun | None = None
    before: date | None = None
    after: date | None = None
    problem: str = ""

    @property
    def is_past(self) -> bool:
        return self.night is not None and self.night != self.latest

    @property
    def is_of_another_day(self) -> bool:
        """Whether no night of the day asked for has finished."""
        return bool(self.asked and self.night and self.asked != self.night.as_of)


def book_on(text: str, *, today: date) -> Book:
    """The book of the day written in an address (2025-03-10); of the latest night if empty."""
    latest, before = _two(NightRun.objects.finished())
    if not text:
        return Book(night=latest, latest=latest, before=_day(before))
    asked = parse_day(text)
    if asked is None:
        return Book(latest=latest, problem="nonsense")
    if asked > max(today, _day(latest) or today):
        return Book(asked, latest=latest, problem="future")
    if latest is None:
        return Book(asked, problem="no_night")
    if asked >= latest.as_of:
        return Book(asked, latest, latest, before=_day(before))
    return _past_book(asked, latest)


def parse_day(text: str) -> date | None:
    """A date as addresses write it; None for anything else."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _past_book(asked: date, latest: NightRun) -> Book:
    finished = NightRun.objects.finished()
    night, before = _two(finished.filter(as_of__lte=asked))
    after = finished.filter(as_of__gt=asked).order_by("as_of").first()
    problem = "" if night else "too_early"
    return Book(asked, night, latest, _day(before), _day(after), problem)


def _two(nights: QuerySet[NightRun]) -> list[NightRun | None]:
    """The last two of these nights, with what pages say of them."""
    found = nights.select_related("policy", "fit").order_by("-as_of")[:2]
    return [*found, None, None][:2]


def _day(night: NightRun | None) -> date | None:
    return night.as_of if night else None


def keeps_every_figure(night: NightRun) -> bool:
    """Whether the figures of every customer are still kept: of 35 nights and of month ends."""
    later = NightRun.objects.finished().filter(as_of__gt=night.as_of)
    month = later.filter(as_of__year=night.as_of.year, as_of__month=night.as_of.month)
    return later[:NIGHTS_KEPT].count() < NIGHTS_KEPT or not month.exists()


def customers_on(night: NightRun, *, user: User) -> QuerySet[Customer]:
    """The customers that this user may see today and that were graded by then, as they stood.

    `then_…` of each: grade, eligible, since, cause; the owner of that night (None: the pool);
    and, None where they are no longer kept, the figures of the night.
    """
    changes = GradeChange.objects.visible_to(user).in_force_on(night.as_of)
    book = Customer.objects.visible_to(user).annotate(
        was=FilteredRelation("grade_changes"),
        kept=FilteredRelation("snapshots", condition=Q(snapshots__as_of=night.as_of)),
    )
    return book.filter(was__in=changes.values("pk")).annotate(
        then_grade=F("was__to_grade"),
        then_place=place_of("was__to_grade"),
        then_eligible=F("was__eligible"),
        then_since=F("was__as_of"),
        then_cause=F("was__cause"),
        then_kept=F("kept__as_of"),
        then_owner=owner_on(night),
        **{f"then_{name}": F(f"kept__{name}") for name in KEPT},
    )


KEPT = ("value", "continuing_value", "p_none", "rank", "behaviour", "computed_grade")


def place_of(grade: str) -> Case:
    """0 for the best grade, for sorting."""
    return Case(*(When(**{grade: each}, then=place) for place, each in enumerate(Grade.values)))


def owner_on(night: NightRun) -> Case:
    """Who looked after the customer that night: whoever the first change since took it from."""
    since = OwnerChange.objects.filter(
        customer=OuterRef("pk"), changed_at__gt=night.finished_at
    ).order_by("changed_at", "id")
    return Case(
        When(Exists(since), then=Subquery(since.values("from_owner")[:1])),
        default=F("owner_id"),
        output_field=BigIntegerField(),
    )
