"""A grade that a person sets: at once, with a reason and an end; who may decide, and when."""

from collections import Counter
from datetime import timedelta

import pytest

from crm.models import Customer
from crm.services.ownership import assign
from tests.factories import AS_OF, CustomerFactory, OverrideFactory, UserFactory
from tests.policies import rewrite
from tests.tiering.books import book_of_values
from tiering.models import (
    GradeChange,
    NightRun,
    NightSummary,
    Override,
    Policy,
    Standing,
    StandingSnapshot,
)
from tiering.past import customers_on
from tiering.services import run_night
from tiering.services.overrides import OverrideRefused, approve, decline, end, set_grade

pytestmark = pytest.mark.django_db

TODAY = AS_OF + timedelta(days=1)
REASON = "They open three new plants"


@pytest.fixture
def poor():
    """The second of two customers, maintain by the night of yesterday."""
    _, poor = book_of_values(5000, 100)
    run_night(as_of=AS_OF)
    return poor


@pytest.fixture
def second_person(settings):
    settings.SECOND_PERSON = True


def put(customer, by, grade="key", **fields):
    return set_grade(
        customer=customer, grade=grade, by=by, today=TODAY, **({"reason": REASON} | fields)
    )


def standing_of(customer) -> Standing:
    return Standing.objects.get(customer=customer)


def shown(customer) -> tuple:
    """(grade, computed grade, override)"""
    standing = standing_of(customer)
    return standing.grade, standing.computed_grade, standing.override


def changes(customer) -> list[tuple]:
    rows = GradeChange.objects.filter(customer=customer).order_by("as_of", "correction")
    return list(rows.values_list("from_grade", "to_grade", "cause", "as_of", "correction"))


def test_it_is_shown_at_once_and_the_computed_grade_stays_beside_it(poor, mona):
    override = put(poor, mona)

    assert shown(poor) == ("key", "maintain", override)
    assert (override.starts_on, override.until) == (TODAY, TODAY + timedelta(days=180))
    assert (override.by, override.computed_grade, override.approved_by) == (mona, "maintain", None)
    assert override.approved_at is not None


def test_history_has_the_cause_and_the_figures_of_the_night(poor, mona):
    put(poor, mona)

    assert changes(poor) == [
        ("", "maintain", "first", AS_OF, 0),
        ("maintain", "key", "override", AS_OF, 1),
    ]
    first, second = GradeChange.objects.filter(customer=poor).order_by("correction")
    assert second.before == second.after == first.after
    assert (second.from_level, second.to_level, second.was_eligible, second.eligible) == (
        "maintain",
        "maintain",
        True,
        True,
    )


def test_the_sums_of_the_night_and_its_list_say_the_same(poor, alice, mona, ada):
    assign(customers=Customer.objects.filter(pk=poor.pk), to_owner=alice, by=ada)

    override = put(poor, mona)
    assert said_of_the_night(ada) == (Counter(key=2), Counter(key=2), {"key"}, {None})
    end(override=override, by=mona, today=TODAY)

    once = Counter(key=1, maintain=1)
    assert said_of_the_night(ada) == (once, once, {"key", "maintain"}, {None})
    assert NightRun.objects.get().changed == 4


def said_of_the_night(user) -> tuple:
    """By grade in the sums and in the list; the grades kept; the owners in the sums."""
    sums = NightSummary.objects.values_list("owner", "grade", "customers")
    listed = customers_on(NightRun.objects.get(), user=user)
    counted = Counter()
    for _owner, grade, customers in sums:
        counted[grade] += customers
    kept = set(StandingSnapshot.objects.values_list("grade", flat=True))
    return counted, Counter(each.then_grade for each in listed), kept, {row[0] for row in sums}


def test_the_grade_that_is_shown_may_be_kept_against_the_nights(poor, mona):
    override = put(poor, mona, grade="maintain")

    assert shown(poor) == ("maintain", "maintain", override)
    assert len(changes(poor)) == 1  # nothing has changed that anybody sees


@pytest.mark.parametrize("days", [0, 365])
def test_it_may_last_from_today_to_a_year(days, poor, mona):
    until = TODAY + timedelta(days=days)

    assert put(poor, mona, until=until).until == until


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"until": TODAY - timedelta(days=1)}, "in the past"),
        ({"until": TODAY + timedelta(days=366)}, "365 days at most"),
        ({"reason": " \n "}, "Give a reason"),
        ({"grade": "platinum"}, "no such grade"),
        ({"grade": ""}, "no such grade"),
    ],
)
def test_what_cannot_be_set_is_refused_and_nothing_changes(fields, said, poor, mona):
    before = shown(poor)

    with pytest.raises(OverrideRefused, match=said):
        put(poor, mona, **fields)

    assert (shown(poor), Override.objects.count(), len(changes(poor))) == (before, 0, 1)


def test_a_customer_without_a_night_is_refused(mona):
    with pytest.raises(OverrideRefused, match="No night has graded"):
        put(CustomerFactory(), mona)

    assert not Override.objects.exists()


def test_a_new_one_ends_the_one_before(poor, mona, ada):
    first = put(poor, mona)

    second = put(poor, ada, grade="general")

    first.refresh_from_db()
    assert (first.ended_on, first.ended_by) == (TODAY, ada)
    assert shown(poor) == ("general", "maintain", second)
    assert changes(poor)[-1] == ("key", "general", "override", AS_OF, 2)


def test_a_double_click_is_one(poor, mona):
    assert put(poor, mona) == put(poor, mona)

    assert (Override.objects.count(), len(changes(poor))) == (1, 2)


def test_it_ends_early_and_the_calm_grade_is_back(poor, mona, ada):
    override = put(poor, mona)

    end(override=override, by=ada, today=TODAY)

    override.refresh_from_db()
    assert (override.ended_on, override.ended_by) == (TODAY, ada)
    assert shown(poor) == ("maintain", "maintain", None)
    assert changes(poor)[-1] == ("key", "maintain", "expiry", AS_OF, 2)


def test_what_it_falls_back_to_is_the_class_of_the_calm_level(poor, mona):
    override = put(poor, mona, grade="maintain")
    policy = standing_of(poor).run.policy
    levels = [{"code": "A", "grade": "key"}, {"code": "B", "grade": "general"}]
    rewrite(Policy.objects.filter(pk=policy.pk), levels=levels)
    Standing.objects.filter(customer=poor).update(level="B", computed_grade="key")

    end(override=override, by=mona, today=TODAY)

    assert shown(poor) == ("general", "key", None)


def test_what_is_over_cannot_be_ended_again(poor, mona):
    override = put(poor, mona)
    end(override=override, by=mona, today=TODAY)

    with pytest.raises(OverrideRefused, match="no longer in force"):
        end(override=override, by=mona, today=TODAY)

    assert len(changes(poor)) == 3


def test_with_a_second_person_it_waits_and_then_takes_effect(second_person, poor, mona, ada):
    override = put(poor, mona)
    assert (override.is_waiting, shown(poor)) == (True, ("maintain", "maintain", None))

    later = TODAY + timedelta(days=3)
    approve(override=override, by=ada, today=later)

    override.refresh_from_db()
    assert (override.approved_by, override.starts_on) == (ada, later)
    assert override.until == TODAY + timedelta(days=180)
    assert shown(poor) == ("key", "maintain", override)
    assert changes(poor)[-1] == ("maintain", "key", "override", AS_OF, 1)


def test_nobody_approves_what_they_set_themselves(second_person, poor, mona, settings):
    override = put(poor, mona)

    with pytest.raises(OverrideRefused, match="another person"):
        approve(override=override, by=mona, today=TODAY)
    assert shown(poor) == ("maintain", "maintain", None)

    settings.SECOND_PERSON = False
    approve(override=override, by=mona, today=TODAY)
    assert shown(poor)[0] == "key"


def test_the_one_in_force_stays_while_another_waits(settings, poor, mona, ada):
    first = put(poor, mona)
    settings.SECOND_PERSON = True

    second = put(poor, mona, grade="general")
    assert shown(poor) == ("key", "maintain", first)

    approve(override=second, by=ada, today=TODAY)
    first.refresh_from_db()
    assert (first.ended_on, first.ended_by) == (TODAY, ada)
    assert shown(poor) == ("general", "maintain", second)


def test_only_one_waits_for_a_customer(second_person, poor, mona, ada):
    first = put(poor, mona)

    assert put(poor, mona) == first
    with pytest.raises(OverrideRefused, match="waits for approval"):
        put(poor, ada, grade="general")

    assert Override.objects.get() == first


def test_what_is_declined_never_shows(second_person, poor, mona, ada):
    override = put(poor, mona)

    decline(override=override, by=ada, today=TODAY)

    override.refresh_from_db()
    assert (override.was_declined, override.ended_by) == (True, ada)
    assert shown(poor) == ("maintain", "maintain", None)
    for decide in (approve, decline):
        with pytest.raises(OverrideRefused, match="does not wait"):
            decide(override=override, by=ada, today=TODAY)
    run_night(as_of=TODAY)
    assert shown(poor)[0] == "maintain"


def test_what_waited_past_its_last_day_cannot_be_approved(second_person, poor, mona, ada):
    override = put(poor, mona, until=TODAY)

    with pytest.raises(OverrideRefused, match="last day is over"):
        approve(override=override, by=ada, today=TODAY + timedelta(days=1))

    assert shown(poor)[0] == "maintain"


def test_lists_of_them(poor, mona):
    seen = put(poor, mona)
    waits = OverrideFactory(customer=poor, approved_at=None, by=mona)
    declined = OverrideFactory(customer=poor, approved_at=None, ended_on=TODAY, by=mona)
    over = OverrideFactory(customer=poor, ended_on=TODAY, by=mona)
    rows = Override.objects

    assert (rows.shown().get(), rows.waiting().get()) == (seen, waits)
    assert (rows.declined().get(), rows.over().get()) == (declined, over)
    assert rows.far_apart().shown().get().apart == 3
    assert not rows.ending_soon(today=seen.until - timedelta(days=15)).exists()
    assert rows.ending_soon(today=seen.until - timedelta(days=14)).get() == seen


def test_who_left_keeps_what_he_set(poor):
    gone = UserFactory(role="manager", is_active=False)

    assert put(poor, gone).by == gone
