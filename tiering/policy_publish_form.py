"""The form with which a draft is published."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.format import day as in_words
from tiering.models import NightRun, Policy
from tiering.policy_digest import fingerprint


class PublishForm(forms.Form):
    """From which day on, and why. By default the day of the latest night: it rules at once."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    valid_from = forms.DateField(
        label=gettext_lazy("Rules from"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    note = forms.CharField(
        label=gettext_lazy("Note: why"), required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, data: Any, *, policy: Policy, night: NightRun | None, today: date):
        day = night.as_of if night else today
        initial = {"valid_from": day, "note": policy.note, "seen": fingerprint(policy)}
        super().__init__(data, initial=initial)
        self.earliest = day
        self.fields["valid_from"].widget.attrs["min"] = day.isoformat()

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        if day < self.earliest:
            text = _(
                "A policy does not begin in the past. Choose %(day)s, the day of the latest"
                " night, or a later one."
            )
            raise forms.ValidationError(text % {"day": in_words(self.earliest)})
        return day
