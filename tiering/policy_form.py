"""The form of a draft: its settings, its levels and its weights in one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tiering.models import Policy
from tiering.models.wording import explained
from tiering.points import CRITERIA, RATED
from tiering.policy_digest import fingerprint
from tiering.policy_levels import PREFIX, Rows, number, rows_of
from tiering.policy_words import CRITERION_NAMES
from tiering.rules import PolicyError
from tiering.services.breakpoints import frozen

CALM = ["band", "nights_up", "nights_down", "alert_days", "new_days", "one_step", "propose_only"]
KEPT_AS_IT_IS = ["name", "note", "basis", "scheme", "floor", "alert_budget", *CALM]
# Where a reason stands; whatever is not here belongs to the form as a whole.
OF_FIELD = {
    "floor_not_a_number": "floor",
    "band_out_of_range": "band",
    "unknown_basis": "basis",
    "unknown_scheme": "scheme",
}
OF_LEVELS = {
    "wrong_levels",
    "too_many_levels",
    "unknown_class",
    "classes_cross",
    "wrong_grades",
    "share_not_positive",
    "shares_do_not_add_up",
    "wrong_lines",
    "line_not_a_number",
    "lines_cross",
}
OF_WEIGHTS = {
    "no_weights",
    "weight_not_positive",
    "weight_too_fine",
    "weights_do_not_add_up",
    "breakpoints_missing",
    "breakpoint_not_a_number",
    "breakpoints_cross",
    "breakpoint_out_of_range",
    "unknown_criterion",
}


def whole(label: Any, low: int, high: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=low, max_value=high)


def weight(criterion: str) -> forms.DecimalField:
    return number(CRITERION_NAMES[criterion], max_digits=5, decimal_places=2)


class DraftForm(forms.Form):
    """Bound to the settings of a draft; `rows` is the table of levels beside it.

    Whatever a policy cannot be is said at the field, over the levels (`level_errors`) or the
    weights (`weight_errors`). Criteria that have no breakpoints yet get those of the last night.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea({"rows": 2})
    )
    basis = forms.ChoiceField(label=gettext_lazy("What is measured"), choices=Policy.Basis.choices)
    scheme = forms.ChoiceField(label=gettext_lazy("Cut by"), choices=Policy.Scheme.choices)
    floor = number(gettext_lazy("No key below"), max_digits=16, decimal_places=2)
    band = forms.DecimalField(
        label=gettext_lazy("Band around a line, %"), min_value=0, max_value=100, decimal_places=2
    )
    nights_up = whole(gettext_lazy("Nights before a rise"), 1, 120)
    nights_down = whole(gettext_lazy("Nights before a fall"), 1, 120)
    alert_days = whole(gettext_lazy("Days an open alert prevents a fall"), 0, 365)
    new_days = whole(gettext_lazy("Days a newcomer does not fall"), 0, 365)
    one_step = forms.BooleanField(label=gettext_lazy("One level at a time"), required=False)
    propose_only = forms.BooleanField(
        label=gettext_lazy("Changes wait for approval"), required=False
    )
    threshold = forms.DecimalField(
        label=gettext_lazy("Alert from a chance of no order of, %"),
        min_value=5,
        max_value=99,
        decimal_places=0,
    )
    precision = forms.DecimalField(
        label=gettext_lazy("Alerts should be right, % (empty: fixed threshold)"),
        help_text=gettext_lazy("Empty: the threshold is always the fixed one."),
        required=False,
        min_value=5,
        max_value=99,
        decimal_places=0,
    )

    alert_budget = forms.IntegerField(
        label=gettext_lazy("New alerts a week for each salesperson"),
        help_text=gettext_lazy("0: no alerts. Empty: no limit."),
        required=False,
        min_value=0,
        max_value=1000,
    )

    def __init__(self, data: Any = None, *, policy: Policy):
        super().__init__(data, initial=_initial(policy))
        self.policy = policy
        self.level_errors: list[str] = []
        self.weight_errors: list[str] = []
        self.rows = Rows(data, prefix=PREFIX, initial=rows_of(policy))
        for criterion in CRITERIA:
            self.fields[f"weight_{criterion}"] = weight(criterion)

    @property
    def weights(self) -> list[tuple[str, str, forms.BoundField]]:
        """(code, "computed" or "rated", field) of every criterion."""
        return [
            (name, "rated" if name in RATED else "computed", self[f"weight_{name}"])
            for name in CRITERIA
        ]

    @property
    def calm_numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in CALM[:5]]

    @property
    def calm_switches(self) -> list[forms.BoundField]:
        return [self[name] for name in CALM[5:]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.rows.is_valid():
            self.add_error(None, _("A level is not complete: see the table of levels."))
        elif not self.errors:
            self._check()
        return cleaned

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The fields of a policy; of a form whose fields are valid."""
        data, rows = self.cleaned_data, self.rows
        fields = {name: data[name] for name in KEPT_AS_IT_IS}
        fields["levels"] = rows.levels()
        fields["shares"] = rows.amounts("share")
        fields["value_shares"] = self._value_shares()
        fields["lines"] = rows.amounts("line")
        fields["alert_threshold"] = data["threshold"] / 100
        wanted = data["precision"]
        fields["alert_precision"] = None if wanted is None else wanted / 100
        fields["weights"] = weights = self._weights()
        kept = self.policy.breakpoints
        is_points = data["basis"] == Policy.Basis.POINTS
        fields["breakpoints"] = frozen(self.policy, list(weights)) if is_points else kept
        return fields

    def unsaved(self) -> Policy:
        """The draft as it would be, for a preview."""
        return Policy(version=self.policy.version, **self.settings)

    def _check(self) -> None:
        try:
            self.unsaved().rules()
        except PolicyError as error:
            self._say(error.code)

    def _say(self, code: str) -> None:
        why = str(explained(code))
        if code in OF_LEVELS:
            self.level_errors.append(why)
        if code in OF_WEIGHTS:
            self.weight_errors.append(why)
        self.add_error(OF_FIELD.get(code), why)

    def _value_shares(self) -> dict[str, float]:
        """Where they are not what the book is cut by, only such as could be."""
        found = self.rows.amounts("value_share")
        if self.cleaned_data["scheme"] == Policy.Scheme.CUMULATIVE:
            return found
        total = sum(Decimal(str(share)) for share in found.values())
        return found if total == 100 and len(found) == len(self.rows.forms) else {}

    def _weights(self) -> dict[str, float]:
        given = {name: self.cleaned_data[f"weight_{name}"] for name in CRITERIA}
        return {name: float(weight) for name, weight in given.items() if weight}


def _initial(policy: Policy) -> dict[str, Any]:
    fields = {name: getattr(policy, name) for name in KEPT_AS_IT_IS}
    fields["name"] = policy.title
    fields |= {f"weight_{name}": weight for name, weight in policy.weights.items()}
    fields["band"] = f"{Decimal(policy.band).normalize():f}"
    fields["threshold"] = round(policy.alert_threshold * 100)
    if policy.alert_precision is not None:
        fields["precision"] = round(policy.alert_precision * 100)
    return fields | {"seen": fingerprint(policy)}
