"""Why a customer has its grade: what the night kept, put into the pure explanation."""

from decimal import Decimal
from statistics import median

from tiering.explain import Explanation, Line, compared_line, explain
from tiering.explain import Standing as Facts
from tiering.models import NightRun, Standing

NEIGHBOURS = 15


def why(standing: Standing) -> Explanation:
    """The explanation of a standing's computed grade, from its run (select `run__policy`)."""
    lines = lines_of(standing.run)
    facts = Facts(
        grade=standing.computed_grade,
        score=score_of(standing),
        rank=standing.rank if standing.eligible else None,
        orders=standing.order_days_365,
        orders_at_line=orders_at_line(lines.get(compared_line(standing.computed_grade))),
        book=standing.run.graded,
    )
    return explain(facts, lines)


def lines_of(run: NightRun) -> dict[str, Line]:
    """The lower edge of each grade as the night stored it, in money."""
    return {
        grade: Line(line["places"], _money(line["inside"]), _money(line["outside"]))
        for grade, line in run.lines.items()
    }


def score_of(standing: Standing) -> Decimal:
    """What the policy of the night measures."""
    return standing.value if standing.score is None else standing.measured


def orders_at_line(line: Line | None) -> float | None:
    """Order days a year of the customers just above a line: the median of fifteen."""
    if line is None or line.inside is None:
        return None
    above = Standing.objects.filter(eligible=True, value__gte=line.inside)
    nearest = above.order_by("value", "customer_id")[:NEIGHBOURS]
    days = [standing.order_days_365 for standing in nearest.only("order_days_365")]
    return float(median(days)) if days else None


def _money(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)
