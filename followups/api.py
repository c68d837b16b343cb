"""Follow-ups, read-only, for programs."""

from django.urls import include, path
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from crm.api import VisibleViewSet
from followups.api_winback import LostCustomerViewSet, WinBackViewSet
from followups.models import FollowUp


class FollowUpSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    assignee = serializers.SlugRelatedField(slug_field="username", read_only=True)

    class Meta:
        model = FollowUp
        fields = [
            "id",
            "customer",
            "assignee",
            "reason",
            "state",
            "due_on",
            "first_due_on",
            "opened_on",
            "closed_at",
            "visit",
            "alert",
            "case",
            "promise",
            "note",
        ]


class FollowUpFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    assignee = filters.CharFilter("assignee__username")
    due_on = filters.DateFromToRangeFilter()

    class Meta:
        model = FollowUp
        fields = ["state", "reason"]


class FollowUpViewSet(VisibleViewSet):
    queryset = FollowUp.objects.select_related("customer", "assignee")
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilter


router = SimpleRouter()
router.register("follow-ups", FollowUpViewSet)
router.register("win-backs", WinBackViewSet)
router.register("lost-customers", LostCustomerViewSet)
urlpatterns = [path("", include(router.urls))]
