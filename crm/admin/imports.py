from django.contrib import admin

from crm.admin.read_only import ReadOnlyAdmin
from crm.models import ImportBatch, ImportMapping


@admin.register(ImportMapping)
class ImportMappingAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "by"]
    list_filter = ["kind"]
    list_select_related = ["by"]
    ordering = ["kind", "name"]


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "file_name",
        "kind",
        "state",
        "rows",
        "created",
        "updated",
        "unchanged",
        "rejected",
        "by",
    ]
    list_filter = ["kind", "state"]
    list_select_related = ["by"]
    ordering = ["-created_at", "-id"]
