"""The filter of the list of customers, which knows facts, judgement and action."""

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter

from crm.listfilters import FlagFilter, OwnedFilter, WordFilter, customers_seen
from crm.models import Tag
from followups.models import FollowUp
from followups.outlook import WATCHED
from tiering.models import Behaviour, ChurnAlert, Grade, Signal, Standing

INACTIVE = "inactive"
UNGRADED = "none"
GRADES = [*Grade.choices, (INACTIVE, _("Inactive")), (UNGRADED, _("Not graded yet"))]
ANY_CHANGE = "any"
WATCHES = [
    (ANY_CHANGE, _("Any change")),
    *((code, watch.label) for code, watch in WATCHED.items()),
]
YES_OR_NO = [("1", _("yes")), ("0", _("no"))]


class CustomerFilter(OwnedFilter):
    to_customer = ""
    looks_in = _("Code, name, phone or contact")

    grade = ChoiceFilter(label=_("Grade"), choices=GRADES, method="of_grade")
    behaviour = ChoiceFilter(
        label=_("Behaviour"), choices=Behaviour.choices, field_name="standing__behaviour"
    )
    watch = ChoiceFilter(label=_("About to change"), choices=WATCHES, method="of_watch")
    signal = ChoiceFilter(
        label=_("Signal"),
        choices=Signal.choices,
        field_name="standing__signals",
        lookup_expr="has_key",
    )
    region = WordFilter(label=_("Region"))
    industry = WordFilter(label=_("Industry"))
    tag = ModelChoiceFilter(
        label=_("Tag"), field_name="tags", queryset=Tag.objects.order_by("name")
    )
    eligible = ChoiceFilter(label=_("Active"), choices=YES_OR_NO, method="of_eligible")
    alert = FlagFilter(label=_("Alert open"), sent="open", narrow="with_alert")
    late = FlagFilter(label=_("Later than usual"), narrow="later_than_usual")
    planned = FlagFilter(label=_("Nothing planned"), sent="none", narrow="nothing_planned")
    pool = FlagFilter(label=_("In the pool"), narrow="in_pool")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        pairs = list(self.described().order_by().values_list("region", "industry").distinct())
        for column, name in enumerate(("region", "industry")):
            self.filters[name].offer(pair[column] for pair in pairs)

    def described(self):
        """The rows whose regions and industries can be asked for."""
        return customers_seen(self.request)

    def by_text(self, customers, name, text):
        return customers.search(text)

    def of_grade(self, customers, name, grade):
        if grade == INACTIVE:
            return customers.filter(standing__eligible=False)
        if grade == UNGRADED:
            return customers.filter(standing=None)
        return customers.filter(standing__grade=grade)

    def of_watch(self, customers, name, watch):
        if watch == ANY_CHANGE:
            return customers.exclude(standing=None).exclude(standing__watch=Standing.Watch.NONE)
        return customers.filter(standing__watch=WATCHED[watch])

    def of_eligible(self, customers, name, answer):
        return customers.filter(standing__eligible=answer == "1")

    def with_alert(self, customers):
        return customers.filter(pk__in=ChurnAlert.objects.open().values("customer"))

    def later_than_usual(self, customers):
        return customers.filter(standing__later_than_usual=True)

    def nothing_planned(self, customers):
        return customers.exclude(pk__in=FollowUp.objects.open().values("customer"))

    def in_pool(self, customers):
        return customers.in_pool()
