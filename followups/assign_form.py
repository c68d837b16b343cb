"""Customers chosen in the list, and the salesperson who is to have them."""

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from crm.models import Customer, User

FOREIGN = {"invalid_choice", "invalid_pk_value"}


class AssignForm(forms.Form):
    customers = forms.ModelMultipleChoiceField(
        queryset=None, error_messages={"required": _("Choose at least one customer.")}
    )
    to_owner = forms.ModelChoiceField(
        queryset=None,
        empty_label=_("nobody yet"),
        label=_("Give to"),
        error_messages={"required": _("Choose who is to have these customers.")},
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, by: User):
        super().__init__(data)
        self.fields["customers"].queryset = Customer.objects.visible_to(by)
        sellers = User.objects.visible_to(by).sellers()
        self.fields["to_owner"].queryset = sellers.order_by("name", "id")

    def refuse_foreign_rows(self) -> None:
        """Raise Http404 where a customer or person is named that the user does not see."""
        errors = [error.code for name in self.errors for error in self.errors.as_data()[name]]
        if FOREIGN.intersection(errors):
            raise Http404

    @property
    def first_error(self) -> str:
        return next(iter(self.errors.values()))[0]

    def chosen(self) -> dict:
        """Customers, the person and the reason, as the service takes them."""
        return {name: self.cleaned_data[name] for name in ("customers", "to_owner", "reason")}
