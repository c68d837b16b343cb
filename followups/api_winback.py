"""Lost customers and the plans to win them back, read-only, for programs."""

from django.db.models import Prefetch
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework import serializers

from crm.api import VisibleViewSet
from followups.models import WinBack, WinBackTouch
from tiering.models import LostCustomer


class TouchSerializer(serializers.ModelSerializer):
    done_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = WinBackTouch
        fields = ["due_on", "channel", "what", "done_at"]


class WinBackSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    owner = serializers.SlugRelatedField(slug_field="username", read_only=True)
    started_by = serializers.SlugRelatedField(slug_field="username", read_only=True)
    closed_by = serializers.SlugRelatedField(slug_field="username", read_only=True)
    regained = serializers.DecimalField(16, 2, read_only=True)
    touches = TouchSerializer(many=True, read_only=True)

    class Meta:
        model = WinBack
        fields = [
            "id",
            "customer",
            "owner",
            "state",
            "silent_since",
            "value",
            "chance",
            "started_on",
            "started_by",
            "ends_on",
            "closed_on",
            "closed_by",
            "reason",
            "returned_on",
            "regained",
            "touches",
        ]


class WinBackFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    owner = filters.CharFilter("owner__username")
    started_on = filters.DateFromToRangeFilter()
    closed_on = filters.DateFromToRangeFilter()

    class Meta:
        model = WinBack
        fields = ["state"]


class WinBackViewSet(VisibleViewSet):
    queryset = WinBack.objects.select_related(
        "customer", "owner", "started_by", "closed_by"
    ).prefetch_related(Prefetch("touches", WinBackTouch.objects.in_order()))
    serializer_class = WinBackSerializer
    filterset_class = WinBackFilter

    def get_queryset(self):
        return super().get_queryset().with_regained(today=timezone.localdate())


class LostCustomerSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    owner = serializers.SlugRelatedField("username", source="customer.owner", read_only=True)
    reason = serializers.CharField(read_only=True)
    chance = serializers.FloatField(
        source="share",
        read_only=True,
        help_text="Of return within 180 days; of one who has ordered again as it was said last"
        " before that. Empty where there are too few cases to say.",
    )

    class Meta:
        model = LostCustomer
        fields = [
            "id",
            "customer",
            "owner",
            "last_grade",
            "silent_since",
            "lost_on",
            "reason",
            "order_days",
            "value",
            "chance",
            "expected",
            "returned_on",
        ]


class LostCustomerFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    owner = filters.CharFilter("customer__owner__username")
    lost_on = filters.DateFromToRangeFilter()
    away = filters.BooleanFilter("returned_on", "isnull", label="Has not ordered since")

    class Meta:
        model = LostCustomer
        fields = ["last_grade"]


class LostCustomerViewSet(VisibleViewSet):
    queryset = LostCustomer.objects.select_related("customer__owner", "alert")
    serializer_class = LostCustomerSerializer
    filterset_class = LostCustomerFilter
