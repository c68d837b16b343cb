"""Grades and alerts, read-only, for programs."""

from datetime import date

from django.urls import include, path
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from crm.api import VisibleViewSet
from tiering.alert_words import sentence
from tiering.models import ChurnAlert, NightRun, Override, Standing
from tiering.past import customers_on
from tiering.past_api import PastStandingFilter, PastStandingSerializer, past_night
from tiering.quality_words import Cases, cases_like
from tiering.serializers import ExplanationSerializer, explanation_of

WATCH = {
    Standing.Watch.NONE: "",
    Standing.Watch.UP: "up",
    Standing.Watch.DOWN: "down",
    Standing.Watch.LEAVES: "leaves",
}


class OverrideSerializer(serializers.ModelSerializer):
    by = serializers.SlugRelatedField(slug_field="username", read_only=True)

    class Meta:
        model = Override
        fields = ["grade", "reason", "by", "starts_on", "until"]


class StandingSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    as_of = serializers.DateField(source="run.as_of", read_only=True)
    policy = serializers.IntegerField(source="run.policy.version", read_only=True)
    basis = serializers.CharField(source="run.basis", read_only=True)
    score = serializers.DecimalField(
        source="measured", max_digits=18, decimal_places=2, read_only=True
    )
    watch = serializers.SerializerMethodField()
    override = OverrideSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Standing
        fields = [
            "customer",
            "as_of",
            "policy",
            "basis",
            "grade",
            "computed_grade",
            "override",
            "level",
            "computed_level",
            "score",
            "behaviour",
            "watch",
            "watch_level",
            "watch_on",
            "eligible",
            "value",
            "revenue",
            "p_none",
            "continuing_value",
            "rank",
            "order_days",
            "order_days_365",
            "first_order_on",
            "last_order_on",
            "silent_days",
            "usual_gap",
            "long_gap",
            "later_than_usual",
            "p_none_90",
            "signal",
            "value_at_risk",
        ]

    def get_watch(self, standing) -> str:
        """What will happen unless something changes: up, down, leaves, or nothing."""
        return WATCH[standing.watch]


class ExplainedSerializer(StandingSerializer):
    explanation = serializers.SerializerMethodField()

    class Meta(StandingSerializer.Meta):
        fields = [*StandingSerializer.Meta.fields, "explanation"]

    @extend_schema_field(ExplanationSerializer(allow_null=True))
    def get_explanation(self, standing) -> dict | None:
        return explanation_of(standing)


class StandingFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    owner = filters.CharFilter("customer__owner__username")
    watch = filters.ChoiceFilter(
        choices=[(code, code) for code in WATCH.values() if code], method="watched"
    )

    class Meta:
        model = Standing
        fields = ["grade", "level", "behaviour", "eligible", "later_than_usual"]

    def watched(self, standings, name, code):
        return standings.filter(watch=next(each for each in WATCH if WATCH[each] == code))


AS_OF = OpenApiParameter(
    "as_of",
    date,
    description=(
        "The book as it stood on a past day, of the customers you see today: customer, as_of,"
        " policy, basis, grade, since, cause, eligible; and computed_grade, behaviour, value,"
        " p_none, continuing_value and rank, null where they are no longer kept. Filters then are"
        " customer, grade and eligible."
    ),
)


class StandingViewSet(VisibleViewSet):
    """The list says where customers stand; one of them is told with its explanation."""

    queryset = Standing.objects.select_related(
        "customer", "run__policy", "run__fit", "override__by"
    )
    serializer_class = StandingSerializer
    filterset_class = StandingFilter
    lookup_field = "customer__code"
    lookup_url_kwarg = "customer"
    lookup_value_regex = "[^/]+"
    order = "customer_id"

    def get_serializer_class(self):
        return ExplainedSerializer if self.action == "retrieve" else StandingSerializer

    @extend_schema(parameters=[AS_OF])
    def list(self, request, *args, **kwargs):
        asked = request.query_params.dict()
        night = past_night(asked, today=timezone.localdate()) if "as_of" in asked else None
        return self.list_of(night) if night else super().list(request, *args, **kwargs)

    def list_of(self, night) -> Response:
        rows = customers_on(night, user=self.request.user).order_by("pk")
        found = PastStandingFilter(self.request.query_params, rows)
        if not found.is_valid():
            raise ValidationError(found.errors)
        page = self.paginate_queryset(found.qs)
        told = PastStandingSerializer(page, many=True, context={"night": night})
        return self.get_paginated_response(told.data)


class AlertSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    sentence = serializers.SerializerMethodField()
    precision = serializers.SerializerMethodField(
        help_text="How often alerts like this were right on the company's own past."
    )
    cases = serializers.SerializerMethodField(help_text="Of how many such alerts that is.")

    def get_precision(self, alert: ChurnAlert) -> float | None:
        found = self._like(alert)
        return found and found.share

    def get_cases(self, alert: ChurnAlert) -> int | None:
        found = self._like(alert)
        return found and found.n

    def _like(self, alert: ChurnAlert) -> Cases | None:
        standing = getattr(alert.customer, "standing", None)
        return cases_like(self.context["night"], standing and standing.grade, alert.badge)

    class Meta:
        model = ChurnAlert
        fields = [
            "id",
            "customer",
            "signal",
            "badge",
            "sentence",
            "state",
            "silent_since",
            "opened_on",
            "told_on",
            "acknowledged_on",
            "snoozed_until",
            "seen_on",
            "p_none",
            "value_at_risk",
            "silent_days",
            "silent_holidays",
            "usual_gap",
            "long_gap",
            "closed_on",
            "outcome",
            "reason",
            "judged_on",
            "was_right",
            "acted",
            "precision",
            "cases",
        ]

    def get_sentence(self, alert) -> str:
        """In the language of the request."""
        return sentence(alert, self.context["night"])


class AlertFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    owner = filters.CharFilter("customer__owner__username")
    opened_on = filters.DateFromToRangeFilter()

    class Meta:
        model = ChurnAlert
        fields = ["state", "signal", "badge", "outcome"]


class AlertViewSet(VisibleViewSet):
    queryset = ChurnAlert.objects.select_related("customer__standing")
    serializer_class = AlertSerializer
    filterset_class = AlertFilter

    def get_serializer_context(self):
        night = SimpleLazyObject(NightRun.objects.latest_finished)
        return super().get_serializer_context() | {"night": night}


router = SimpleRouter()
router.register("standings", StandingViewSet)
router.register("alerts", AlertViewSet)
urlpatterns = [path("", include(router.urls))]
