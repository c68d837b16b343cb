"""Under a policy that only proposes a change of grade waits for a person, who decides many at once."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from crm.models import Customer
from tests.factories import AS_OF, TeamFactory, UserFactory
from tests.policies import rewrite
from tests.tiering.books import ago, book_of_values, grades_of, new_policy, order
from tests.tiering.checksums import left_behind
from tiering.models import (
    GradeChange,
    GradeProposal,
    NightRun,
    NightSummary,
    Override,
    Standing,
    StandingSnapshot,
)
from tiering.services import run_night
from tiering.services.guard import one_night_at_a_time
from tiering.services.policies import new_draft, publish
from tiering.services.proposals import CannotDecide, Decided, approve, decline

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 3, 12, 2, tzinfo=UTC)


def day(number: int):
    return AS_OF + timedelta(days=number)


def proposals(**fields):
    return GradeProposal.objects.filter(**fields).order_by("id")


def waiting() -> list[tuple]:
    return list(proposals(state="waiting").values_list("customer_id", "from_level", "to_level"))


def states() -> list[str]:
    return list(proposals().values_list("state", flat=True))


@pytest.fixture
def policy(db):
    return new_policy(valid_from=ago(400), propose_only=True)


@pytest.fixture
def book(policy, alice):
    """A hundred customers of Alice; tonight the last one has become the best."""
    found = book_of_values(*range(200, 100, -1))
    Customer.objects.filter(pk__in=[each.pk for each in found]).update(owner=alice)
    run_night(as_of=AS_OF)
    order(found[-1], -1, "5000.00")
    run_night(as_of=day(1))
    return found


def test_a_change_that_is_due_waits_and_changes_nothing(book):
    risen, fallen = book[-1], book[0]

    assert grades_of(risen, fallen) == ["maintain", "key"]
    assert (risen.pk, "maintain", "key") in waiting()
    assert (fallen.pk, "key", "secondary") in waiting()
    first = proposals().first()
    assert (first.proposed_on, first.deadline) == (day(1), day(15))
    assert len(waiting()) == 4  # one over each line, one pushed under each


def test_approved_it_acts_at_once_and_the_next_night_keeps_it(book, mona):
    risen = book[-1]
    before = GradeChange.objects.count()

    decided = approve(proposals=proposals(), by=mona, today=day(2))

    assert decided == Decided(4, 0)
    assert set(states()) == {"approved"}
    assert proposals(decided_by=mona, decided_on=day(2)).count() == 4
    assert grades_of(*book[:2], risen) == ["secondary", "secondary", "key"]
    change = GradeChange.objects.get(customer=risen, as_of=day(1))
    assert (change.from_grade, change.to_grade, change.cause) == ("maintain", "key", "data")
    assert change.after["proposal"] == proposals().get(customer=risen).pk
    assert GradeChange.objects.count() == before + 4
    assert StandingSnapshot.objects.get(customer=risen, as_of=day(1)).grade == "key"
    summary = NightSummary.objects.filter(run__as_of=day(1))
    assert sum(summary.values_list("customers", flat=True)) == 100
    assert sum(summary.filter(grade="key").values_list("value", flat=True)) == 5101

    run_night(as_of=day(2))

    assert grades_of(risen) == ["key"]
    assert waiting() == []
    assert GradeChange.objects.count() == before + 4


def test_what_was_approved_stays_when_the_night_is_computed_again(book, mona):
    approve(proposals=proposals(), by=mona, today=day(2))
    before = dict(Standing.objects.values_list("customer_id", "level"))

    run_night(as_of=day(1), force=True)

    assert dict(Standing.objects.values_list("customer_id", "level")) == before
    assert waiting() == []


def test_a_night_computed_again_proposes_the_same(book):
    before = left_behind()

    run_night(as_of=day(1), force=True)

    assert left_behind() == before


def test_what_is_declined_is_counted_from_the_beginning(policy, alice, mona):
    rewrite(type(policy).objects.filter(pk=policy.pk), nights_up=3, nights_down=3)
    found = book_of_values(*range(200, 100, -1))
    run_night(as_of=AS_OF)
    order(found[-1], -1, "5000.00")
    for number in (1, 2, 3):
        run_night(as_of=day(number))
    assert len(waiting()) == 4

    decline(proposals=proposals(), by=_administrator(), today=day(4))
    opened = []
    for number in (4, 5, 6):
        run_night(as_of=day(number))
        opened.append(len(waiting()))

    assert opened == [0, 0, 4]
    assert grades_of(found[-1]) == ["maintain"]
    assert states() == ["declined"] * 4 + ["waiting"] * 4


def _administrator():
    return UserFactory(role="admin", team=None)


def test_what_is_no_longer_due_is_withdrawn(book):
    order(book[-1], -2, "-5000.00")

    run_night(as_of=day(2))

    assert set(states()) == {"withdrawn"}
    assert grades_of(book[-1]) == ["maintain"]


def test_what_leads_elsewhere_is_withdrawn_and_proposed_anew(book):
    order(book[-2], -2, "90.00")  # 192: it belongs among the secondary now
    run_night(as_of=day(2))
    assert (book[-2].pk, "maintain", "secondary") in waiting()

    order(book[-2], -3, "9000.00")
    run_night(as_of=day(3))

    found = proposals(customer=book[-2]).values_list("to_level", "state")
    assert list(found) == [("secondary", "withdrawn"), ("key", "waiting")]


def test_what_nobody_decides_lapses_and_comes_again_a_night_later(book, mona):
    proposals().update(deadline=day(2))

    run_night(as_of=day(2))
    assert (states(), waiting()) == (["lapsed"] * 4, [])
    run_night(as_of=day(2), force=True)
    assert waiting() == []

    run_night(as_of=day(3))
    assert states() == ["lapsed"] * 4 + ["waiting"] * 4


def test_past_the_deadline_nothing_is_approved(book, mona):
    assert approve(proposals=proposals(), by=mona, today=day(16)) == Decided(0, 4)
    assert grades_of(book[-1]) == ["maintain"]


def test_what_a_person_set_stays_while_the_level_underneath_moves(policy, book, mona, ada):
    risen = book[-1]
    Override.objects.create(
        customer=risen, grade="general", computed_grade="maintain", reason="New plant", by=ada,
        starts_on=day(2), until=day(2), approved_at=NOW,
    )  # fmt: skip
    run_night(as_of=day(2))
    before = GradeChange.objects.filter(customer=risen).count()

    approve(proposals=proposals(), by=mona, today=day(3))

    standing = Standing.objects.get(customer=risen)
    assert (standing.grade, standing.level) == ("general", "key")
    assert GradeChange.objects.filter(customer=risen).count() == before
    run_night(as_of=day(3))
    assert grades_of(risen) == ["key"]


def test_a_new_policy_withdraws_what_waits(book, ada):
    draft = new_draft(name="At once", by=ada, basis="value")

    publish(policy=draft, valid_from=day(1), note="", by=ada, now=NOW)

    assert set(states()) == {"withdrawn"}
    assert grades_of(book[-1]) == ["key"]


def test_leaving_waits_for_nobody(policy, ada):
    leaving, staying = book_of_values(10, 20)
    order(staying, -300)
    run_night(as_of=AS_OF)

    run_night(as_of=day(365))

    assert not Standing.objects.get(customer=leaving).eligible
    assert waiting() == []


def test_who_decides_decides_in_scope_only(book, alice, otto):
    foreign = UserFactory(role="manager", team=TeamFactory(name="South"))
    before = left_behind()

    for by in (alice, otto):
        with pytest.raises(CannotDecide):
            approve(proposals=proposals(), by=by, today=day(2))
    assert approve(proposals=proposals(), by=foreign, today=day(2)) == Decided(0, 0)

    assert left_behind() == before


def test_a_list_that_has_changed_is_not_decided(book, mona):
    with pytest.raises(CannotDecide, match="has changed"):
        approve(proposals=proposals(), by=mona, today=day(2), expected=3)

    assert set(states()) == {"waiting"}
    assert decline(proposals=proposals(), by=mona, today=day(2), expected=4) == Decided(4, 0)


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_is_decided_in_as_many_queries(number, book, mona, django_assert_num_queries):
    chosen = proposals(pk__in=proposals().values("pk")[:number])

    with django_assert_num_queries(16):
        assert approve(proposals=chosen, by=mona, today=day(2)).count == number


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_people_at_once_decide_once(book, mona, ada):
    together, answers = Barrier(2), []

    def decide(act, by):
        together.wait(timeout=60)
        answers.append(act(proposals=proposals(), by=by, today=day(2)))
        connection.close()

    threads = [Thread(target=decide, args=pair) for pair in ((approve, mona), (decline, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((each.count, each.missed) for each in answers) == [(0, 4), (4, 0)]
    assert len(set(proposals().values_list("state", "decided_by"))) == 1
    approved = states()[0] == "approved"
    assert grades_of(book[-1]) == ["key" if approved else "maintain"]
    run = NightRun.objects.latest_finished()
    assert sum(run.summaries.values_list("customers", flat=True)) == 100


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nothing_is_decided_while_a_night_is_being_computed(book, mona, monkeypatch):
    monkeypatch.setattr("tiering.services.proposals.PATIENCE", 0)
    refused = []

    def try_it():
        try:
            approve(proposals=proposals(), by=mona, today=day(2))
        except CannotDecide as error:
            refused.append(str(error))
        connection.close()

    with one_night_at_a_time():
        thread = Thread(target=try_it)
        thread.start()
        thread.join()

    assert len(refused) == 1
    assert set(states()) == {"waiting"}
