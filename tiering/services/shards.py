"""Facts read in shards of customers by several workers at once, where SHARDS asks for it.

All look at one snapshot of the database. Whoever claims a shard first computes it, the
night included, so that it ends without any worker too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tiering.facts import Facts, Part, Shard, put_together, read_facts, read_part

TASK = "tiering.shard"
KEPT = 900  # seconds
PAUSE = 0.05
# How much longer than the night with its own shard another may take before it counts as lost.
PATIENCE, AT_LEAST = 5, 20


def facts_of_night(*, as_of: date) -> Facts:
    """`read_facts`, by as many workers as SHARDS says."""
    if settings.SHARDS <= 1:
        return read_facts(as_of=as_of)
    shards = [Shard(number, settings.SHARDS) for number in range(settings.SHARDS)]
    token = f"night-{uuid4().hex}"
    with _snapshot() as (session, snapshot):
        cache.set(token, snapshot, KEPT)
        try:
            parts = _computed(token, shards, as_of, session)
        finally:
            cache.delete_many([token, *(_key(token, shard.number) for shard in shards)])
    return put_together(parts, as_of=as_of)


def compute_shard(*, token: str, number: int, of: int, as_of: date) -> bool:
    """A worker's part of a night; False where the night is over or another one has the shard."""
    snapshot = cache.get(token)
    if snapshot is None or not _claim(token, number):
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        part = read_part(as_of=as_of, shard=Shard(number, of))
    cache.set(_key(token, number), part, KEPT)
    return True


def _computed(
    token: str, shards: list[Shard], as_of: date, session: BaseDatabaseWrapper
) -> list[Part]:
    # Workers begin at the other end, so that the night meets them in the middle.
    for shard in reversed(shards[1:]):
        told = {"token": token, "number": shard.number, "of": shard.of, "as_of": str(as_of)}
        current_app.send_task(TASK, kwargs=told)
    began = time.monotonic()
    parts = {
        shard: read_part(as_of=as_of, shard=shard, session=session)
        for shard in shards
        if _claim(token, shard.number)
    }
    longest = (time.monotonic() - began) / max(len(parts), 1)
    missing = [shard for shard in shards if shard not in parts]
    parts |= _awaited(token, missing, seconds=max(AT_LEAST, PATIENCE * longest))
    for shard in shards:
        if shard not in parts:
            parts[shard] = read_part(as_of=as_of, shard=shard, session=session)
    return [parts[shard] for shard in shards]


def _awaited(token: str, shards: list[Shard], *, seconds: float) -> dict[Shard, Part]:
    """What workers deliver within this time; a worker may have died with a shard."""
    found: dict[Shard, Part] = {}
    until = time.monotonic() + seconds
    while len(found) < len(shards) and time.monotonic() < until:
        for shard in shards:
            if shard not in found and (part := cache.get(_key(token, shard.number))):
                found[shard] = part
        time.sleep(PAUSE if len(found) < len(shards) else 0)
    return found


@contextmanager
def _snapshot() -> Iterator[tuple[BaseDatabaseWrapper, str]]:
    """A session whose view of the database others can share as long as this lasts."""
    session = connection.copy()
    try:
        session.set_autocommit(False)
        with session.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_export_snapshot()")
            yield session, cursor.fetchone()[0]
    finally:
        session.close()


def _claim(token: str, number: int) -> bool:
    return cache.add(f"{token}-claim-{number}", 1, KEPT)


def _key(token: str, number: int) -> str:
    return f"{token}-part-{number}"
