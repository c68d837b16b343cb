"""A night in a process of its own: python -m tests.tiering.night_process DATABASE DAY.

With a third argument, `killed`, it reads numbers from its input: for each one a child begins
the night and is killed before the statement of that number; the signal is written out.
"""

import os
import signal
import sys
from datetime import date
from itertools import count

import django
from django.conf import settings


def main(database: str, as_of: str, how: str = "") -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from tiering.services import run_night

    if how != "killed":
        print(run_night(as_of=date.fromisoformat(as_of)).finished_at.isoformat())
        return
    for line in sys.stdin:
        child = os.fork()
        if not child:
            be_killed_before(int(line))
            run_night(as_of=date.fromisoformat(as_of))
            os._exit(0)
        print(-os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def be_killed_before(number: int) -> None:
    from django.db import connection

    statements = count(1)

    def counted(execute, *args):
        if next(statements) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args)

    connection.execute_wrappers.append(counted)


if __name__ == "__main__":
    main(*sys.argv[1:])
