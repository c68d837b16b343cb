"""Where customers stood on a past night, for programs; as the list of customers shows it."""

from datetime import date

from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework import serializers

from tiering.models import Behaviour, Grade, GradeChange, NightRun
from tiering.past import Book, book_on


class PastStandingSerializer(serializers.Serializer):
    """Grades are known for ever; figures are null where they are no longer kept."""

    customer = serializers.CharField(source="code")
    as_of = serializers.SerializerMethodField()
    policy = serializers.SerializerMethodField()
    basis = serializers.SerializerMethodField()
    grade = serializers.ChoiceField(Grade.choices, source="then_grade")
    since = serializers.DateField(source="then_since")
    cause = serializers.ChoiceField(GradeChange.Cause.choices, source="then_cause")
    eligible = serializers.BooleanField(source="then_eligible")
    computed_grade = serializers.CharField(source="then_computed_grade", allow_null=True)
    behaviour = serializers.ChoiceField(Behaviour.choices, source="then_behaviour", allow_null=True)
    value = serializers.DecimalField(18, 2, source="then_value", allow_null=True)
    p_none = serializers.FloatField(source="then_p_none", allow_null=True)
    continuing_value = serializers.DecimalField(
        18, 2, source="then_continuing_value", allow_null=True
    )
    rank = serializers.FloatField(source="then_rank", allow_null=True)

    def get_as_of(self, customer) -> date:
        return self.context["night"].as_of

    def get_policy(self, customer) -> int:
        return self.context["night"].policy.version

    def get_basis(self, customer) -> str:
        return self.context["night"].basis


class PastStandingFilter(filters.FilterSet):
    customer = filters.CharFilter("code")
    grade = filters.ChoiceFilter(field_name="then_grade", choices=Grade.choices)
    eligible = filters.BooleanFilter("then_eligible")


KNOWN = {"as_of", "page", "page_size", "format", *PastStandingFilter.base_filters}


def past_night(asked: dict[str, str], *, today: date) -> NightRun | None:
    """The past night that was asked for, or None for the latest; ValidationError for a day
    without one, and for what a past night cannot be asked."""
    book = book_on(asked["as_of"], today=today)
    if book.problem:
        raise serializers.ValidationError({"as_of": [refusal(book)]})
    if not book.is_past:
        return None
    if unknown := sorted(set(asked) - KNOWN):
        words = _("A past night cannot be asked for this.")
        raise serializers.ValidationError({name: [words] for name in unknown})
    return book.night


def refusal(book: Book) -> str:
    if book.problem == "nonsense":
        return _("A day is written year-month-day, such as 2025-03-10.")
    if book.problem == "future":
        return _("What has not happened is not known.")
    if book.problem == "too_early":
        words = _("The history of grades begins with the night of %(day)s.")
        return words % {"day": book.after}
    return _("No night has run yet")
