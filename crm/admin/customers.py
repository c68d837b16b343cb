from django.contrib import admin

from crm.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from crm.models import Contact, Customer, OwnerChange, Tag, User
from crm.services.ownership import assign


class ContactInline(admin.StackedInline):
    model = Contact
    extra = 0


class OwnerChangeInline(ReadOnlyInline):
    model = OwnerChange
    fields = ["changed_at", "from_owner", "to_owner", "by", "reason"]


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "owner", "region", "city", "industry"]
    list_filter = ["owner__team", "region", "industry", "buyer_type"]
    list_select_related = ["owner"]
    search_fields = ["code", "name", "alias", "phone", "tax_id"]
    autocomplete_fields = ["owner"]
    filter_horizontal = ["tags"]
    inlines = [ContactInline, OwnerChangeInline]
    ordering = ["code"]
    show_facets = admin.ShowFacets.NEVER

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.sellers()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        """A new owner goes through the service, which keeps the history."""
        owner = obj.owner
        if change and "owner" in form.changed_data:
            obj.owner_id = form.initial["owner"]
        super().save_model(request, obj, form, change)
        if change and "owner" in form.changed_data:
            customers = Customer.objects.filter(pk=obj.pk)
            assign(customers=customers, to_owner=owner, by=request.user)

    def get_search_results(self, request, queryset, search_term):
        return (queryset.search(search_term) if search_term else queryset), False


@admin.register(Contact)
class ContactAdmin(admin.ModelAdmin):
    list_display = ["name", "customer", "title", "mobile", "is_primary"]
    list_select_related = ["customer"]
    search_fields = ["name", "mobile", "phone", "customer__code", "customer__name"]
    autocomplete_fields = ["customer"]
    ordering = ["customer_id", "-is_primary", "id"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    search_fields = ["name"]
    ordering = ["name"]


@admin.register(OwnerChange)
class OwnerChangeAdmin(ReadOnlyAdmin):
    list_display = ["changed_at", "customer", "from_owner", "to_owner", "by", "reason"]
    list_select_related = ["customer", "from_owner", "to_owner", "by"]
    date_hierarchy = "changed_at"
    ordering = ["-changed_at", "-id"]
