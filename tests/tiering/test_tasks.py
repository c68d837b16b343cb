"""Beat's door to the night."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
import time_machine
from celery import current_app

from tests.factories import AS_OF
from tests.tiering.books import book_of_values
from tiering.models import NightRun
from tiering.services import NightRefused, run_night, run_nights_until
from tiering.tasks import nightly

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent():
    """The names of the tasks that wait in the broker."""
    with current_app.connection_for_read() as broker:
        queue = broker.SimpleQueue(current_app.conf.task_default_queue)
        names_in(queue)
        yield lambda: names_in(queue)
        queue.close()


def names_in(queue) -> list[str]:
    found = []
    with suppress(queue.Empty):
        while message := queue.get(block=False):
            message.ack()
            found.append(message.headers["task"])
    return found


def test_the_night_is_that_of_yesterday_in_the_company_s_time_zone(sent):
    book_of_values(100)

    with time_machine.travel("2025-03-10T18:00:00Z", tick=False):  # 02:00 in Shanghai
        nightly()

    assert list(NightRun.objects.values_list("as_of", "state")) == [(date(2025, 3, 10), "finished")]


def test_another_day_can_be_asked_for(sent):
    nightly(as_of="2025-03-01")

    assert NightRun.objects.get().as_of == date(2025, 3, 1)


def test_follow_ups_are_refreshed_after_every_night(sent):
    nightly(as_of="2025-03-01")

    assert sent() == ["followups.refresh"]
    current_app.loader.import_default_modules()
    assert {"followups.refresh", "tiering.nightly"} <= set(current_app.tasks)


def test_a_night_that_beat_calls_twice_runs_once_and_an_older_one_not_at_all(sent, caplog):
    book_of_values(100)
    first = run_night(as_of=AS_OF)

    nightly(as_of=AS_OF.isoformat())
    nightly(as_of=(AS_OF - timedelta(days=1)).isoformat())

    assert NightRun.objects.get().finished_at == first.finished_at
    assert "Night of 2025-03-09 refused" in caplog.text
    assert sent() == ["followups.refresh", "followups.refresh"]


def test_beat_makes_good_what_was_missed_in_order(sent, caplog):
    book_of_values(100)
    run_night(as_of=AS_OF)

    nightly(as_of=(AS_OF + timedelta(days=3)).isoformat())

    nights = NightRun.objects.order_by("finished_at").values_list("as_of", flat=True)
    assert list(nights) == [AS_OF + timedelta(days=days) for days in range(4)]


def test_of_two_who_make_good_the_same_nights_the_slower_one_finds_nothing_to_do():
    book_of_values(100)
    run_night(as_of=AS_OF)
    missed, latest = AS_OF + timedelta(days=1), AS_OF + timedelta(days=2)
    run_night(as_of=latest)

    assert run_nights_until(as_of=missed, followed=True) == []

    with pytest.raises(NightRefused, match="only go forward"):
        run_nights_until(as_of=missed)
    assert NightRun.objects.latest_finished().as_of == latest


def test_of_a_long_pause_beat_makes_good_the_latest_nights_only(sent, caplog):
    book_of_values(100)
    run_night(as_of=AS_OF - timedelta(days=400))

    nightly(as_of=AS_OF.isoformat())

    nights = NightRun.objects.order_by("as_of").values_list("as_of", flat=True)
    since = [AS_OF - timedelta(days=days) for days in range(35, -1, -1)]
    assert list(nights) == [AS_OF - timedelta(days=400), *since]
    assert "Nights skipped: 364, 2024-02-05 to 2025-02-02" in caplog.text
