"""The facts, read-only, for programs: the same scope as the pages."""

from django.urls import include, path
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from crm.models import Contact, Customer, Order, OrderLine, Visit


class Pages(PageNumberPagination):
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


class VisibleViewSet(ReadOnlyModelViewSet):
    """Rows that the signed-in user may see, in a fixed order; all others are not found."""

    queryset = None
    order = "id"
    pagination_class = Pages

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user).order_by(self.order)


class ContactSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = ["name", "gender", "title", "mobile", "phone", "wechat", "email", "is_primary"]


class CustomerSerializer(serializers.ModelSerializer):
    owner = serializers.SlugRelatedField(slug_field="username", read_only=True)
    contacts = ContactSerializer(many=True, read_only=True)
    tags = serializers.SlugRelatedField(slug_field="name", many=True, read_only=True)

    class Meta:
        model = Customer
        fields = [
            "code",
            "name",
            "alias",
            "owner",
            "kind",
            "buyer_type",
            "industry",
            "region",
            "city",
            "district",
            "address",
            "latitude",
            "longitude",
            "phone",
            "email",
            "tax_id",
            "credit_days",
            "yearly_need",
            "since",
            "tags",
            "contacts",
            "updated_at",
        ]


class CustomerFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Code, name or phone")
    owner = filters.CharFilter("owner__username")
    changed_after = filters.IsoDateTimeFilter("updated_at", "gt")

    class Meta:
        model = Customer
        fields = ["code", "region", "city", "industry"]

    def search(self, customers, name, text):
        return customers.search(text)


class CustomerViewSet(VisibleViewSet):
    queryset = Customer.objects.select_related("owner").prefetch_related("contacts", "tags")
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    lookup_field = "code"
    lookup_value_regex = "[^/]+"


class OrderLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="product.sku", read_only=True)
    product = serializers.CharField(source="product.name", read_only=True)

    class Meta:
        model = OrderLine
        fields = ["position", "sku", "product", "quantity", "unit_price", "unit_cost", "list_price"]


class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    paid = serializers.DecimalField(16, 2, read_only=True)
    owed = serializers.DecimalField(16, 2, read_only=True)

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
            "base_amount",
            "base_cost",
            "due_on",
            "paid",
            "owed",
        ]


class OrderWithLinesSerializer(OrderSerializer):
    lines = OrderLineSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "lines"]


class OrderFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    ordered_on = filters.DateFromToRangeFilter()

    class Meta:
        model = Order
        fields = ["status", "currency"]


class OrderViewSet(VisibleViewSet):
    queryset = Order.objects.select_related("customer").with_paid()
    filterset_class = OrderFilter
    lookup_field = "number"
    lookup_value_regex = "[^/]+"

    def get_queryset(self):
        orders = super().get_queryset()
        return orders if self.action == "list" else orders.prefetch_related("lines__product")

    def get_serializer_class(self):
        return OrderSerializer if self.action == "list" else OrderWithLinesSerializer


class VisitSerializer(serializers.ModelSerializer):
    customer = serializers.SlugRelatedField(slug_field="code", read_only=True)
    by = serializers.SlugRelatedField(slug_field="username", read_only=True)
    contact = serializers.CharField(source="contact.name", default=None, read_only=True)

    class Meta:
        model = Visit
        fields = [
            "id",
            "customer",
            "by",
            "contact",
            "happened_at",
            "channel",
            "direction",
            "minutes",
            "outcome",
            "summary",
            "needs",
            "competitor",
            "satisfaction",
            "next_on",
        ]


class VisitFilter(filters.FilterSet):
    customer = filters.CharFilter("customer__code")
    by = filters.CharFilter("by__username")
    happened_at = filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = Visit
        fields = ["channel", "outcome"]


class VisitViewSet(VisibleViewSet):
    queryset = Visit.objects.select_related("customer", "by", "contact")
    serializer_class = VisitSerializer
    filterset_class = VisitFilter


router = SimpleRouter()
router.register("customers", CustomerViewSet)
router.register("orders", OrderViewSet)
router.register("visits", VisitViewSet)
urlpatterns = [path("", include(router.urls))]
