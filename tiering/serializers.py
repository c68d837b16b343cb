"""Why a customer has its computed level, for programs: codes and figures, no sentences."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from tiering.explain import Move
from tiering.models import Standing
from tiering.why import why

MONEY = {"max_digits": 18, "decimal_places": 2}


class FactorSerializer(serializers.Serializer):
    """`own` beside what customers at the line have; `times` multiply, and `log` add up, to
    the score against the line."""

    name = serializers.CharField()
    own = serializers.FloatField()
    at_line = serializers.FloatField()
    times = serializers.FloatField()
    log = serializers.FloatField()


class ContributionSerializer(serializers.Serializer):
    """The amounts add up to the score exactly."""

    name = serializers.CharField()
    amount = serializers.DecimalField(**MONEY)


class CriterionSerializer(serializers.Serializer):
    """`weight` is what counts for this customer: 0 where nothing is known, when `own`, the
    weight of the policy, is shared out over the others."""

    name = serializers.CharField()
    figure = serializers.FloatField(allow_null=True)
    points = serializers.DecimalField(allow_null=True, **MONEY)
    weight = serializers.FloatField()
    own = serializers.FloatField()
    contribution = serializers.DecimalField(**MONEY)
    at_line = serializers.FloatField(allow_null=True)


class DistanceSerializer(serializers.Serializer):
    """So much of the unit to the level. `order`: the revenue of one order that brings so many
    points; `by`: an order until then is enough; `shown_after`: nights until the shown grade
    follows."""

    level = serializers.CharField(source="to")
    is_certain = serializers.BooleanField()
    amount = serializers.DecimalField(**MONEY)
    orders = serializers.IntegerField(allow_null=True)
    order = serializers.DecimalField(allow_null=True, **MONEY)
    by = serializers.DateField(allow_null=True)
    shown_after = serializers.IntegerField()


class ExplanationSerializer(serializers.Serializer):
    """`unit` is profit, revenue or points; `line` the level whose lower edge is compared with.
    `entered_later`: orders of the 365 days that came in after the night and make its sums differ
    from those of today."""

    unit = serializers.CharField()
    scheme = serializers.CharField()
    adapted = serializers.ListField(child=serializers.CharField())
    line = serializers.CharField()
    line_score = serializers.DecimalField(allow_null=True, **MONEY)
    rank = serializers.FloatField(allow_null=True)
    customers = serializers.IntegerField()
    score = serializers.DecimalField(**MONEY)
    entered_later = serializers.IntegerField()
    factors = FactorSerializer(many=True)
    contributions = ContributionSerializer(many=True)
    criteria = CriterionSerializer(many=True)
    up = DistanceSerializer(allow_null=True)
    down = DistanceSerializer(allow_null=True)


def explanation_of(standing: Standing) -> dict[str, Any] | None:
    """None for a night that kept no lines."""
    run = standing.run
    if not run.lines:
        return None
    found = why(standing)
    shape = {
        "unit": "points" if found.book.basis == "points" else found.book.money_is,
        "scheme": run.scheme,
        "adapted": run.reasons,
        "line": found.line,
        "line_score": found.line_score,
        "rank": found.customer.rank,
        "customers": found.book.eligible,
        "score": found.score,
        "entered_later": found.since.entered if found.since else 0,
        "factors": found.factors,
        "contributions": found.parts,
        "criteria": found.criteria,
        "up": distance(found.up, standing, run.policy.nights_up),
        "down": distance(found.down, standing, run.policy.nights_down),
    }
    return ExplanationSerializer(shape).data


def distance(move: Move | None, standing: Standing, nights: int) -> dict[str, Any] | None:
    if move is None:
        return None
    by = standing.run.as_of + timedelta(days=move.by_days) if move.by_days else None
    shown_after = nights if standing.eligible else 0
    return {
        "to": move.to,
        "is_certain": move.is_certain,
        "amount": move.amount,
        "orders": move.orders,
        "order": move.order,
        "by": by,
        "shown_after": shown_after,
    }
