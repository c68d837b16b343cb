"""What is asked for a win-back: the touches of a plan, and what came of it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Visit
from followups.models import WinBack, WinBackTouch
from followups.services.winback import MOST_TOUCHES, Touch
from tiering.churn.returns import HORIZON

Channel = Visit.Channel
TEMPLATE = (
    (0, Channel.PHONE, gettext_lazy("Call: ask why they stopped and what has changed")),
    (14, Channel.ON_SITE, gettext_lazy("Visit: show what is new")),
    (45, Channel.ON_SITE, gettext_lazy("Make an offer")),
)


def suggested() -> list[Touch]:
    """The touches that a new plan begins with, in the language in use."""
    return [Touch(days, channel, str(what)) for days, channel, what in TEMPLATE]


OUTCOMES = [(each, each.label) for each in WinBack.BY_PERSON]
SPARE = 2


class Line(NamedTuple):
    """The three fields of one touch."""

    number: int
    days: forms.BoundField
    channel: forms.BoundField
    what: forms.BoundField


class TouchesForm(forms.Form):
    """A line for each touch and a few empty ones; a line without words is no touch."""

    def __init__(self, data: Any = None, *, touches: Iterable[Any] = TEMPLATE):
        super().__init__(data)
        given = list(touches)
        self.length = min(max(len(given) + SPARE, len(TEMPLATE) + SPARE), MOST_TOUCHES)
        for number in range(self.length):
            first = given[number] if number < len(given) else (None, Channel.PHONE, "")
            self.add_line(number, *first)

    def add_line(self, number: int, days: int | None, channel: str, what: Any) -> None:
        self.fields[f"days_{number}"] = forms.IntegerField(
            label=_("Day"), min_value=0, max_value=HORIZON, required=False, initial=days
        )
        self.fields[f"channel_{number}"] = forms.ChoiceField(
            label=_("Channel"), choices=Channel.choices, required=False, initial=channel
        )
        self.fields[f"what_{number}"] = forms.CharField(
            label=_("What is to be done"), max_length=200, required=False, initial=what
        )

    @property
    def lines(self) -> list[Line]:
        return [
            Line(n + 1, self[f"days_{n}"], self[f"channel_{n}"], self[f"what_{n}"])
            for n in range(self.length)
        ]

    @property
    def touches(self) -> list[Touch]:
        rows = [
            Touch(*(self.cleaned_data[f"{name}_{n}"] for name in ("days", "channel", "what")))
            for n in range(self.length)
        ]
        return [
            Touch(row.days or 0, row.channel or Channel.PHONE, row.what) for row in rows if row.what
        ]

    @property
    def why_not(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


def asked_before(touches: Iterable[WinBackTouch]) -> list[tuple[int, str, str]]:
    """Touches of a plan as a form begins with them."""
    return [(touch.days, touch.channel, touch.what) for touch in touches]


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("What came of it"), choices=OUTCOMES, required=False
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)


class DeclineForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)

    @property
    def why_not(self) -> str:
        return " ".join(self.errors["reason"])
