"""What can be asked of an alert: one form for a row, and for many rows at once."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tiering.decision_form import is_key
from tiering.models import ChurnAlert
from tiering.services import alert_acts

ACTS: dict[str, Callable[..., ChurnAlert]] = {
    "acknowledge": alert_acts.acknowledge,
    "snooze": alert_acts.snooze,
    "close": alert_acts.close,
    "undo": alert_acts.undo,
}
# What each act wants to know beside who and when.
WANTS = {"snooze": ("until", "reason"), "close": ("outcome", "reason")}
OUTCOMES = [(each, each.label) for each in ChurnAlert.BY_PERSON]


class AlertActForm(forms.Form):
    act = forms.ChoiceField(choices=[(name, name) for name in ACTS])
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What came of it"),
        choices=[("", gettext_lazy("Choose an outcome")), *OUTCOMES],
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        unsaid = not cleaned.get("until") and "until" not in self.errors
        if cleaned.get("act") == "snooze" and unsaid:
            self.add_error("until", _("Choose a day."))
        return cleaned

    @property
    def does(self) -> Callable[..., ChurnAlert]:
        return ACTS[self.cleaned_data["act"]]

    @property
    def wanted(self) -> dict[str, Any]:
        names = WANTS.get(self.cleaned_data["act"], ())
        return {name: self.cleaned_data[name] for name in names}

    @property
    def why_not(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


def keys_sent(sent: list[str]) -> set[int]:
    """As numbers; what is none is left out."""
    return {int(each) for each in sent if is_key(each)}


def suggested(today: date) -> dict[str, str]:
    """The earliest and the latest day to sleep until, as a date field wants them."""
    return {
        "earliest": (today + date.resolution).isoformat(),
        "latest": (today + alert_acts.LONGEST_SNOOZE).isoformat(),
    }
