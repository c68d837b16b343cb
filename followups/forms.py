"""The forms of the list: a visit, a later day, a plan, and the filters."""

from datetime import date
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.calendars.working_days import working_day
from crm.models import Visit
from crm.services.visits import PromiseMade
from followups.cadence import LONGEST_PLAN, contact_due_on, quick_days
from followups.rows import Row

PICK = "pick"
MET, PHONE, MESSAGE, MISSED, ORDERED = "met", "phone", "message", "missed", "ordered"
OUTCOMES = [
    (MET, _("Met")),
    (PHONE, _("Phone")),
    (MESSAGE, _("Message")),
    (MISSED, _("Missed")),
    (ORDERED, _("Order")),
]
CHANNELS = {
    MET: Visit.Channel.ON_SITE,
    PHONE: Visit.Channel.PHONE,
    MESSAGE: Visit.Channel.MESSAGE,
}
RESULTS = {MISSED: Visit.Outcome.MISSED, ORDERED: Visit.Outcome.ORDERED}
FIRST_CHIP = {
    Visit.Channel.ON_SITE: MET,
    Visit.Channel.CAME_TO_US: MET,
    Visit.Channel.PHONE: PHONE,
    Visit.Channel.VIDEO: PHONE,
    Visit.Channel.MESSAGE: MESSAGE,
}
MINUTES = [(10, "10"), (20, "20"), (30, "30"), (60, "60")]


FOLDED = [
    "promise",
    "promise_on",
    "contact",
    "satisfaction",
    "competitor",
    "happened_at",
    "needs",
]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


def area(rows: int, **attrs) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "form-control", **attrs})


class VisitForm(forms.Form):
    """Only the outcome is required, and one is chosen already."""

    outcome = forms.ChoiceField(choices=OUTCOMES, widget=forms.RadioSelect, label=_("Outcome"))
    minutes = forms.TypedChoiceField(
        choices=MINUTES,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        label=_("Minutes"),
    )
    summary = forms.CharField(
        required=False,
        max_length=10_000,
        label=_("Note"),
        widget=area(4, placeholder=_("What was said, what was promised")),
    )
    next = forms.CharField(required=False, max_length=10, label=_("Next"))
    next_on = forms.DateField(required=False, widget=DayInput, label=_("Next day"))
    settled = forms.BooleanField(required=False)
    promise = forms.CharField(required=False, max_length=200, label=_("Promised to them"))
    promise_on = forms.DateField(required=False, widget=DayInput, label=_("Until"))
    contact = forms.ModelChoiceField(None, required=False, label=_("Spoke with"), empty_label="–")
    satisfaction = forms.TypedChoiceField(
        choices=[("", "–"), *((n, str(n)) for n in range(1, 6))],
        coerce=int,
        empty_value=None,
        required=False,
        label=_("Satisfaction, 1 to 5"),
    )
    needs = forms.CharField(required=False, max_length=10_000, label=_("Needs"), widget=area(2))
    competitor = forms.CharField(required=False, max_length=120, label=_("Competitor"))
    happened_at = forms.DateTimeField(required=False, widget=MomentInput, label=_("When"))
    key = forms.CharField(max_length=36, widget=forms.HiddenInput)

    def __init__(self, data=None, *, row: Row, initial=None):
        start = {"key": uuid4(), "settled": True, **first_chips(row), **(initial or {})}
        super().__init__(data, initial=start, auto_id=f"{row.anchor}-%s", label_suffix="")
        self.row = row
        self.fields["contact"].queryset = row.customer.contacts.order_by("-is_primary", "id")

    @property
    def next_days(self) -> list[tuple[str, date]]:
        """The days to choose from, by their code, the regular one first."""
        regular = self.initial["next_on"]
        quick = quick_days(self.row.today)
        return [("cadence", regular), *(chip for chip in quick.items() if chip[1] != regular)]

    @property
    def chosen(self) -> str:
        """The chip that is pressed: a day, or the one to pick a day."""
        return str(self["next"].value())

    @property
    def picks(self) -> bool:
        return self.chosen not in {day.isoformat() for _code, day in self.next_days}

    @property
    def opens_more(self) -> bool:
        """Whether the folded part has something to show."""
        return any(self.errors.get(name) or self.initial.get(name) for name in FOLDED)

    def clean_happened_at(self):
        moment = self.cleaned_data["happened_at"]
        if moment and moment > timezone.now():
            raise forms.ValidationError(_("That is in the future. Plan it instead."))
        return moment

    def clean(self):
        day = self.next_day()
        if day and not self.row.today <= day <= self.row.today + LONGEST_PLAN:
            raise forms.ValidationError(
                _("The next day must be today or later, within two years. Your text is kept.")
            )
        self.cleaned_data["next_on"] = day
        return self.cleaned_data

    def next_day(self) -> date | None:
        """The day of the pressed chip, or the one picked; none when neither is given."""
        chip = self.cleaned_data.get("next", "")
        if chip in ("", PICK):
            return self.cleaned_data.get("next_on")
        try:
            return date.fromisoformat(chip)
        except ValueError as error:
            raise forms.ValidationError(_("Choose the next day again.")) from error

    def said(self) -> dict:
        """The arguments of the service that logs the visit."""
        data = self.cleaned_data
        names = ["minutes", "summary", "needs", "competitor", "satisfaction", "contact", "next_on"]
        return {
            "channel": CHANNELS.get(data["outcome"], self.row.channel),
            "outcome": RESULTS.get(data["outcome"], Visit.Outcome.SPOKE),
            "key": data["key"],
            "happened_at": data["happened_at"],
            "promises": self.promises(),
            **{name: data[name] for name in names},
        }

    def promises(self) -> list[PromiseMade]:
        data = self.cleaned_data
        if not data["promise"]:
            return []
        until = data["promise_on"] or data["next_on"] or working_day(self.row.today)
        return [PromiseMade(data["promise"], until)]


def first_chips(row: Row) -> dict:
    """What is pressed when the form opens, so that it can be saved at once."""
    outcome = FIRST_CHIP.get(row.channel, PHONE)
    every_days = row.policy.every_days if row.policy else 30
    regular = contact_due_on(row.today, every_days=every_days)
    return {
        "outcome": outcome,
        "minutes": 30 if outcome == MET else 10,
        "next": regular.isoformat(),
        "next_on": regular,
    }


def as_written(visit: Visit) -> dict:
    """What stood in the form of a visit that has been taken back."""
    chips = {channel: chip for chip, channel in CHANNELS.items()}
    results = {result: chip for chip, result in RESULTS.items()}
    promise = visit.promises.first()
    names = ["minutes", "summary", "needs", "competitor", "satisfaction", "contact"]
    return {
        "outcome": results.get(visit.outcome) or chips.get(visit.channel, PHONE),
        "next": visit.next_on.isoformat() if visit.next_on else PICK,
        "promise": promise.what if promise else "",
        "promise_on": promise.due_on if promise else None,
        **{name: getattr(visit, name) for name in names},
    }


class DayForm(forms.Form):
    """A day with one tap, or one that is picked."""

    day = forms.DateField(required=False)
    pick = forms.DateField(required=False, widget=DayInput)

    def clean(self):
        if not self.errors and not self.chosen:
            raise forms.ValidationError(_("Choose a day."))
        return self.cleaned_data

    @property
    def chosen(self) -> date | None:
        return self.cleaned_data.get("day") or self.cleaned_data.get("pick")


class PlanForm(DayForm):
    note = forms.CharField(required=False, max_length=200)
