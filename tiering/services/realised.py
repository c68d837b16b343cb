"""What became of the alerts that were raised: how right they were, and what acting did."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from crm.models import Order
from tiering.churn.realised import Band, Cases, by_band, difference, realised
from tiering.models import ChurnAlert, GradeChange, NightRun
from tiering.models.alert import HORIZON
from tiering.services.thresholds import YEAR, judged
from tiering.windows import LIVE_ORDER_DAYS, LIVE_SILENCE

ALONE = Q(acted=False)
# Of judged alerts: how many, acted on, left alone, of these without an order after, and of those
# acted on with one.
COUNTS = {
    "n": Count("pk"),
    "with_act": Count("pk", filter=~ALONE),
    "without": Count("pk", filter=ALONE),
    "right": Count("pk", filter=ALONE & Q(was_right=True)),
    "ordered": Count("pk", filter=~ALONE & Q(was_right=False)),
}
# The signal that an alert keeps follows the silence: after 180 days nobody is live any more, so
# it would tell how the alert went on. `rung` is that of the night that raised it.
LOGISTIC, MBG = ChurnAlert.Signal.LOGISTIC.value, ChurnAlert.Signal.MBG.value
WHEN_RAISED = Case(
    When(~Q(badge=""), then=F("badge")),
    When(
        rung=LOGISTIC,
        order_days__gte=LIVE_ORDER_DAYS,
        opened_on__lte=F("silent_since") + timedelta(days=LIVE_SILENCE),
        then=Value(LOGISTIC),
    ),
    default=Value(MBG),
)


@dataclass(frozen=True)
class Became:
    """Of the alerts judged in a year: [alerts, without an order after] of each kind.

    alone    told of, and nobody acted
    held     the shadow list: held back by the budget for all of its 90 days, and nobody acted
    acted    somebody acted, apart, because a saved customer looks like a false alarm
    share    how right those told of would have been without help, see `churn.realised`
    bands    the same alerts by chance when raised; `gap`: how much rarer it was that no order
             followed where somebody acted, at like chances
    """

    alone: tuple[int, int]
    held: tuple[int, int]
    acted: tuple[int, int]
    share: float | None
    bands: list[Band]
    gap: float | None

    @property
    def distance(self) -> float:
        return abs(self.gap or 0)

    @property
    def n(self) -> int:
        return self.alone[0] + self.held[0] + self.acted[0]


def became(*, as_of: date) -> Became:
    """Of alerts judged in the year before a day, of the whole company; no names."""
    cases = judged(as_of)
    bands = by_band(cases)
    return Became(
        alone=_counts(cases, cases.told & ~cases.acted),
        held=_counts(cases, ~cases.told & ~cases.acted),
        acted=_counts(cases, cases.acted),
        share=realised(cases),
        bands=bands,
        gap=difference(bands),
    )


def regained(alerts: QuerySet[ChurnAlert], *, as_of: date) -> dict[str, Any]:
    """Of these alerts (`visible_to` a reader: money is told of one's own customers only), judged
    in the year before a day: `customers` acted on who ordered within the 90 days, and the net
    `revenue` of these days."""
    window = {"gt": OuterRef("opened_on"), "lte": OuterRef("opened_on") + HORIZON}
    orders = Order.objects.counted().filter(
        customer=OuterRef("customer"),
        **{f"ordered_on__{edge}": day for edge, day in window.items()},
    )
    sums = orders.order_by().values("customer").annotate(sum=Sum("base_amount")).values("sum")
    rows = _judged(alerts, as_of).filter(acted=True, was_right=False).annotate(net=Subquery(sums))
    return rows.aggregate(customers=Count("net"), revenue=Sum("net", default=0))


def by_salesperson(alerts: QuerySet[ChurnAlert], *, as_of: date) -> list[dict[str, Any]]:
    """Of these alerts (`visible_to` a reader), judged in the year before a day: by the owner of
    today [name, alerts, acted on, left alone, and of these without an order after]."""
    found = _judged(alerts, as_of).values("customer__owner", "customer__owner__name")
    found = found.annotate(**COUNTS).order_by("customer__owner__name", "customer__owner")
    return [dict(row) for row in found]


def by_grade_and_signal(*, as_of: date) -> list[dict[str, Any]]:
    """The same counts of the whole company, no names, by part (`grade:key`, `signal:mbg`); both
    are those of the night that raised the alert, one that had no grade is in no grade."""
    was = GradeChange.objects.filter(
        customer=OuterRef("customer"), as_of__lte=OuterRef("opened_on")
    )
    night = NightRun.objects.filter(as_of=OuterRef("opened_on"))
    alerts = _judged(ChurnAlert.objects.all(), as_of)
    ruled = alerts.annotate(rung=Subquery(night.values("fit__rung")[:1]))
    graded = alerts.annotate(part=Subquery(was.latest_first().values("to_grade")[:1]))
    parts = {"grade": graded, "signal": ruled.annotate(part=WHEN_RAISED)}
    return [
        dict(row) | {"part": f"{name}:{row['part']}"}
        for name, rows in parts.items()
        for row in rows.order_by().values("part").annotate(**COUNTS)
    ]


def _judged(alerts: QuerySet[ChurnAlert], as_of: date) -> QuerySet[ChurnAlert]:
    rows = alerts.filter(judged_on__gt=as_of - YEAR, judged_on__lt=as_of)
    return rows.exclude(outcome=ChurnAlert.Outcome.WITHDRAWN)


def _counts(cases: Cases, chosen: Any) -> tuple[int, int]:
    return int(chosen.sum()), int((chosen & cases.right).sum())
