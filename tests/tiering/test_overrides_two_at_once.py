"""Two people decide on one customer at the same moment, or a person and the night."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.factories import AS_OF, UserFactory
from tests.tiering.books import book_of_values
from tests.tiering.test_overrides import TODAY, changes, put, shown
from tiering.models import NightRun, Override
from tiering.services import guard, run_night
from tiering.services.overrides import OverrideRefused, approve, decline, end
from tiering.services.policies import new_draft, publish

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def poor():
    _, poor = book_of_values(5000, 100)
    run_night(as_of=AS_OF)
    return poor


@pytest.fixture
def people():
    return [UserFactory(role="manager"), UserFactory(role="manager")]


def at_once(*acts):
    """Run these in threads of their own; what each gave, or the refusal."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait()
            return act()
        except OverrideRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refusals(answers):
    return [answer for answer in answers if isinstance(answer, OverrideRefused)]


@pytest.mark.parametrize("_", range(3))
def test_of_two_grades_set_at_once_one_is_in_force(_, poor, people):
    first, second = people

    answers = at_once(
        lambda: put(poor, first, grade="key"), lambda: put(poor, second, grade="general")
    )

    assert refusals(answers) == []
    winner = Override.objects.get(ended_on=None)
    loser = Override.objects.exclude(pk=winner.pk).get()
    assert shown(poor) == (winner.grade, "maintain", winner)
    assert loser.ended_by == winner.by
    assert [change[:2] for change in changes(poor)[1:]] == [
        ("maintain", loser.grade),
        (loser.grade, winner.grade),
    ]


def test_a_double_click_at_once_is_one(poor, people):
    answers = at_once(*[lambda: put(poor, people[0])] * 3)

    assert len({answer.pk for answer in answers}) == 1
    assert len(changes(poor)) == 2


def test_of_two_who_end_one_comes_second(poor, people):
    override = put(poor, people[0])

    answers = at_once(*[lambda by=by: end(override=override, by=by, today=TODAY) for by in people])

    assert len(refusals(answers)) == 1
    assert shown(poor) == ("maintain", "maintain", None)
    assert len(changes(poor)) == 3


def test_what_is_approved_and_declined_at_once_is_one_of_them(poor, people, settings):
    settings.SECOND_PERSON = True
    override = put(poor, UserFactory(role="manager"))

    answers = at_once(
        lambda: approve(override=override, by=people[0], today=TODAY),
        lambda: decline(override=override, by=people[1], today=TODAY),
    )

    assert len(refusals(answers)) == 1
    override.refresh_from_db()
    assert (override.approved_at is None) == (override.ended_on is not None)
    assert shown(poor)[0] == ("maintain" if override.was_declined else "key")


def test_while_a_night_is_computed_nothing_is_set_and_the_page_says_so(poor, people, monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE_OF_A_PAGE", 0.5)

    with guard.one_night_at_a_time():
        (answer,) = at_once(lambda: put(poor, people[0]))

    assert "being computed" in str(answer)
    assert (Override.objects.count(), shown(poor)[0]) == (0, "maintain")
    (again,) = at_once(lambda: put(poor, people[0]))
    assert shown(poor) == ("key", "maintain", again)


def test_while_a_night_is_computed_a_publication_does_not_wait_for_long(poor, ada, monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE_OF_A_PAGE", 0.5)
    draft = new_draft(name="Next", by=ada)

    def published():
        try:
            return publish(policy=draft, valid_from=TODAY, note="", by=ada, now=timezone.now())
        except guard.NightRefused as refusal:
            return refusal

    began = time.monotonic()
    with guard.one_night_at_a_time():
        (answer,) = at_once(published)

    assert isinstance(answer, guard.NightRefused)
    assert time.monotonic() - began < guard.PATIENCE / 2
    draft.refresh_from_db()
    assert not draft.is_published


def test_the_night_waits_for_whoever_is_setting_a_grade(poor, people, monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 0.5)

    with transaction.atomic():
        override = put(poor, people[0])
        (answer,) = at_once(night_of_today)
        assert isinstance(answer, guard.NightRefused)

    (run,) = at_once(night_of_today)
    assert run.state == NightRun.State.FINISHED
    assert shown(poor) == ("key", "maintain", override)


def night_of_today():
    try:
        return run_night(as_of=TODAY)
    except guard.NightRefused as refusal:
        return refusal
