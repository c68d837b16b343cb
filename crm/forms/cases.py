from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.forms.conflicts import KeepsBothForm
from crm.forms.fields import DayInput
from crm.models import Case, Order, User


class CaseForm(KeepsBothForm):
    """A case of one customer: its contact and its order are that customer's own."""

    more_columns = ["order"]
    order_number = forms.CharField(
        label=_("Order"),
        required=False,
        max_length=60,
        help_text=_("Its number, if it is about one."),
    )

    class Meta:
        model = Case
        fields = [
            "kind",
            "subject",
            "description",
            "due_on",
            "contact",
            "assignee",
            "warranty_until",
            "repeat_days",
        ]
        widgets = {
            "due_on": DayInput,
            "warranty_until": DayInput,
            "description": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        customer = self.instance.customer
        self.fields["contact"].queryset = customer.contacts.order_by("-is_primary", "name", "id")
        self.fields["assignee"].queryset = self.possible_assignees().order_by("name", "id")
        if self.instance.order:
            self.initial.setdefault("order_number", self.instance.order.number)

    def again(self):
        return {"by": self.by}

    def possible_assignees(self):
        """Those whose work the user may see, and whoever has the case or the customer now."""
        now = {self.instance.assignee_id, self.instance.customer.owner_id} - {None}
        others = User.objects.filter(pk__in=now)
        return (User.objects.visible_to(self.by).active() | others).distinct()

    def clean_order_number(self):
        number = self.cleaned_data["order_number"].strip()
        if not number:
            self.instance.order = None
            return number
        order = Order.objects.filter(customer=self.instance.customer, number=number).first()
        if order is None:
            raise forms.ValidationError(gettext("This customer has no order of that number."))
        self.instance.order = order
        return number

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("repeat_days") and cleaned.get("kind") != Case.Kind.INSPECTION:
            self.add_error("repeat_days", gettext("Only inspection rounds repeat."))
        return cleaned


class CloseCaseForm(forms.Form):
    resolution = forms.CharField(
        label=_("Resolution"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )
