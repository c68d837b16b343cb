from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.admin.read_only import ReadOnlyAdmin
from tiering.models import (
    AlertEvent,
    ChurnAlert,
    ChurnFit,
    GradeChange,
    NightRun,
    Notice,
    Override,
    Policy,
    SignalQuality,
    SignalSwitch,
    Standing,
)
from tiering.nights import skipped_in_words


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    """Drafted, proposed and published on the pages of the product, where each step is checked."""

    list_display = [
        "version",
        "title",
        "basis",
        "scheme",
        "alert_threshold",
        "alert_precision",
        "valid_from",
    ]
    ordering = ["-version"]

    @admin.display(description=_("name"), ordering="name")
    def title(self, policy):
        return policy.title


@admin.register(NightRun)
class NightRunAdmin(ReadOnlyAdmin):
    list_display = [
        "as_of",
        "state",
        "skipped",
        "policy",
        "customers",
        "graded",
        "changes",
        "alerts_open",
        "alerts_opened",
        "seconds",
    ]
    list_filter = ["state"]
    list_select_related = ["policy"]
    date_hierarchy = "as_of"
    ordering = ["-as_of"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_night_before()

    @admin.display(description=_("nights skipped before it"))
    def skipped(self, night):
        return skipped_in_words(night) or None

    @admin.display(description=_("changed"), ordering="changed")
    def changes(self, night):
        """Opens the changes of that night."""
        address = f"{reverse('changes')}?from={night.as_of}&to={night.as_of}"
        return format_html('<a href="{}">{}</a>', address, night.changed)


@admin.register(ChurnFit)
class ChurnFitAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "state", "customers", "repeats", "rung", "why", "r", "alpha", "a", "b"]
    ordering = ["-as_of"]


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    list_display = ["customer", "grade", "computed_grade", "eligible", "value", "rank"]
    list_filter = ["grade", "eligible", "later_than_usual"]
    list_select_related = ["customer"]
    search_fields = ["customer__code"]
    ordering = ["-value", "customer"]
    show_full_result_count = False


@admin.register(GradeChange)
class GradeChangeAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "customer", "from_grade", "to_grade", "cause"]
    list_filter = ["cause", "from_grade", "to_grade"]
    list_select_related = ["customer"]
    search_fields = ["customer__code"]
    date_hierarchy = "as_of"
    ordering = ["-as_of", "-id"]
    show_full_result_count = False


@admin.register(ChurnAlert)
class ChurnAlertAdmin(ReadOnlyAdmin):
    list_display = ["opened_on", "customer", "state", "p_none", "value_at_risk", "outcome"]
    list_filter = ["state", "outcome"]
    list_select_related = ["customer"]
    search_fields = ["customer__code"]
    date_hierarchy = "opened_on"
    ordering = ["-opened_on", "-id"]


@admin.register(AlertEvent)
class AlertEventAdmin(ReadOnlyAdmin):
    list_display = ["happened_on", "alert", "event", "by", "until", "reason"]
    list_filter = ["event"]
    list_select_related = ["alert", "by"]
    search_fields = ["alert__customer__code"]
    date_hierarchy = "happened_on"
    ordering = ["-id"]
    show_full_result_count = False


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["told_on", "user", "alert", "kind", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["alert", "user"]
    search_fields = ["alert__customer__code", "user__username"]
    date_hierarchy = "told_on"
    ordering = ["-told_on", "-id"]
    show_full_result_count = False


@admin.register(Override)
class OverrideAdmin(ReadOnlyAdmin):
    """Set, ended and decided on the pages of the product, where both grades are seen."""

    list_display = ["starts_on", "until", "customer", "grade", "computed_grade", "by", "verdict"]
    list_filter = ["grade", "verdict"]
    list_select_related = ["customer", "by"]
    search_fields = ["customer__code"]
    date_hierarchy = "starts_on"
    ordering = ["-starts_on", "-id"]


@admin.register(SignalSwitch)
class SignalSwitchAdmin(admin.ModelAdmin):
    list_display = ["signal", "use", "least_grade"]
    readonly_fields = ["signal"]
    ordering = ["signal"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(SignalQuality)
class SignalQualityAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "signal", "n", "right", "base_n", "base_right"]
    list_filter = ["signal"]
    date_hierarchy = "as_of"
    ordering = ["-as_of", "signal"]
