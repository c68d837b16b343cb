"""A night in a process of its own: python -m tests.tiering.night_process DATABASE DAY."""

import sys
from datetime import date

import django
from django.conf import settings


def main(database: str, as_of: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from tiering.services import run_night

    print(run_night(as_of=date.fromisoformat(as_of)).finished_at.isoformat())


if __name__ == "__main__":
    main(*sys.argv[1:])
