"""One night at a time: an advisory lock of PostgreSQL, which a dead process cannot keep."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection
from django.utils.translation import gettext as _

PATIENCE = 60  # seconds
PATIENCE_OF_A_PAGE = 5
PAUSE = 0.25
LOCK = "hashtext('tiering.night')"


class NightRefused(Exception):
    """This night will not be computed; the message is for the user."""


class NightOvertaken(NightRefused):
    """A later night is finished already, and nights only go forward."""


@contextmanager
def one_night_at_a_time(patience: float | None = None) -> Iterator[None]:
    """Hold the lock, or raise NightRefused when another process keeps it for so many seconds
    (PATIENCE where nothing is said)."""
    seconds = PATIENCE if patience is None else patience
    if not _tried(f"SELECT pg_try_advisory_lock({LOCK})", seconds):
        raise NightRefused(_("Another night is being computed. Try again when it has finished."))
    try:
        yield
    finally:
        with suppress(Error):  # a lost connection has let go of the lock already
            _ask(f"SELECT pg_advisory_unlock({LOCK})")


def hold_off_nights() -> None:
    """Until this transaction ends no night begins; others who hold nights off do not wait.

    Raises NightRefused when one is being computed and does not finish within seconds.
    """
    if not _tried(f"SELECT pg_try_advisory_xact_lock_shared({LOCK})", PATIENCE_OF_A_PAGE):
        raise NightRefused(_("Grades are being computed at this moment. Try again in a minute."))


def end_with_the_process() -> None:
    """In this transaction: a statement whose process was killed is given up within a second.

    Without it PostgreSQL notices only at the end of the statement, and keeps the lock till then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_connection_check_interval = '1s'")


def work_in_memory() -> None:
    """In this transaction: the server joins and sums up a book in memory, not through files."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")


def _tried(lock: str, seconds: float) -> bool:
    for _attempt in range(max(1, int(seconds / PAUSE))):
        if _ask(lock):
            return True
        time.sleep(PAUSE)
    return False


def _ask(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return bool(cursor.fetchone()[0])
