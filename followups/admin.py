from django.contrib import admin

from crm.admin.read_only import ReadOnlyAdmin
from followups.models import FollowUp, ServicePolicy


@admin.register(ServicePolicy)
class ServicePolicyAdmin(admin.ModelAdmin):
    list_display = ["grade", "every_days", "channel"]
    ordering = ["id"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnlyAdmin):
    list_display = ["due_on", "customer", "reason", "state", "assignee", "closed_at"]
    list_filter = ["reason", "state", "assignee"]
    list_select_related = ["customer", "assignee"]
    search_fields = ["customer__code"]
    date_hierarchy = "due_on"
    ordering = ["-due_on", "-id"]
