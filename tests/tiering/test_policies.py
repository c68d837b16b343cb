"""The life of a policy: draft, preview, proposed, published; and what is refused on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, transaction

from crm.models import Order
from tests.factories import AS_OF, UserFactory
from tests.tiering.books import book_of_values, grades_of, order, restless_book, shares
from tests.tiering.checksums import left_behind
from tiering.models import GradeChange, NightRun, NightSummary, Override, Policy, Standing
from tiering.models.policy import SETTINGS
from tiering.policy_digest import fingerprint
from tiering.schemes import TEN_SHARES
from tiering.services import run_night
from tiering.services.policies import (
    PolicyRefused,
    change_draft,
    drop_draft,
    new_draft,
    propose,
    publish,
    settings_of,
)
from tiering.services.presets import settings_of_preset
from tiering.services.preview import preview

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 3, 11, 2, tzinfo=UTC)
TOMORROW = AS_OF + timedelta(days=1)


@pytest.fixture
def draft(ada):
    return new_draft(name="Next", by=ada, shares=shares(5, 25, 30, 40), basis=Policy.Basis.VALUE)


def published(policy, by, day=AS_OF):
    return publish(policy=policy, valid_from=day, note="", by=by, now=NOW)


def shown() -> dict[int, str]:
    return dict(Standing.objects.values_list("customer_id", "grade"))


def test_a_draft_begins_as_the_next_version_with_the_settings_of_another(ada, draft):
    like = new_draft(name="Like it", by=ada, **settings_of(draft))

    assert (draft.version, like.version) == (2, 3)
    assert like.rules().shares == draft.shares
    assert Policy.objects.in_force(day=AS_OF).version == 1


def test_what_is_published_is_never_changed_and_never_goes(ada, draft):
    published(draft, ada)
    other = new_draft(name="Other", by=ada)

    both = Policy.objects.filter(pk__in=[draft.pk, other.pk])
    for refused in (lambda: both.update(band=1), both.delete, lambda: both.update(valid_from=None)):
        with pytest.raises(Error, match="never changed"), transaction.atomic():
            refused()
    assert Policy.objects.filter(pk=other.pk).update(band=1) == 1


def test_a_preview_saves_nothing_and_names_its_night(draft):
    book_of_values(*range(300, 100, -1))
    run = run_night(as_of=AS_OF)
    before = left_behind()

    found = preview(draft)

    assert found.run == run
    assert left_behind() == before
    assert [step.customers for step in found.steps()] == [10, 50, 60, 80]
    assert [step.customers_before for step in found.steps()] == [2, 38, 60, 100]
    assert sum(step.value for step in found.steps()) == sum(range(101, 301))


def test_without_a_night_there_is_nothing_to_preview(draft):
    assert preview(draft) is None


def ten_levels(*best: float) -> dict:
    """Settings of ten levels with these shares for the first four."""
    fields = settings_of_preset("ten_levels")
    rest = [5.84, 5.84, 5.83, 5.83, 5.83, 5.83]
    return fields | {"shares": dict(zip(TEN_SHARES, [*best, *rest], strict=True))}


@pytest.mark.parametrize(
    ("basis", "today", "then"),
    [
        (Policy.Basis.CONTINUING_VALUE, None, {"shares": shares(3, 27, 30, 40)}),
        (Policy.Basis.ARPU, None, {"shares": shares(3, 27, 30, 40)}),
        (Policy.Basis.VALUE, ten_levels(5, 30, 20, 10), ten_levels(4, 31, 12, 18)),
    ],
    ids=["continuing value", "arpu", "ten levels"],
)
def test_published_on_the_night_of_the_preview_it_gives_row_for_row_what_that_said(
    ada, basis, today, then
):
    book = restless_book(130)
    set_by_hand = {"grade": "general", "reason": "Bankrupt", "approved_at": NOW, "by": ada}
    for days in (1, 0):
        run_night(as_of=AS_OF - timedelta(days=days))
        if days and today:
            published(new_draft(name="Today", by=ada, **today), ada, AS_OF - timedelta(days=1))
            Override.objects.bulk_create(
                Override(
                    **set_by_hand, customer=each, computed_grade="", starts_on=AS_OF, until=TOMORROW
                )
                for each in book[:40]
            )
    draft = new_draft(name="Next", by=ada, basis=basis, **then)
    found = preview(draft)
    assert len(found.movers) > 5

    published(draft, ada)

    names, frame = ("key", "secondary", "general", "maintain"), found.frame
    said = zip(frame.index, frame["to_grade"], frame["to_level"], strict=True)
    assert set(Standing.objects.values_list("customer_id", "grade", "level")) == {
        (customer, names[grade], list(draft.classes)[level]) for customer, grade, level in said
    }
    moved = GradeChange.objects.filter(cause="policy", as_of=AS_OF)
    assert set(moved.values_list("customer_id", flat=True)) == set(found.movers.index)
    ups = {each.customer_id for each in moved.select_related("run__policy") if rises(each)}
    assert ups == set(found.movers.index[found.movers["up"]])
    run = NightRun.objects.latest_finished()
    assert (run.policy, run.basis) == (draft, basis)
    assert sum(NightSummary.objects.filter(run=run).values_list("customers", flat=True)) == 130


def rises(change: GradeChange) -> bool:
    codes = list(change.run.policy.classes)
    return codes.index(change.to_level) < codes.index(change.from_level)


def test_a_night_of_a_new_policy_computed_again_gives_the_same(ada, draft):
    restless_book(130)
    run_night(as_of=AS_OF)
    published(draft, ada)
    before = shown()

    run_night(as_of=AS_OF, force=True)

    assert shown() == before


def test_what_a_person_set_stays_in_preview_and_publication(ada, draft):
    best, *_ = book_of_values(*range(300, 100, -1))
    Override.objects.create(
        customer=best, grade="general", computed_grade="key", reason="Bankrupt", by=ada,
        starts_on=AS_OF, until=TOMORROW, approved_at=NOW,
    )  # fmt: skip
    run_night(as_of=AS_OF)
    found = preview(draft)

    published(draft, ada)

    assert best.pk not in found.movers.index
    assert grades_of(best) == ["general"]


def test_a_later_day_changes_nothing_before_its_night(ada, draft):
    book_of_values(*range(300, 100, -1))
    run_night(as_of=AS_OF)
    before = shown()

    published(draft, ada, TOMORROW)

    assert shown() == before
    assert run_night(as_of=TOMORROW).policy == draft
    assert shown() != before


def test_of_two_that_begin_on_one_day_the_later_version_rules(ada, draft):
    book_of_values(100)
    run_night(as_of=AS_OF)
    published(draft, ada)
    again = new_draft(name="Mended", by=ada)

    published(again, ada)

    assert Policy.objects.in_force(day=AS_OF) == again


def test_a_policy_does_not_begin_before_the_latest_night(ada, draft):
    book_of_values(100)
    run_night(as_of=AS_OF)

    with pytest.raises(PolicyRefused, match=r"on 9 Mar.* night of 10 Mar"):
        published(draft, ada, AS_OF - timedelta(days=1))

    draft.refresh_from_db()
    assert not draft.is_published


def test_a_published_policy_never_changes(ada, draft):
    published(draft, ada, TOMORROW)

    for act in (
        lambda: change_draft(policy=draft, fields={"name": "Other"}, by=ada),
        lambda: drop_draft(policy=draft, by=ada),
        lambda: published(draft, ada, TOMORROW),
    ):
        with pytest.raises(PolicyRefused, match="never changes"), transaction.atomic():
            act()
    assert Policy.objects.get(pk=draft.pk).name == "Next"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shares": shares(1, 19, 30, 40)}, "add up"),
        ({"shares": shares(1, 19, 0, 80)}, "above 0"),
        ({"scheme": "lines", "lines": {"key": 1, "secondary": 2, "general": 0}}, "cross"),
        ({"basis": "points", "weights": {"fit": 99}}, "weights must add up"),
        ({"alert_threshold": "1.5"}, "0.99"),
        ({"nights_up": 0}, "1 and 120"),
    ],
)
def test_settings_that_cannot_grade_are_refused_with_the_reason(ada, draft, fields, message):
    with pytest.raises(PolicyRefused, match=message), transaction.atomic():
        change_draft(policy=draft, fields=fields, by=ada)

    assert Policy.objects.get(pk=draft.pk).shares == shares(5, 25, 30, 40)


def test_only_administrators_write_policies(mona, alice, draft):
    for person in (mona, alice):
        with pytest.raises(PolicyRefused, match="administrators"):
            published(draft, person, TOMORROW)
        with pytest.raises(PolicyRefused, match="administrators"):
            new_draft(name="Mine", by=person)


def test_a_second_person_publishes_what_was_proposed(ada, draft, settings):
    settings.SECOND_PERSON = True
    second = UserFactory(role="admin")
    with pytest.raises(PolicyRefused, match="Propose"):
        published(draft, second, TOMORROW)

    propose(policy=draft, note="Fewer key accounts", by=ada, now=NOW)

    with pytest.raises(PolicyRefused, match="second person"):
        published(draft, ada, TOMORROW)
    published(draft, second, TOMORROW)
    draft.refresh_from_db()
    assert (draft.by, draft.approved_by, draft.note) == (ada, second, "Fewer key accounts")


def test_whoever_proposes_the_draft_of_another_is_not_its_author_and_has_seen_it(ada, draft):
    second, seen = UserFactory(role="admin"), fingerprint(draft)

    propose(policy=draft, note="", by=second, now=NOW, seen=seen)
    draft.refresh_from_db()
    assert (draft.by, draft.proposed_at) == (ada, NOW)

    change_draft(policy=draft, fields={"nights_up": 3}, by=ada)
    with pytest.raises(PolicyRefused, match="has changed this draft"):
        propose(policy=draft, note="", by=second, now=NOW, seen=seen)
    draft.refresh_from_db()
    assert draft.proposed_at is None


def test_what_changes_after_the_proposal_has_to_be_proposed_again(ada, draft, settings):
    settings.SECOND_PERSON = True
    propose(policy=draft, note="", by=ada, now=NOW)
    change_draft(policy=draft, fields={"nights_up": 3}, by=ada)

    with pytest.raises(PolicyRefused, match="Propose"):
        published(draft, UserFactory(role="admin"), TOMORROW)


def test_a_preview_uses_the_facts_of_the_night_and_not_later_orders(draft):
    book = book_of_values(*range(300, 100, -1))
    run_night(as_of=AS_OF)
    before = preview(draft).frame["to_grade"].tolist()
    order(book[-1], 0, "90000.00")
    Order.objects.filter(customer=book[0]).delete()

    assert preview(draft).frame["to_grade"].tolist() == before


def test_a_new_book_begins_with_the_default_of_a_policy():
    first = Policy.objects.get(version=1)

    judged = [name for name in SETTINGS if name not in {"levels", "shares"}]
    defaults = {name: Policy._meta.get_field(name).get_default() for name in judged}
    assert {name: getattr(first, name) for name in judged} == defaults
    assert (first.basis, first.nights_up, first.nights_down) == ("continuing_value", 7, 30)
