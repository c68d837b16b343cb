"""The file of a customer, as its salesperson writes it. The owner changes elsewhere."""

import re

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.forms.conflicts import KeepsBothForm
from crm.forms.fields import DayInput, DecimalInput, PhoneInput
from crm.models import Customer, Tag, User

BETWEEN_TAGS = re.compile(r"[,，、;；\n]+")
TAG_LENGTH = Tag._meta.get_field("name").max_length
FIELDS = [
    "name",
    "alias",
    "kind",
    "industry",
    "buyer_type",
    "phone",
    "email",
    "since",
    "region",
    "city",
    "district",
    "address",
    "latitude",
    "longitude",
    "tax_id",
    "credit_days",
    "credit_limit",
    "yearly_need",
    "note",
]


class CustomerForm(KeepsBothForm):
    tag_names = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=400,
        help_text=_("With commas between them."),
    )

    class Meta:
        model = Customer
        fields = FIELDS
        widgets = {
            "since": DayInput,
            "phone": PhoneInput,
            "latitude": DecimalInput,
            "longitude": DecimalInput,
            "credit_limit": DecimalInput,
            "yearly_need": DecimalInput,
            "note": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, reach in (("latitude", 90), ("longitude", 180)):
            self.fields[name].validators += [MinValueValidator(-reach), MaxValueValidator(reach)]
        if self.instance.pk:
            names = self.instance.tags.order_by("name").values_list("name", flat=True)
            self.initial.setdefault("tag_names", ", ".join(names))

    def clean_tag_names(self):
        typed = BETWEEN_TAGS.split(self.cleaned_data["tag_names"])
        names = list(dict.fromkeys(name.strip() for name in typed if name.strip()))
        if any(len(name) > TAG_LENGTH for name in names):
            raise forms.ValidationError(
                gettext("A tag has at most %(count)s characters.") % {"count": TAG_LENGTH}
            )
        return names

    def clean(self):
        cleaned = super().clean()
        place = [cleaned.get("latitude"), cleaned.get("longitude")]
        if place.count(None) == 1 and not {"latitude", "longitude"} & self.errors.keys():
            self.add_error("longitude", gettext("A place needs latitude and longitude."))
        return cleaned

    def _save_m2m(self):
        super()._save_m2m()
        names = self.cleaned_data["tag_names"]
        self.instance.tags.set([Tag.objects.get_or_create(name=name)[0] for name in names])


class NewCustomerForm(CustomerForm):
    """`anyway` is sent from the warning that such a customer may exist already."""

    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    class Meta(CustomerForm.Meta):
        fields = ["code", *FIELDS]


class OwnerForm(forms.Form):
    """To whom a customer goes; nobody means the pool."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), required=False, empty_label=_("Pool")
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        sellers = User.objects.visible_to(by).sellers()
        self.fields["owner"].queryset = sellers.order_by("name", "id")
