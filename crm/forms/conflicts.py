"""Two people edit one row: the second one sees it, and nobody's text is lost."""

from django import forms
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext


class ChangedMeanwhile(Exception):
    """The row is not the one its editor saw; `row` is what it is now."""

    def __init__(self, row):
        super().__init__()
        self.row = row


class KeepsBothForm(forms.ModelForm):
    """Carries what its user saw: the version of the row, and each field beside its input."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    # Columns that the form sets through fields of other names.
    more_columns: list[str] = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.version(self.instance)
            for name in self.typed:
                self.fields[name].show_hidden_initial = True

    @property
    def typed(self) -> list[str]:
        return [name for name in self.fields if name != "seen"]

    def version(self, row) -> str:
        if hasattr(row, "updated_at"):
            return row.updated_at.isoformat()
        values = model_to_dict(row, [*self._meta.fields, *self.more_columns])
        return salted_hmac("crm.forms.seen", repr(sorted(values.items()))).hexdigest()[:20]

    @transaction.atomic
    def save_unless_changed(self):
        """Save what was typed. Raises ChangedMeanwhile, with nothing saved, for a newer row."""
        rows = type(self.instance).objects.select_for_update(of=("self",))
        now = rows.get(pk=self.instance.pk)
        if self.version(now) != self.cleaned_data["seen"]:
            raise ChangedMeanwhile(now)
        return self.save()

    def save(self, commit=True):
        """Of a row that exists, only the columns of the form: the rest may belong to others."""
        if not (commit and self.instance.pk) or self.errors:
            return super().save(commit)
        columns = [*self._meta.fields, *self.more_columns]
        if hasattr(self.instance, "updated_at"):
            columns.append("updated_at")
        self.instance.save(update_fields=columns)
        self._save_m2m()
        return self.instance

    def merged_with(self, row):
        """The form again, on what the row is now, with everything typed kept over it."""
        fresh = type(self)(instance=row, **self.again())
        theirs = {name: self.shown(fresh[name]) for name in self.typed}
        mine = set(self.changed_data)
        data = self.data.copy()
        data["seen"] = self.version(row)
        for name, value in theirs.items():
            data[self[name].html_initial_name] = value
            if name not in mine:
                data[self[name].html_name] = value
        form = type(self)(data, instance=row, **self.again())
        form.add_error(None, self.sentence)
        for name, value in theirs.items():
            if value != self.data.get(self[name].html_initial_name, ""):
                form[name].help_text = form.notice(name, value if name in mine else None)
        return form

    def again(self) -> dict:
        """What the form was made with beside data and row."""
        return {}

    @property
    def sentence(self) -> str:
        return gettext(
            "Somebody else has changed this while you were editing. Nothing of yours is saved"
            " yet and all of it is kept: look at the marked fields, then save again."
        )

    def notice(self, name: str, theirs: str | None) -> str:
        if theirs is None:
            return gettext("Just changed by somebody else.")
        choices = dict(getattr(self.fields[name], "choices", []))
        words = choices.get(theirs, theirs) or gettext("empty")
        return gettext("Somebody else has just written: %(text)s") % {"text": words}

    @staticmethod
    def shown(field: forms.BoundField) -> str:
        value = field.field.widget.format_value(field.value())
        if isinstance(value, list):
            value = value[0] if value else ""
        return "" if value is None else str(value)
