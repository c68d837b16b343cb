"""What every user may set about themselves."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm.models import User
from crm.permissions import ROLE_SENTENCES

ZONES = [
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
]


class MeForm(forms.ModelForm):
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)

    class Meta:
        model = User
        fields = ["name", "email", "language", "time_zone"]
        labels = {"name": gettext_lazy("Your name")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zones = sorted({*ZONES, self.instance.time_zone} - {""})
        self.fields["time_zone"].choices = [("", _("Time zone of the company"))] + [
            (zone, zone.replace("_", " ")) for zone in zones
        ]
        self.fields["language"].choices = [
            ("", _("Language of the company")),
            *self.fields["language"].choices[1:],
        ]


@require_http_methods(["GET", "POST"])
def me(request):
    form = MeForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        user = form.save()
        with translation.override(user.language or translation.get_language()):
            messages.success(request, _("Your settings are saved."))
        return redirect("me")
    context = {"here": "me", "form": form, "role_says": ROLE_SENTENCES[request.user.role]}
    return render(request, "crm/me.html", context)
