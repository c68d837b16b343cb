"""Nights in processes of their own: python -m tests.tiering.night_process DATABASE.

One interpreter starts, and each night is a child of it. It answers each line of its input:
`begin DAY FILE NUMBER` with the process id of a child that computes the night, to be killed
before the statement of that number (0: never), and writes into FILE when it was finished;
`end PID` with the exit status of that child, once it has ended.
"""

import os
import signal
import sys
from datetime import date
from itertools import count
from pathlib import Path

import django
from django.conf import settings


def main(database: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from tiering.services import looking_back

    looking_back.WEEKS_LOOKED = 1
    looking_back.MONTHS_LOOKED = 1  # as in tests/conftest.py
    answers = {"begin": begun, "end": ended}
    for line in sys.stdin:
        word, *arguments = line.split()
        print(answers[word](*arguments), flush=True)


def begun(as_of: str, path: str, number: str) -> int:
    if child := os.fork():
        return child
    try:
        compute(date.fromisoformat(as_of), Path(path), int(number))
        os._exit(0)
    finally:
        os._exit(1)


def compute(as_of: date, path: Path, number: int) -> None:
    from tiering.services import run_night

    if number:
        be_killed_before(number)
    path.write_text(run_night(as_of=as_of).finished_at.isoformat())


def ended(child: str) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(int(child), 0)[1])


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
