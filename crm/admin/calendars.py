from django.contrib import admin

from crm.models import Holiday, HolidayCalendar
from crm.services.calendars import choose_calendar


@admin.register(HolidayCalendar)
class HolidayCalendarAdmin(admin.ModelAdmin):
    list_display = ["code"]

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not HolidayCalendar.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False  # "No holidays" is one of the choices

    def save_model(self, request, obj, form, change):
        """A preset brings its holidays."""
        choose_calendar(code=obj.code)


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    list_display = ["first_on", "last_on", "name", "calendar"]
    list_filter = ["calendar"]
    date_hierarchy = "first_on"
    ordering = ["-first_on", "-id"]
