"""Nights that are killed, that meet, and that are read while they run: all of it or nothing."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
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
    "tiering_signalquality",
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


@pytest.fixture(scope="module")
def nights(django_db_setup):
    """The process whose children compute nights."""
    command = [sys.executable, "-m", "tests.tiering.night_process"]
    with subprocess.Popen(
        [*command, connection.settings_dict["NAME"]],
        stdin=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


class Night:
    """A night that a process of its own computes."""

    def __init__(self, nights: subprocess.Popen, file: Path, number: int):
        self.nights, self.file = nights, file
        self.pid = self._ask(f"begin {TODAY} {file} {number}")

    def _ask(self, line: str) -> int:
        self.nights.stdin.write(f"{line}\n")
        self.nights.stdin.flush()
        return int(self.nights.stdout.readline())

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def is_over(self) -> bool:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    def end(self) -> int:
        """Its exit status, once it has ended."""
        pid, self.pid = self.pid, None
        return self._ask(f"end {pid}")


@pytest.fixture
def start(book, nights, tmp_path):
    """Start a night in a process of its own; ended at the end of the test, whatever happens."""
    started = []

    def start_one(*, killed_before: int = 0) -> Night:
        night = Night(nights, tmp_path / str(len(started)), killed_before)
        started.append(night)
        return night

    yield start_one
    for night in started:
        if night.pid:
            night.kill()
            night.end()


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


def test_a_night_killed_anywhere_is_made_good_with_the_same_result(start, other):
    expected, before = undisturbed(), left_behind()
    for table in POINTS:
        with held(other, table):
            night = start()
            until_waiting(table)
            night.kill()
            assert night.end() == -signal.SIGKILL

        written = left_behind()
        assert written | {"tiering_nightrun": ""} == before | {"tiering_nightrun": ""}, table
        assert undisturbed() == expected != before, table

    run_night(as_of=TODAY)

    assert left_behind() == expected


def test_a_night_killed_at_twenty_random_statements_leaves_the_last_whole_one(start):
    statements = []

    def noted(execute, sql, *args):
        statements.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(noted):
        expected = undisturbed()
    before = left_behind()
    of_the_night = len([sql for sql in statements if "SAVEPOINT" not in sql]) - len(before)

    for number in Random(20).sample(range(1, of_the_night + 1), 20):
        assert start(killed_before=number).end() == -signal.SIGKILL, number

        assert left_behind() | {"tiering_nightrun": ""} == before | {"tiering_nightrun": ""}
        assert undisturbed() == expected, number


def test_the_session_of_a_killed_night_ends_although_its_statement_waits(start, other):
    with held(other, "tiering_standing"):
        night = start()
        backend = until_waiting("tiering_standing")
        night.kill()
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
        night = start()
        backend = until_waiting("tiering_churnalert")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        assert night.end() == 1

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
        night = start()
        until_waiting("tiering_nightsummary")
        assert seen() == (AS_OF, {AS_OF}, {AS_OF}, False)
        assert NightRun.objects.get(as_of=TODAY).state == "running"
    assert night.end() == 0

    assert seen() == (TODAY, {TODAY}, {TODAY}, True)


def test_of_two_nights_at_once_one_runs(start, other):
    expected = undisturbed()
    with held(other, "tiering_nightsummary"):
        first = start()
        until_waiting("tiering_nightsummary")
        second = start()
        time.sleep(1)  # time enough to come to the lock
        assert not second.is_over()
    assert [night.end() for night in (first, second)] == [0, 0]

    finished_at = NightRun.objects.get(as_of=TODAY).finished_at.isoformat()
    assert [night.file.read_text() for night in (first, second)] == [finished_at, finished_at]
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
