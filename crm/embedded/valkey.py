"""Valkey of a place: started, found, stopped. It keeps nothing: what waits in it can be redone."""

import os
import signal
from pathlib import Path

from crm.embedded.place import (
    Place,
    answers,
    last_words,
    pid_in,
    quit_orphans,
    wait_until,
    works_in,
)
from crm.embedded.programs import Programs
from crm.embedded.state import EmbeddedError

SOCKET = "valkey.sock"


def folder(place: Place) -> Path:
    return place.folder / "valkey"


def server_pid(place: Place) -> int | None:
    """The pid of this place's server, if it runs."""
    pid = pid_in(folder(place) / "valkey.pid")
    return pid if works_in(pid, folder(place)) else None


def running(place: Place) -> bool:
    return server_pid(place) is not None and answers(place.sockets / SOCKET)


def start(place: Place, programs: Programs) -> None:
    stop(place)
    quit_orphans(folder(place), signal.SIGINT)
    place.make_folder(folder(place))
    settings = folder(place) / "valkey.conf"
    place.write(settings, own_settings(place))
    done = place.run(programs.valkey, settings)
    if not done or not wait_until(lambda: running(place), seconds=10):
        log = place.log("valkey")
        raise EmbeddedError(
            f"The embedded Valkey did not start; its last words in {log}: {last_words(log)}"
        )


def stop(place: Place) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if pid := server_pid(place):
            os.kill(pid, number)
            wait_until(lambda: server_pid(place) is None, seconds=10)


def own_settings(place: Place) -> str:
    lines = {
        "port": "0",
        "unixsocket": quoted(place.sockets / SOCKET),
        "unixsocketperm": "700",
        "dir": quoted(folder(place)),
        "pidfile": quoted(folder(place) / "valkey.pid"),
        "logfile": quoted(place.log("valkey")),
        "loglevel": "warning",
        "daemonize": "yes",
        "save": '""',
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
