"""Which proposed changes are to be decided, and how."""

from django import forms
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from tiering.models import GradeProposal
from tiering.models.proposal import ProposalQuerySet
from tiering.proposal_list import ProposalFilter

APPROVE, DECLINE = "approve", "decline"


# As many as the largest key of a table has.
MOST_DIGITS = 19


def is_key(text: str) -> bool:
    return text.isdecimal() and len(text) <= MOST_DIGITS


class DecisionForm(forms.Form):
    """Rows by their numbers, or everything that the list shows under its filter (`back`)."""

    proposals = forms.TypedMultipleChoiceField(coerce=int, required=False)
    everything = forms.BooleanField(required=False)
    back = forms.CharField(required=False)
    decision = forms.ChoiceField(choices=[(APPROVE, APPROVE), (DECLINE, DECLINE)], required=False)
    expected = forms.IntegerField(required=False)

    def __init__(self, request: HttpRequest, *, today):
        super().__init__(request.POST)
        self.request, self.today = request, today
        self.visible = GradeProposal.objects.visible_to(request.user)
        self.fields["proposals"].choices = [(pk, pk) for pk in self.ids_sent()]

    def ids_sent(self) -> list[str]:
        """As numbers only; Http404 for a proposal that the user does not see."""
        sent = [each for each in self.data.getlist("proposals") if is_key(each)]
        if self.visible.filter(pk__in=sent).count() != len(set(sent)):
            raise Http404
        return sent

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("everything") and not cleaned.get("proposals"):
            raise forms.ValidationError(_("Choose at least one change."))
        return cleaned

    def rows(self) -> ProposalQuerySet:
        """What was asked for, of what the user sees."""
        if not self.cleaned_data["everything"]:
            return self.visible.filter(pk__in=self.cleaned_data["proposals"])
        asked = QueryDict(self.cleaned_data["back"])
        return ProposalFilter(asked, self.visible, request=self.request, today=self.today).qs
