"""Grades and alerts, read-only, for programs."""

from django.urls import include, path
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from crm.api import VisibleViewSet
from tiering.models import ChurnAlert, Standing


class StandingSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    as_of = serializers.DateField(source="run.as_of", read_only=True)
    policy = serializers.IntegerField(source="run.policy.version", read_only=True)

    class Meta:
        model = Standing
        fields = [
            "customer",
            "as_of",
            "policy",
            "grade",
            "computed_grade",
            "behaviour",
            "watch",
            "watch_level",
            "watch_on",
            "eligible",
            "value",
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
            "value_at_risk",
        ]


class StandingFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    owner = filters.CharFilter("customer__owner__username")

    class Meta:
        model = Standing
        fields = ["grade", "behaviour", "watch", "eligible", "later_than_usual"]


class StandingViewSet(VisibleViewSet):
    queryset = Standing.objects.select_related("customer", "run__policy")
    serializer_class = StandingSerializer
    filterset_class = StandingFilter
    lookup_field = "customer__code"
    lookup_url_kwarg = "customer"
    lookup_value_regex = "[^/]+"
    order = "customer_id"


class AlertSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = ChurnAlert
        fields = [
            "id",
            "customer",
            "signal",
            "state",
            "silent_since",
            "opened_on",
            "seen_on",
            "p_none",
            "value_at_risk",
            "silent_days",
            "usual_gap",
            "long_gap",
            "closed_on",
            "outcome",
        ]


class AlertFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    owner = filters.CharFilter("customer__owner__username")
    opened_on = filters.DateFromToRangeFilter()

    class Meta:
        model = ChurnAlert
        fields = ["state", "signal", "outcome"]


class AlertViewSet(VisibleViewSet):
    queryset = ChurnAlert.objects.select_related("customer")
    serializer_class = AlertSerializer
    filterset_class = AlertFilter


router = SimpleRouter()
router.register("standings", StandingViewSet)
router.register("alerts", AlertViewSet)
urlpatterns = [path("", include(router.urls))]
