from django.contrib import admin

from crm.models import Case, Promise, Visit


class PromiseInline(admin.TabularInline):
    model = Promise
    extra = 0


@admin.register(Visit)
class VisitAdmin(admin.ModelAdmin):
    list_display = ["happened_at", "customer", "by", "channel", "outcome", "next_on"]
    list_filter = ["channel", "outcome", "direction"]
    list_select_related = ["customer", "by"]
    search_fields = ["customer__code", "customer__name", "summary"]
    autocomplete_fields = ["customer", "by", "contact"]
    date_hierarchy = "happened_at"
    inlines = [PromiseInline]
    ordering = ["-happened_at", "-id"]


@admin.register(Promise)
class PromiseAdmin(admin.ModelAdmin):
    list_display = ["what", "visit", "due_on", "kept", "settled_on"]
    list_filter = ["kept"]
    list_select_related = ["visit"]
    search_fields = ["what", "visit__customer__code"]
    autocomplete_fields = ["visit"]
    ordering = ["-due_on", "-id"]


@admin.register(Case)
class CaseAdmin(admin.ModelAdmin):
    list_display = ["number", "customer", "kind", "subject", "due_on", "closed_on", "assignee"]
    list_filter = ["kind", "assignee"]
    list_select_related = ["customer", "assignee"]
    search_fields = ["subject", "customer__code", "customer__name"]
    autocomplete_fields = ["customer", "contact", "order", "assignee"]
    date_hierarchy = "opened_on"
    ordering = ["-opened_on", "-id"]
