from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.forms.conflicts import KeepsBothForm
from crm.forms.fields import DayInput, PhoneInput
from crm.models import Contact


class ContactForm(KeepsBothForm):
    class Meta:
        model = Contact
        fields = [
            "name",
            "title",
            "gender",
            "birthday",
            "mobile",
            "phone",
            "wechat",
            "email",
            "character",
            "interests",
            "note",
        ]
        labels = {"character": _("Character"), "interests": _("Interests")}
        widgets = {"birthday": DayInput, "mobile": PhoneInput, "phone": PhoneInput}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def again(self):
        return {"today": self.today}

    def clean_birthday(self):
        birthday = self.cleaned_data["birthday"]
        if birthday and birthday > self.today:
            raise forms.ValidationError(gettext("A birthday lies in the past."))
        return birthday
