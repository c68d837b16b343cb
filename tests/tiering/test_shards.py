"""A night in shards gives the facts of a night in one piece, whoever computes them."""

from datetime import date
from threading import Thread

import pandas as pd
import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection

from crm.models import Order
from tests.factories import AS_OF, CustomerFactory
from tests.tiering.books import order, restless_book
from tests.tiering.checksums import left_behind
from tiering.facts import Shard, put_together, read_facts, read_part
from tiering.services import run_night, shards
from tiering.services.shards import compute_shard, facts_of_night

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def book():
    found = restless_book()
    CustomerFactory()
    order(found[0], 3, "-20.00")
    order(found[1], 450, "-20.00")
    return found


@pytest.fixture(autouse=True)
def queue(settings, monkeypatch):
    """Four shards; what is sent is taken by this test, and the night does not wait long."""
    settings.SHARDS = 4
    monkeypatch.setattr(shards, "AT_LEAST", 1)
    with current_app.connection_for_read() as broker:
        queue = broker.SimpleQueue(current_app.conf.task_default_queue)
        queue.clear()
        yield queue
        queue.clear()
        queue.close()


def same(found, expected):
    pd.testing.assert_frame_equal(found.book, expected.book)
    pd.testing.assert_frame_equal(found.rhythm, expected.rhythm)
    assert found.value_is_profit == expected.value_is_profit


@pytest.mark.parametrize("cost", [None, "60.00"])
@pytest.mark.parametrize("number", [2, 7])
def test_parts_put_together_are_the_whole(book, number, cost):
    Order.objects.filter(amount__gt=0).update(base_cost=cost)

    parts = [read_part(as_of=AS_OF, shard=Shard(place, number)) for place in range(number)]

    same(put_together(parts, as_of=AS_OF), read_facts(as_of=AS_OF))


def test_without_a_worker_the_night_computes_all_of_them(book):
    same(facts_of_night(as_of=AS_OF), read_facts(as_of=AS_OF))


def taken(queue, results: list):
    """A worker: takes one shard from the queue and computes it in a session of its own."""
    try:
        message = queue.get(timeout=60)
        message.ack()
        told = message.payload[1]
        results.append(compute_shard(**told | {"as_of": date.fromisoformat(told["as_of"])}))
    finally:
        connection.close()


def test_a_worker_takes_its_share_on_the_snapshot_of_the_night(book, queue, monkeypatch):
    expected = read_facts(as_of=AS_OF)
    results, late = [], []

    def in_the_middle(**kwargs):
        """While the night reads its first shard, a worker comes, and somebody buys."""
        if not late:
            late.append(order(book[-1], 0, "77777.00"))
            worker = Thread(target=taken, args=(queue, results))
            worker.start()
            worker.join()
        return read_part(**kwargs)

    monkeypatch.setattr(shards, "read_part", in_the_middle)

    found = facts_of_night(as_of=AS_OF)

    assert results == [True]
    same(found, expected)


def test_a_shard_whose_worker_died_is_computed_again(book, monkeypatch):
    expected = read_facts(as_of=AS_OF)
    claim = shards._claim

    def lost(token, number):
        if number == 2:
            cache.add(f"{token}-claim-2", 1, 60)
        return claim(token, number)

    monkeypatch.setattr(shards, "_claim", lost)

    same(facts_of_night(as_of=AS_OF), expected)


def test_a_worker_that_comes_after_the_night_does_nothing(book, queue):
    facts_of_night(as_of=AS_OF)
    results = []

    taken(queue, results)

    assert results == [False]


def test_a_night_in_shards_leaves_what_a_night_in_one_piece_leaves(book, settings):
    run_night(as_of=AS_OF)
    expected = left_behind()
    settings.SHARDS = 1

    run_night(as_of=AS_OF, force=True)

    assert left_behind() == expected
