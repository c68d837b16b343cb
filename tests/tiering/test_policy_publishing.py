"""A draft is published on its last page: at once, later, by a second person, by a worker."""

import threading
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core.cache import cache
from django.urls import reverse

from tests.factories import AS_OF, UserFactory
from tests.tiering.books import book_of_values, shares
from tests.tiering.policy_forms import typed
from tiering import tasks
from tiering.models import Policy, Standing
from tiering.policy_digest import fingerprint
from tiering.services import heartbeat, run_night, what_if
from tiering.services.policies import new_draft

pytestmark = pytest.mark.django_db

TOMORROW = AS_OF + timedelta(days=1)


@pytest.fixture
def draft(ada):
    return new_draft(name="Next", by=ada, shares=shares(5, 25, 30, 40), basis=Policy.Basis.VALUE)


@pytest.fixture
def book(db):
    found = book_of_values(*range(300, 100, -1))
    run_night(as_of=AS_OF)
    return found


@pytest.fixture
def sent(monkeypatch):
    """The names of the tasks that are sent to the workers."""
    names = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: names.append(name))
    return names


def page_of(draft):
    return reverse("policy_publish", args=[draft.version])


@pytest.fixture
def publish(client):
    def publish(person, draft, day=AS_OF, do="publish", **more):
        client.force_login(person)
        seen = fingerprint(Policy.objects.get(pk=draft.pk))
        data = {"valid_from": day.isoformat(), "note": "Fewer", "seen": seen, "do": do} | more
        return client.post(page_of(draft), data)

    return publish


def test_the_last_page_says_how_many_move_and_offers_the_day_of_the_night(ada, draft, book, client):
    client.force_login(ada)

    page = client.get(page_of(draft))

    assert page.context["moves"]["count"] == 48
    assert "48 customers change grade" in page.content.decode()
    assert page.context["form"]["valid_from"].value() == AS_OF


def test_the_last_page_names_the_grades_that_nobody_would_have(ada, draft, book, client):
    Policy.objects.filter(pk=draft.pk).update(floor=9000)
    client.force_login(ada)

    assert "Nobody would have the grade Key." in client.get(page_of(draft)).text


def test_at_once_it_rules_and_follow_ups_look_anew(
    ada, draft, book, publish, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = publish(ada, draft)

    draft.refresh_from_db()
    assert answer["Location"] == reverse("policy_version", args=[draft.version])
    assert (draft.valid_from, draft.note, draft.approved_by) == (AS_OF, "Fewer", ada)
    assert Standing.objects.filter(grade="key").count() == 10
    assert sent == ["followups.refresh"]


def test_later_it_waits_for_its_night(ada, draft, book, publish, sent):
    publish(ada, draft, TOMORROW)

    assert Policy.objects.get(pk=draft.pk).valid_from == TOMORROW
    assert Standing.objects.filter(grade="key").count() == 2


def test_a_day_in_the_past_is_refused_with_the_reason(ada, draft, book, publish):
    page = publish(ada, draft, AS_OF - timedelta(days=1)).content.decode()

    assert "does not begin in the past" in page
    assert not Policy.objects.get(pk=draft.pk).is_published


def test_no_day_is_no_publication(ada, draft, book, publish):
    assert "This field is required." in publish(ada, draft, valid_from="").content.decode()
    assert not Policy.objects.get(pk=draft.pk).is_published


def test_what_changed_since_it_was_looked_at_is_not_published(ada, draft, book, publish):
    page = publish(ada, draft, seen="what it was").content.decode()

    assert "Ada An has changed this draft meanwhile." in page
    assert not Policy.objects.get(pk=draft.pk).is_published


def test_published_once_it_has_no_last_page(ada, draft, book, publish, sent):
    publish(ada, draft)

    assert publish(ada, draft, seen="x").status_code == 404


def test_where_two_have_to_agree_the_first_proposes_and_the_second_publishes(
    ada, draft, book, publish, client, sent, settings
):
    settings.SECOND_PERSON = True
    second = UserFactory(role="admin", name="Bo")
    assert "Propose the policy first" in publish(second, draft).content.decode()

    publish(ada, draft, do="propose")

    client.force_login(ada)
    page = client.get(page_of(draft)).content.decode()
    assert "a second person has to publish it" in page
    assert 'value="publish"' not in page
    assert "a second person" in publish(ada, draft).content.decode()
    assert not Policy.objects.get(pk=draft.pk).is_published
    publish(second, draft)
    draft.refresh_from_db()
    assert (draft.by, draft.approved_by, draft.note) == (ada, second, "Fewer")


def test_save_and_publish_leads_to_the_last_page(ada, draft, client):
    client.force_login(ada)
    sent = typed(draft, name="Mine") | {"do": "publish"}

    answer = client.post(reverse("policy_version", args=[draft.version]), sent)

    assert answer["Location"] == page_of(draft)
    assert Policy.objects.get(pk=draft.pk).name == "Mine"


@pytest.fixture
def large(monkeypatch, book):
    """Every book is a large one; what would be sent to the worker is kept here."""
    orders = []
    monkeypatch.setattr(what_if, "LARGEST_AT_ONCE", 100)
    monkeypatch.setattr(tasks.publish_policy, "delay", lambda **call: orders.append(call))
    return orders


@pytest.fixture
def ordered(publish, django_capture_on_commit_callbacks):
    def ordered(person, draft):
        with django_capture_on_commit_callbacks(execute=True):
            return publish(person, draft)

    return ordered


def test_a_large_book_is_published_by_a_worker_once(ada, draft, large, ordered, client, sent):
    watch = reverse("policy_publishing", args=[draft.version])
    assert ordered(ada, draft)["Location"] == watch
    assert ordered(ada, draft)["Location"] == watch
    assert len(large) == 1
    assert "Grading the whole book" in client.get(watch).content.decode()

    tasks.publish_policy(**large[0])

    assert Policy.objects.get(pk=draft.pk).valid_from == AS_OF
    assert sent == ["followups.refresh"]
    assert client.get(watch)["Location"] == reverse("policy_version", args=[draft.version])


def test_a_worker_that_is_refused_says_why_on_the_page(ada, draft, large, ordered, client, sent):
    ordered(ada, draft)
    Policy.objects.filter(pk=draft.pk).update(note="Changed")

    tasks.publish_policy(**large[0])

    page = client.get(reverse("policy_publishing", args=[draft.version]), follow=True)
    assert "has changed this draft meanwhile" in page.content.decode()
    assert not Policy.objects.get(pk=draft.pk).is_published


def test_a_worker_that_died_is_noticed_and_what_it_left_is_not_carried_out_later(
    ada, draft, large, ordered, client, sent
):
    ordered(ada, draft)
    cache.delete(f"publishing:{draft.pk}")  # as it runs out when nobody beats

    page = client.get(reverse("policy_publishing", args=[draft.version]), follow=True)
    tasks.publish_policy(**large[0])

    assert "The publication broke off" in page.content.decode()
    assert not Policy.objects.get(pk=draft.pk).is_published
    ordered(ada, draft)
    tasks.publish_policy(**large[1])
    assert Policy.objects.get(pk=draft.pk).is_published


def test_what_works_beats_and_is_silent_afterwards(monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", 0.02)
    cache.set("work", 1, 1)

    with heartbeat.beating("work"):
        time.sleep(0.5)
    threads = [
        thread for thread in threading.enumerate() if thread.daemon and "beat" in str(thread)
    ]
    time.sleep(1)

    assert cache.get("work") == 1
    assert threads == []


def test_htmx_is_led_on_when_the_publication_has_ended(ada, draft, client):
    client.force_login(ada)

    answer = client.get(
        reverse("policy_publishing", args=[draft.version]), headers={"HX-Request": "true"}
    )

    assert answer["HX-Redirect"] == page_of(draft)
