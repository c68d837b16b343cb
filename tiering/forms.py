"""What a person says when setting a grade."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.fields import DayInput
from tiering.models import Grade


class OverrideForm(forms.Form):
    """The days and grades that are allowed are checked by `services.overrides`."""

    # Nobody sets a grade by leaving the first one of the menu as it is.
    grade = forms.ChoiceField(label=_("Grade"), choices=[("", "–"), *Grade.choices])
    until = forms.DateField(
        label=_("Until"), widget=DayInput, help_text=_("The last day; 365 days at most.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What do you know that the orders do not show yet?"),
    )
