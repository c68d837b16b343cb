"""The form that compares criteria in pairs, and the weights that follow from it."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tiering.ahp import STRONGEST, Weighing, matrix_of, weigh
from tiering.points import CRITERIA
from tiering.policy_words import CRITERION_NAMES

EQUAL = "1"


class CriteriaForm(forms.Form):
    """Which criteria are compared, two at least."""

    c = forms.MultipleChoiceField(
        label=gettext_lazy("Criteria"),
        choices=CRITERION_NAMES.items(),
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_c(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["c"]
        if len(chosen) < 2:
            raise forms.ValidationError(_("Choose two criteria at least."))
        return [name for name in CRITERIA if name in chosen]


class PairsForm(forms.Form):
    """One judgement for each pair of criteria: how many times more the first one counts."""

    def __init__(self, data: Any = None, *, criteria: Sequence[str]):
        super().__init__(data)
        self.criteria = list(criteria)
        self.pairs = list(combinations(self.criteria, 2))
        for first, second in self.pairs:
            self.fields[f"{first}-{second}"] = forms.ChoiceField(
                label=_("%(first)s or %(second)s")
                % {"first": CRITERION_NAMES[first], "second": CRITERION_NAMES[second]},
                choices=_choices(first, second),
                initial=EQUAL,
            )

    def weighing(self) -> Weighing:
        """Of a form that is valid."""
        judgements = {
            pair: float(Fraction(self.cleaned_data["-".join(pair)])) for pair in self.pairs
        }
        return weigh(self.criteria, matrix_of(self.criteria, judgements))


def _choices(first: str, second: str) -> list[tuple[str, str]]:
    more = _("%(name)s counts %(times)s times as much")
    times = range(STRONGEST, 1, -1)
    return [
        *((f"{n}", more % {"name": CRITERION_NAMES[first], "times": n}) for n in times),
        (EQUAL, _("Both count the same")),
        *(
            (f"1/{n}", more % {"name": CRITERION_NAMES[second], "times": n})
            for n in reversed(times)
        ),
    ]


def named_weights(weighing: Weighing) -> list[tuple[str, float]]:
    """(name of the criterion, per cent), the heaviest first."""
    found = [(str(CRITERION_NAMES[name]), weight) for name, weight in weighing.weights.items()]
    return sorted(found, key=lambda each: -each[1])
