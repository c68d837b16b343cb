"""A file to import, and what its columns mean."""

from dataclasses import replace

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.imports.wording import column_label, refusal_of
from crm.models import ImportKind, ImportMapping, User
from crm.sheets import mapping
from crm.sheets.columns import COLUMNS
from crm.sheets.mapping import ColumnMapping
from crm.sheets.problems import UnreadableFile

LARGEST_UPLOAD = 200 * 1024**2
MAKES_CUSTOMERS = ("orders", "order_lines")
ENCODINGS = ["utf-8", "gb18030", "big5hkscs", "utf-16", "cp1252"]
DELIMITERS = {",": ",", ";": ";", "\t": gettext_lazy("Tab"), "|": "|"}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("CSV, CSV.gz or XLSX")
    )
    kind = forms.ChoiceField(label=gettext_lazy("What is in it"), required=False)
    saved = forms.ModelChoiceField(
        ImportMapping.objects.order_by("kind", "name", "id"),
        label=gettext_lazy("Which column is what"),
        required=False,
        empty_label=gettext_lazy("Recognise the columns by their names"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Recognise it by its header")), *ImportKind.choices]
        self.fields["file"].widget.attrs |= {
            "accept": ".csv,.gz,.xlsx,.txt,.tsv",
            "class": "form-control",
        }

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(
                _("The file is larger than %(most)s.") % {"most": filesizeformat(LARGEST_UPLOAD)}
            )
        return file


class MappingForm(forms.Form):
    """One choice for each canonical column of a kind, and how the cells are to be read."""

    date_order = forms.ChoiceField(label=gettext_lazy("03/04/2025 means"), required=False)
    decimal = forms.ChoiceField(label=gettext_lazy("1,234 means"), required=False)
    encoding = forms.ChoiceField(label=gettext_lazy("Characters"), required=False)
    delimiter = forms.ChoiceField(label=gettext_lazy("Columns are separated by"), required=False)
    currency = forms.CharField(
        label=gettext_lazy("Currency of all lines"),
        required=False,
        max_length=3,
        help_text=gettext_lazy("Three letters; empty: the base currency."),
    )
    create_customers = forms.BooleanField(
        label=gettext_lazy("Create customers that are not known yet"), required=False
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Owner of new customers"),
        required=False,
        empty_label=gettext_lazy("Nobody: they go to the pool"),
    )
    name = forms.CharField(
        label=gettext_lazy("Keep these columns under a name"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("To choose it with the next file of this kind."),
    )

    def __init__(self, *args, found, batch, **kwargs):
        super().__init__(*args, initial=self.start(found, batch), **kwargs)
        self.found = found
        self.header = batch.header
        choices = list(self.columns_of_file(batch.first_lines))
        blank = {True: _("Choose a column"), False: _("Not in the file")}
        for column in COLUMNS[found.kind]:
            self.fields[f"column-{column.name}"] = forms.ChoiceField(
                label=column_label(column.name),
                choices=[("", blank[column.needed]), *choices],
                required=column.needed,
                initial=self.known(found.columns.get(column.name, "")),
            )
        self.set_choices()
        self.leave_out_what_does_not_apply(found.kind)

    @staticmethod
    def start(found, batch):
        return {
            "date_order": found.date_order,
            "decimal": found.decimal,
            "encoding": found.encoding,
            "delimiter": found.delimiter,
            "currency": found.values.get("currency", ""),
            "create_customers": batch.create_customers,
            "owner": batch.owner_id,
        }

    def columns_of_file(self, first_lines):
        """Each column of the file with its first cell that is not empty."""
        for index, name in enumerate(self.header):
            cells = (row[index].strip() for row in first_lines if row[index].strip())
            example = Truncator(next(cells, "")).chars(24)
            yield name, f"{name}: {example}" if example else name

    def known(self, name):
        """The header's own spelling of a column that a mapping names in another one."""
        return next((own for own in self.header if mapping.plain(own) == mapping.plain(name)), "")

    def set_choices(self):
        self.fields["date_order"].choices = [
            ("", _("Whatever the file itself decides")),
            ("dmy", _("3 April (day first)")),
            ("mdy", _("March 4 (month first)")),
        ]
        self.fields["decimal"].choices = [
            ("", _("1234 (comma between thousands)")),
            (",", _("1.234 (decimal comma)")),
        ]
        recognised = ("", _("Recognised automatically"))
        self.fields["encoding"].choices = [recognised, *((name, name) for name in ENCODINGS)]
        self.fields["delimiter"].choices = [recognised, *DELIMITERS.items()]
        self.fields["owner"].queryset = User.objects.sellers().order_by("name", "id")

    def leave_out_what_does_not_apply(self, kind):
        if kind not in MAKES_CUSTOMERS:
            del self.fields["create_customers"], self.fields["currency"]
        if kind not in (*MAKES_CUSTOMERS, "customers"):
            del self.fields["owner"]

    def column_fields(self):
        return [self[name] for name in self.fields if name.startswith("column-")]

    def reading_fields(self):
        names = ("currency", "date_order", "decimal", "encoding", "delimiter")
        return [self[name] for name in names if name in self.fields]

    def clean(self):
        """The mapping as a whole, in `cleaned_data["mapping"]`."""
        data = super().clean()
        currency = data.get("currency", "")
        options = ("date_order", "decimal", "encoding", "delimiter")
        asked = {
            "kind": self.found.kind,
            "columns": {
                name.removeprefix("column-"): value
                for name, value in data.items()
                if name.startswith("column-") and value
            },
            "values": {**self.found.values, "currency": currency} if currency else self.rest(),
            **{name: data.get(name, "") for name in options},
        }
        try:
            data["mapping"] = mapping.from_dict(asked)
            if not self.errors:
                data["mapping"].positions(self.header)
        except UnreadableFile as error:
            raise forms.ValidationError(refusal_of(error)) from error
        return data

    def rest(self):
        return {name: value for name, value in self.found.values.items() if name != "currency"}


def for_kind(found: ColumnMapping, kind: str, header) -> ColumnMapping:
    """The mapping of a file that is taken for another kind than before."""
    if kind not in COLUMNS or kind == found.kind:
        return found
    return replace(mapping.from_header(header, [kind]), encoding=found.encoding)
