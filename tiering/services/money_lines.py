"""Lines in money to begin with, from what the customers of the last night are worth."""

from decimal import Decimal
from itertools import pairwise

from tiering.models import NightRun, Standing
from tiering.rules import DEFAULT_SHARES, GRADES, cumulative
from tiering.schemes import places_of_shares

FIGURES = 2


def lines_of_last_night() -> dict[str, float]:
    """By grade but the last, what the last customer inside is worth where the default shares
    cut the last night, rounded to two figures: value likely to continue, without a churn
    model value. Empty without a night, and where such lines would not fall or not be above 0."""
    run = NightRun.objects.latest_finished()
    if run is None or not run.graded:
        return {}
    edges = cumulative(DEFAULT_SHARES, GRADES)
    found = [float(_rounded(amount)) for amount in _worth(run, places_of_shares(run.graded, edges))]
    if min(found) <= 0 or any(upper <= lower for upper, lower in pairwise(found)):
        return {}
    return dict(zip(GRADES[:-1], found, strict=True))


def _worth(run: NightRun, places: list[int]) -> list[Decimal]:
    """Of the customers on these places, 1 for the best."""
    book = Standing.objects.filter(run=run, eligible=True)
    worth = "continuing_value" if run.fit and run.fit.r is not None else "value"
    best = book.order_by(f"-{worth}", "customer_id").values_list(worth, flat=True)
    return [best[place - 1] for place in places]


def _rounded(amount: Decimal) -> Decimal:
    return round(amount, FIGURES - 1 - amount.adjusted()) if amount else amount
