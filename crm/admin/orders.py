from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from crm.models import ExchangeRate, Order, OrderLine, Payment, Product
from crm.services.currency import NoRate, price_in_base, reprice


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    extra = 0
    autocomplete_fields = ["product"]


class PaymentInline(admin.TabularInline):
    model = Payment
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["sku", "name", "category", "unit", "list_price", "is_active"]
    list_filter = ["is_active", "category"]
    search_fields = ["sku", "name"]
    ordering = ["sku"]


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin):
    list_display = ["currency", "valid_from", "rate"]
    list_filter = ["currency"]
    ordering = ["currency", "-valid_from"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        reprice(currency=obj.currency)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        reprice(currency=obj.currency)


class OrderForm(forms.ModelForm):
    class Meta:
        model = Order
        fields = [
            "number",
            "customer",
            "ordered_on",
            "status",
            "currency",
            "amount",
            "cost",
            "due_on",
            "returns",
        ]

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            try:
                price_in_base(self.instance_with(cleaned))
            except NoRate as error:
                raise ValidationError({"currency": str(error)}) from error
        return cleaned

    def instance_with(self, cleaned):
        for name in ("currency", "ordered_on", "amount", "cost"):
            setattr(self.instance, name, cleaned[name])
        return self.instance


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    form = OrderForm
    list_display = ["number", "customer", "ordered_on", "status", "amount", "currency", "due_on"]
    list_filter = ["status", "currency"]
    list_select_related = ["customer"]
    search_fields = ["number", "customer__code"]
    autocomplete_fields = ["customer", "returns"]
    date_hierarchy = "ordered_on"
    inlines = [OrderLineInline, PaymentInline]
    ordering = ["-ordered_on", "-id"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ["order", "paid_on", "amount"]
    list_select_related = ["order"]
    search_fields = ["order__number"]
    autocomplete_fields = ["order"]
    date_hierarchy = "paid_on"
    ordering = ["-paid_on", "-id"]
