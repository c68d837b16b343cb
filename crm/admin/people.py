from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from crm.models import Team, User


class UserAddForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["username", "name", "role", "team"]


class UserEditForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(StockUserAdmin):
    add_form = UserAddForm
    form = UserEditForm
    fieldsets = [
        (None, {"fields": ["username", "password", "name", "email"]}),
        (_("Work"), {"fields": ["role", "team", "is_active"]}),
        (_("Preferences"), {"fields": ["language", "time_zone"]}),
        (_("Dates"), {"fields": ["last_login", "joined_at"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "name",
                    "role",
                    "team",
                    "usable_password",
                    "password1",
                    "password2",
                ]
            },
        )
    ]
    list_display = ["username", "name", "role", "team", "is_active", "last_login"]
    list_filter = ["role", "team", "is_active"]
    list_select_related = ["team"]
    search_fields = ["username", "name", "email"]
    readonly_fields = ["last_login", "joined_at"]
    filter_horizontal = []
    ordering = ["username"]

    def has_delete_permission(self, request, obj=None):
        return False  # what people did stays theirs: they are made inactive instead


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ["name", "parent"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    ordering = ["name"]
