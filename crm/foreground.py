"""What `up` does: services, tables, a demo company at first, then three processes until the end."""

import fcntl
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.utils import timezone

from crm import embedded, trial
from crm.models import Customer, User
from crm.processes import ChildDied, Children, say

LOCK = "up.lock"
MONTHS = 12
WITH_PLANS = 4


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Two in one state folder would stop each other's services."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Vital Few already runs on the state folder {state}; stop it with make down,"
                " or give this one its own: make up STATE_DIR=… PORT=…"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def stop_other(state: Path) -> None:
    """End a running `up` of this state folder and wait until it has gone."""
    path = state / LOCK
    if not path.exists():
        return
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.kill(int(file.read()), signal.SIGTERM)
            fcntl.flock(file, fcntl.LOCK_EX)


def run(port: int) -> None:
    """Everything in order; whatever ends it, nothing of it is left running."""
    children = Children()
    try:
        prepare()
        children.start("web", web_command(port))
        wait_for_web(port, children)
        say(welcome(port))
        children.start("worker", worker_command())
        children.start("beat", beat_command())
        children.watch()
    finally:
        children.stop()
        if settings.TRIAL:
            embedded.stop_services(settings.STATE_DIR)


def prepare() -> None:
    if not settings.TRIAL:
        refuse_unready_database()
        return
    trial.start_services()
    trial.migrate_where_pending()
    if os.environ.get("DEMO", "1") != "0":
        load_demo()


def refuse_unready_database() -> None:
    """Production: the database is somebody else's, who also decides when it is migrated."""
    try:
        pending = trial.pending_migrations()
    except OperationalError as error:
        raise CommandError(f"The database of DATABASE_URL does not answer: {error}") from None
    if pending:
        raise CommandError(f"The database lacks {pending} migrations; run: manage.py migrate")


def load_demo() -> None:
    """The demo company and its nights, once, into nothing; what was cut off is made good."""
    due = settings.STATE_DIR / "first-night-due"
    empty = not Customer.objects.exists()
    if empty and (due.exists() or not User.objects.exists()):
        say("Loading the demo company …")
        due.touch()
        run_quietly("demo")
    if due.exists():
        say("Running its nights of a year …")
        yesterday = timezone.localdate() - timedelta(days=1)
        nights = month_ends(before=yesterday)
        for night in nights:
            with suppress(CommandError):  # one that was run before it was cut off is refused
                only = ["--grades-only", "--skip-missed"]
                run_quietly("nightly", "--as-of", night.isoformat(), *only)
                if night in nights[-WITH_PLANS:]:
                    run_quietly("demo_winback", "--as-of", night.isoformat())
        run_quietly("nightly", "--as-of", yesterday.isoformat(), "--skip-missed")
        due.unlink()


def month_ends(*, before: date) -> list[date]:
    """Those of the last twelve months: enough of a past to look at."""
    first = before.replace(day=1)
    found = [first - timedelta(days=1)]
    while len(found) < MONTHS:
        found.append(found[-1].replace(day=1) - timedelta(days=1))
    return found[::-1]


def run_quietly(*command: str) -> None:
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        call_command(*command, stdout=nowhere, stderr=nowhere)


def web_command(port: int) -> list[str]:
    place = f"gunicorn crm.wsgi --bind 127.0.0.1:{port} --log-level warning --timeout 60"
    size = "--worker-class gthread --workers 2 --threads 4 --preload"
    return [sys.executable, "-m", *place.split(), *size.split()]


def worker_command() -> list[str]:
    # What it says about root is about pickled messages, which are refused here anyway.
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m"]
    worker = "celery -A crm.celery --quiet worker --loglevel WARNING"
    return [*python, *worker.split(), "--concurrency=2", "--prefetch-multiplier=1"]


def beat_command() -> list[str]:
    beat = "celery -A crm.celery --quiet beat --loglevel WARNING --pidfile="
    return [sys.executable, "-m", *beat.split(), f"--schedule={settings.STATE_DIR}/beat"]


def wait_for_web(port: int, children: Children, *, seconds: float = 60) -> None:
    """Nobody should be shown an address that does not answer yet."""
    deadline = time.monotonic() + seconds
    while not web_answers(port):
        children.refuse_dead()
        if time.monotonic() > deadline:
            raise ChildDied(f"The web process did not answer within {seconds:.0f} seconds.")
        time.sleep(0.1)


def web_answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def welcome(port: int) -> str:
    lines = [f"Vital Few runs at http://127.0.0.1:{port}/ (Ctrl-C stops everything)"]
    if settings.TRIAL:
        lines.append("Trial mode: embedded services, this machine only, not for real data.")
        lines += demo_accounts()
    if not User.objects.exists():
        lines.append("Nobody can sign in yet; run: .venv/bin/python manage.py createsuperuser")
    return "\n".join(["", *lines, ""])


def demo_accounts() -> list[str]:
    """What the command `demo` left beside its company: a list of username, password and role."""
    path = settings.STATE_DIR / "demo_accounts.json"
    accounts = json.loads(path.read_text()) if path.exists() else []
    names: dict[tuple[str, str], list[str]] = {}
    for each in accounts:
        names.setdefault((each["role"], each["password"]), []).append(each["username"])
    return [
        f"  {role:<8} password {password}: {', '.join(those)}"
        for (role, password), those in sorted(names.items())
    ]
