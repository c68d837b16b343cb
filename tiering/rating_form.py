"""Six criteria of a customer, each from 1 to 5 with a note."""

from collections.abc import Iterator, Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiering.models import Rating
from tiering.models.rating import BEST, WORST
from tiering.services.ratings import Given, Opinion

SCALE = [(str(points), str(points)) for points in range(WORST, BEST + 1)]


class RatingsForm(forms.Form):
    """Begins with the ratings that count; what is left open is not rated."""

    def __init__(self, data=None, *, opinions: Sequence[Opinion]):
        super().__init__(data)
        self.opinions = opinions
        for each in opinions:
            self.fields[each.criterion] = forms.ChoiceField(
                label=each.label,
                choices=SCALE,
                required=False,
                widget=forms.RadioSelect,
                initial=str(each.rating.points) if each.rating else None,
            )
            self.fields[f"{each.criterion}_note"] = forms.CharField(
                label=_("Note"),
                required=False,
                max_length=Rating._meta.get_field("note").max_length,
                initial=each.rating.note if each.rating else "",
            )

    def rows(self) -> Iterator[tuple[Opinion, forms.BoundField, forms.BoundField]]:
        for each in self.opinions:
            yield each, self[each.criterion], self[f"{each.criterion}_note"]

    def clean(self):
        cleaned = super().clean()
        for each in self.opinions:
            if cleaned.get(f"{each.criterion}_note") and not cleaned.get(each.criterion):
                self.add_error(each.criterion, gettext("A note needs a rating."))
        return cleaned

    def given(self) -> dict[str, Given]:
        """By criterion, of those with a rating."""
        cleaned = self.cleaned_data
        return {
            each.criterion: Given(
                int(cleaned[each.criterion]), cleaned[f"{each.criterion}_note"].strip()
            )
            for each in self.opinions
            if cleaned[each.criterion]
        }
