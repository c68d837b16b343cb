"""Inputs that browsers know how to help with."""

from django import forms


class DayInput(forms.DateInput):
    """A browser's own calendar, which takes ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class PhoneInput(forms.TextInput):
    input_type = "tel"


class DecimalInput(forms.TextInput):
    """A number pad on phones, without the arrows."""

    def __init__(self, attrs=None):
        super().__init__({"inputmode": "decimal", **(attrs or {})})
