"""Nights that are killed, that meet, and that are read while they run: all of it or nothing."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest
from django.conf import settings
from django.db import connection, transaction

from tests.factories import AS_OF
from tests.tiering.books import customers, order, restless_book
from tests.tiering.checksums import left_behind
from tiering.models import ChurnAlert, GradeChange, NightRun, Standing
from tiering.services import NightRefused, guard, run_night

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

TODAY = AS_OF + timedelta(days=7)
POINTS = [
    "tiering_churnfit",
    "tiering_gradechange",
    "tiering_standing",
    "tiering_churnalert",
    "tiering_standingsnapshot",
    "tiering_nightsummary",
]
WAITING = """
SELECT pid FROM pg_locks WHERE NOT granted AND relation = %s::regclass AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
def other():
    """A second session on the same database."""
    session = connection.copy()
    yield session
    session.close()


@pytest.fixture
def book():
    """A night has finished; since then a week has passed, with orders and a new customer."""
    found = restless_book()
    run_night(as_of=AS_OF)
    for customer in [*found[:40], *customers(1, "N")]:
        order(customer, -4, "5000.00")
    return found


@pytest.fixture
def start(book):
    """Start a night in a process of its own; ended at the end of the test, whatever happens."""
    started = []

    def start_one(*how: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.tiering.night_process"]
        name = connection.settings_dict["NAME"]
        process = subprocess.Popen(
            [*command, name, TODAY.isoformat(), *how],
            stdin=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


@contextmanager
def held(session, table: str):
    """Nobody else can write to the table; everybody can read it."""
    session.set_autocommit(False)
    with session.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    session.rollback()


def until_waiting(table: str) -> int:
    """The backend of whoever waits to write to the table."""
    with connection.cursor() as cursor:
        for _attempt in range(300):
            cursor.execute(WAITING, [table])
            if found := cursor.fetchone():
                return found[0]
            time.sleep(0.1)
    raise AssertionError(f"Nobody came to write to {table}.")


def undisturbed() -> dict[str, str]:
    """What the night leaves behind when nothing happens to it; taken back."""
    with transaction.atomic():
        run_night(as_of=TODAY)
        found = left_behind()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("table", POINTS)
def test_a_night_killed_anywhere_is_made_good_with_the_same_result(table, start, other):
    expected, before = undisturbed(), left_behind()
    with held(other, table):
        process = start()
        until_waiting(table)
        process.send_signal(signal.SIGKILL)
        process.wait()
    written = left_behind()

    run_night(as_of=TODAY)

    assert written | {"tiering_nightrun": ""} == before | {"tiering_nightrun": ""}
    assert left_behind() == expected != before


def test_a_night_killed_at_twenty_random_statements_leaves_the_last_whole_one(start):
    statements = []

    def noted(execute, sql, *args):
        statements.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(noted):
        expected = undisturbed()
    before = left_behind()
    of_the_night = len([sql for sql in statements if "SAVEPOINT" not in sql]) - len(before)
    process = start("killed")

    for number in Random(20).sample(range(1, of_the_night + 1), 20):
        process.stdin.write(f"{number}\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"{signal.SIGKILL:d}\n", number

        assert left_behind() | {"tiering_nightrun": ""} == before | {"tiering_nightrun": ""}
        assert undisturbed() == expected, number


def test_the_session_of_a_killed_night_ends_although_its_statement_waits(start, other):
    with held(other, "tiering_standing"):
        process = start()
        backend = until_waiting("tiering_standing")
        process.kill()
        assert gone_within(5, backend)


def gone_within(seconds: int, backend: int) -> bool:
    with connection.cursor() as cursor:
        for _attempt in range(seconds * 10):
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
            if not cursor.fetchone():
                return True
            time.sleep(0.1)
    return False


def test_a_night_whose_database_session_is_ended_is_made_good(start, other):
    expected = undisturbed()
    with held(other, "tiering_churnalert"):
        process = start()
        backend = until_waiting("tiering_churnalert")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        assert process.wait(timeout=30) != 0

    run_night(as_of=TODAY)

    assert left_behind() == expected


def test_a_reader_sees_the_night_before_until_all_of_the_new_one_is_there(start, other):
    def seen():
        return (
            NightRun.objects.latest_finished().as_of,
            set(Standing.objects.values_list("run__as_of", flat=True)),
            set(ChurnAlert.objects.open().values_list("seen_on", flat=True)),
            GradeChange.objects.filter(as_of=TODAY).exists(),
        )

    with held(other, "tiering_nightsummary"):
        process = start()
        until_waiting("tiering_nightsummary")
        assert seen() == (AS_OF, {AS_OF}, {AS_OF}, False)
        assert NightRun.objects.get(as_of=TODAY).state == "running"
    assert process.wait(timeout=30) == 0

    assert seen() == (TODAY, {TODAY}, {TODAY}, True)


def test_of_two_nights_at_once_one_runs(start, other):
    expected = undisturbed()
    with held(other, "tiering_nightsummary"):
        first = start()
        until_waiting("tiering_nightsummary")
        second = start()
        time.sleep(3)  # time enough to come to the lock
        assert second.poll() is None
    outputs = [process.communicate(timeout=60)[0] for process in (first, second)]

    finished_at = NightRun.objects.get(as_of=TODAY).finished_at.isoformat()
    assert [output.strip() for output in outputs] == [finished_at, finished_at]
    assert left_behind() == expected


def test_a_night_that_meets_a_long_one_is_refused(book, other, monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 1)
    with other.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock({guard.LOCK})")
        before = left_behind()

        with pytest.raises(NightRefused, match="Another night is being computed"):
            run_night(as_of=TODAY)

        assert left_behind() == before


def test_the_lock_is_let_go_after_a_night_and_after_a_refusal(book, other):
    run_night(as_of=TODAY)
    with pytest.raises(NightRefused):
        run_night(as_of=AS_OF)

    with other.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({guard.LOCK})")
        assert cursor.fetchone() == (True,)
