"""A folder in which the two services live, the account that runs them, and what runs there."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crm.embedded.account import Account, service_account
from crm.embedded.state import (
    MARKER,
    EmbeddedError,
    make_parents,
    make_private,
    prepare,
    services_dir,
    socket_dir,
)

LOG_LIMIT = 5_000_000


@dataclass(frozen=True)
class Place:
    """The services' folder, the folder of their sockets, and the account that runs them."""

    folder: Path
    sockets: Path
    account: Account | None

    def run(self, *command: str | Path, says: str = "", log: Path | None = None) -> bool:
        """Whether a program ran well, as the services' account, with none of the caller's streams.

        `says` is its input; what it prints goes to the end of `log`.
        """
        as_account = self.account.for_subprocess() if self.account else {}
        with open(log or os.devnull, "a") as output:
            done = subprocess.run(
                command,
                check=False,
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                input=says,
                text=True,
                stdout=output,
                stderr=output,
                **as_account,
            )
        return done.returncode == 0

    def write(self, path: Path, text: str) -> None:
        """A file that the services' account may read and change."""
        path.write_text(text)
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def make_folder(self, folder: Path) -> Path:
        """A private folder of the services' account."""
        make_parents(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        make_private(folder, self.account)
        return folder

    def log(self, name: str) -> Path:
        """A log file; one that grew long is put aside."""
        path = self.folder / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.old"))
        return path


def place_of(state: Path) -> Place:
    """The place that belongs to a state folder, made where it is missing."""
    refuse_unknown_account()
    mark = prepare(state)
    place = Place(services_dir(state), socket_dir(state), service_account(state))
    if os.geteuid() == 0 and place.account is None:
        raise EmbeddedError(
            "PostgreSQL does not run as root and this machine has no account postgres or nobody;"
            " start as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )
    if place.folder != state:
        claim_outside(place, mark)
    place.make_folder(place.sockets)
    return place


def refuse_unknown_account() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedError(
            f"The account with uid {os.geteuid()} has no entry in /etc/passwd, without which"
            " PostgreSQL cannot be set up; set DATABASE_URL and REDIS_URL to real servers."
        ) from None


def claim_outside(place: Place, mark: str) -> None:
    """What a state folder left outside when it was deleted must not come back with the next one."""
    marker = place.folder / MARKER
    if not marker.exists() or marker.read_text() != mark:
        shutil.rmtree(place.folder, ignore_errors=True)
        place.make_folder(place.folder)
        place.write(marker, mark)


def pid_in(path: Path) -> int | None:
    """The number on the first line of a pid or lock file."""
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def working_folder(pid: int) -> str | None:
    """Where a process works, as Linux tells it; None when it is gone or not ours to see."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return None


def quit_orphans(folder: Path, number: signal.Signals) -> None:
    """End servers of a folder of this name that was deleted below them: they hold its sockets."""
    lost = f"{os.path.realpath(folder)} (deleted)"
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        if working_folder(pid) == lost:
            with suppress(ProcessLookupError):  # it may just have followed its parent
                os.kill(pid, number)
            wait_until(partial(has_ended, pid), seconds=10)


def has_ended(pid: int) -> bool:
    return working_folder(pid) is None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def works_in(pid: int | None, folder: Path) -> bool:
    """Whether the pid of a pid file still is the server of this folder, not a later process."""
    if pid is None:
        return False
    if Path("/proc/self/cwd").exists():
        return working_folder(pid) == os.path.realpath(folder)
    return alive(pid)


def answers(path: Path) -> bool:
    """Whether somebody listens on a socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def last_words(log: Path) -> str:
    """The last line of a log, for a message."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    fatal = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line]
    return next(iter(fatal[-1:] or lines[-1:]), "nothing")
