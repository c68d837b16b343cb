"""What became of the alerts that were raised: how right they were, and what acting did."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from tiering.bulk import copy_out
from tiering.churn.realised import Band, Cases, by_band, difference, realised
from tiering.models import ChurnAlert
from tiering.services.thresholds import YEAR, judged

REGAINED = """
SELECT count(DISTINCT a.id), (coalesce(sum(o.base_amount), 0) * 100)::bigint
FROM tiering_churnalert a JOIN crm_order o ON o.customer_id = a.customer_id
WHERE a.judged_on > %(since)s AND a.judged_on < %(as_of)s AND a.outcome <> 'withdrawn'
  AND a.acted AND NOT a.was_right AND o.status <> 'cancelled'
  AND o.ordered_on > a.opened_on AND o.ordered_on <= a.opened_on + 90
"""


@dataclass(frozen=True)
class Became:
    """Of the alerts judged in a year: [alerts, without an order after] of each kind.

    alone    told of, and nobody acted
    held     the shadow list: held back by the budget for all of its 90 days, and nobody acted
    acted    somebody acted, apart, because a saved customer looks like a false alarm
    share    how right those told of would have been without help, see `churn.realised`
    bands    the same alerts by chance when raised; `gap`: how much rarer it was that no order
             followed where somebody acted, at like chances
    regained, revenue
             customers acted on who ordered within the 90 days, and the net revenue of these days
    """

    alone: tuple[int, int]
    held: tuple[int, int]
    acted: tuple[int, int]
    share: float | None
    bands: list[Band]
    gap: float | None
    regained: int
    revenue: Decimal

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
    params = {"as_of": as_of, "since": as_of - YEAR}
    found = copy_out(REGAINED, params, {"customers": "i8", "cents": "i8"})
    return Became(
        alone=_counts(cases, cases.told & ~cases.acted),
        held=_counts(cases, ~cases.told & ~cases.acted),
        acted=_counts(cases, cases.acted),
        share=realised(cases),
        bands=bands,
        gap=difference(bands),
        regained=int(found["customers"][0]),
        revenue=Decimal(int(found["cents"][0])) / 100,
    )


def by_salesperson(alerts: QuerySet[ChurnAlert], *, as_of: date) -> list[dict[str, Any]]:
    """Of these alerts (`visible_to` a reader), judged in the year before a day: by the owner of
    today [name, alerts, acted on, left alone, and of these without an order after]."""
    alone = Q(acted=False)
    rows = alerts.filter(judged_on__gt=as_of - YEAR, judged_on__lt=as_of)
    rows = rows.exclude(outcome=ChurnAlert.Outcome.WITHDRAWN)
    found = rows.values("customer__owner", "customer__owner__name").annotate(
        n=Count("pk"),
        with_act=Count("pk", filter=~alone),
        without=Count("pk", filter=alone),
        right=Count("pk", filter=alone & Q(was_right=True)),
        ordered=Count("pk", filter=~alone & Q(was_right=False)),
    )
    return [dict(row) for row in found.order_by("customer__owner__name", "customer__owner")]


def _counts(cases: Cases, chosen: Any) -> tuple[int, int]:
    return int(chosen.sum()), int((chosen & cases.right).sum())
