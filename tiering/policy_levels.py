"""The table of levels in the form of a draft: rows that can be added and taken away."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from tiering.models import Grade, Policy
from tiering.rules import MOST_LEVELS

PREFIX = "levels"
TOTAL = f"{PREFIX}-TOTAL_FORMS"
LANGUAGES = {"name_en": "en", "name_hans": "zh-hans", "name_hant": "zh-hant"}
AMOUNTS = {"share": "shares", "value_share": "value_shares", "line": "lines"}
CODE = RegexValidator(
    r"^[\w-]+\Z", gettext_lazy("A code is made of letters, digits and hyphens only.")
)


def number(label: Any, **fields: Any) -> forms.DecimalField:
    """A figure that may be left empty."""
    attributes = {"step": "any", "inputmode": "decimal"}
    return forms.DecimalField(
        label=label, required=False, widget=forms.NumberInput(attributes), **fields
    )


def short_text(label: Any, length: int) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False)


class LevelForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=12, validators=[CODE])
    grade = forms.ChoiceField(label=gettext_lazy("Served as"), choices=Grade.choices)
    name_en = short_text(gettext_lazy("Name in English"), 40)
    name_hans = short_text(gettext_lazy("Name in Simplified Chinese"), 40)
    name_hant = short_text(gettext_lazy("Name in Traditional Chinese"), 40)
    share = number(gettext_lazy("Customers, %"), max_digits=6, decimal_places=2)
    value_share = number(gettext_lazy("Value, %"), max_digits=6, decimal_places=2)
    line = number(gettext_lazy("Lowest score"), max_digits=14, decimal_places=2)

    def __init__(self, *args: Any, **kwargs: Any):
        # A row that is there has to be filled in, or to be taken away.
        super().__init__(*args, **kwargs | {"empty_permitted": False})
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

        self._hint_names()

    def _hint_names(self) -> None:
        """The four grades have names of their own in every language."""
        code = self["code"].value()
        if code not in Grade:
            return
        for field, language in LANGUAGES.items():
            with override(language):
                self.fields[field].widget.attrs["placeholder"] = str(Grade(code).label)

    @property
    def names(self) -> list[forms.BoundField]:
        return [self[name] for name in LANGUAGES]


class LevelRows(forms.BaseFormSet):
    """All rows of the table, best level first."""

    def clean(self) -> None:
        codes = [row.cleaned_data.get("code") for row in self.forms if hasattr(row, "cleaned_data")]
        for row, code in zip(self.forms, codes, strict=True):
            if code and codes.count(code) > 1:
                row.add_error("code", _("Another level has this code too."))

    def levels(self) -> list[dict[str, Any]]:
        """As a policy keeps them; of a table that is valid."""
        return [
            {"code": row["code"], "grade": row["grade"], "names": _names(row)}
            for row in self._rows()
        ]

    def amounts(self, column: str) -> dict[str, float]:
        """By level, for those rows that say one; the last level has no line."""
        rows = self._rows()[:-1] if column == "line" else self._rows()
        return {row["code"]: float(row[column]) for row in rows if row.get(column) is not None}

    def _rows(self) -> list[dict[str, Any]]:
        return [row.cleaned_data for row in self.forms]


Rows = forms.formset_factory(
    LevelForm, formset=LevelRows, extra=0, max_num=MOST_LEVELS, absolute_max=40
)


def rows_of(policy: Policy) -> list[dict[str, Any]]:
    """What the table of a policy shows at first."""
    return [_row(policy, level) for level in policy.levels]


def with_one_more(data: QueryDict) -> QueryDict:
    """The posted form with an empty level before the last one, if there is room."""
    count = _count(data)
    if count >= MOST_LEVELS:
        return data
    rows = _posted(data, count)
    grade = rows[-1].get("grade", Grade.MAINTAIN) if rows else Grade.MAINTAIN
    return _replaced(data, [*rows[:-1], {"grade": grade}, *rows[-1:]])


def without(data: QueryDict, place: str) -> QueryDict:
    """The posted form without one level; two stay at least."""
    rows = _posted(data, _count(data))
    if place not in map(str, range(len(rows))) or len(rows) <= 2:
        return data
    return _replaced(data, [row for number, row in enumerate(rows) if number != int(place)])


def _row(policy: Policy, level: Mapping[str, Any]) -> dict[str, Any]:
    code = level["code"]
    row = {"code": code, "grade": level["grade"]}
    row |= {field: level["names"].get(name, "") for field, name in LANGUAGES.items()}
    for column, name in AMOUNTS.items():
        amount = getattr(policy, name).get(code)
        row[column] = None if amount is None else Decimal(str(amount)).normalize() + 0
    return row | {key: f"{row[key]:f}" for key in AMOUNTS if row[key] is not None}


def _names(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: row[field] for field, name in LANGUAGES.items() if row.get(field)}


def _count(data: QueryDict) -> int:
    count = data.get(TOTAL, "")
    return min(int(count), 40) if count.isdecimal() and len(count) < 9 else 0


def _posted(data: QueryDict, count: int) -> list[dict[str, str]]:
    return [
        {name: data.get(f"{PREFIX}-{place}-{name}", "") for name in LevelForm.base_fields}
        for place in range(count)
    ]


def _replaced(data: QueryDict, rows: list[dict[str, str]]) -> QueryDict:
    changed = data.copy()
    for key in [key for key in changed if key.startswith(f"{PREFIX}-")]:
        del changed[key]
    changed[TOTAL], changed[f"{PREFIX}-INITIAL_FORMS"] = str(len(rows)), "0"
    for place, row in enumerate(rows):
        for name, value in row.items():
            changed[f"{PREFIX}-{place}-{name}"] = value
    return changed
