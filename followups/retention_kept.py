"""Retention figures of a past night: which nights are kept, and the sums behind a figure.

What each customer added is kept of the latest night only; of the last night of each month
the sums by owner, region, industry and grade, which are listed here and add up to the figure.
"""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import ListSpec, Sort
from followups.retention_filter import KeptFilter
from followups.retention_list import adding, totals, with_own
from followups.retention_words import WORDS
from tiering.models import NightRun, RetentionSummary
from tiering.models.grade import place_of
from tiering.retention import Figure


class Shown(NamedTuple):
    """The night whose figures are shown, and the latest."""

    night: NightRun
    latest: NightRun

    @property
    def is_past(self) -> bool:
        return self.night != self.latest


def shown_on(asked: date | None) -> Shown | None:
    """The latest night, or the last one kept by the day asked for; None where there is none."""
    latest = NightRun.objects.latest_finished()
    if latest is None or asked is None or asked >= latest.as_of:
        return latest and Shown(latest, latest)
    sums = RetentionSummary.objects.filter(run=OuterRef("pk"))
    kept = NightRun.objects.filter(Exists(sums), as_of__lte=asked).latest_finished()
    return kept and Shown(kept, latest)


def sums_behind(user: Any, night: NightRun, figure: Figure) -> QuerySet[Any]:
    sums = RetentionSummary.objects.visible_to(user).filter(run=night)
    return adding(sums.annotate(place=place_of("grade")), figure)


def sums_of(figure: Figure, night: NightRun) -> ListSpec:
    words = WORDS[figure.code]
    return ListSpec(
        name="retention",
        template="followups/retention/kept",
        filterset=KeptFilter,
        sorts={
            "grade": Sort(_("Grade"), ("place", "owner__name")),
            "owner": Sort(_("Owner"), ("owner__name", "place")),
            "top": Sort(words.top, ("top",), falling=True),
            "bottom": Sort(words.bottom, ("bottom",), falling=True),
        },
        default="-top" if figure.of_the_largest else "-bottom",
        totals=lambda sums, asked: totals(sums, figure),
        detailed=lambda sums: with_own(sums.select_related("owner"), figure),
        columns=columns_of(figure, night),
        on=night.as_of,
    )


def columns_of(figure: Figure, night: NightRun) -> list[Column]:
    words = WORDS[figure.code]
    return [
        Column(_("As of"), lambda sums: night.as_of),
        Column(_("Grade"), lambda sums: sums.get_grade_display()),
        Column(_("Owner"), "owner.name"),
        Column(_("Region"), "region"),
        Column(_("Industry"), "industry"),
        Column(words.top, "top"),
        *([] if figure.of_the_largest else [Column(words.bottom, "bottom")]),
        Column(words.title, "own"),
    ]
