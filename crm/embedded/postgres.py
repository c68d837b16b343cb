"""PostgreSQL of a place: created, started, found, stopped."""

import shutil
import signal
from pathlib import Path

from crm.embedded.place import (
    Place,
    alive,
    answers,
    last_words,
    pid_in,
    quit_orphans,
    works_in,
)
from crm.embedded.programs import Programs
from crm.embedded.state import DATABASE, USER, EmbeddedError

MAJOR = "18"
SOCKET = ".s.PGSQL.5432"
OWN_SETTINGS = "vital_few.conf"
# The provider `builtin` knows the letters of Unicode without ICU; `C` alone would not.
LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
THROWAWAY = """fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
"""


def data_folder(place: Place) -> Path:
    return place.folder / "postgres"


def server_pid(place: Place) -> int | None:
    """The pid of this place's server, if it runs."""
    pid = pid_in(data_folder(place) / "postmaster.pid")
    return pid if works_in(pid, data_folder(place)) else None


def running(place: Place) -> bool:
    return server_pid(place) is not None and answers(place.sockets / SOCKET)


def start(place: Place, programs: Programs, *, durable: bool) -> None:
    """Create the cluster where there is none and start its server, whatever a crash left behind."""
    if server_pid(place):
        stop(place, programs)  # it listens where nobody looks any more
    # Before there is a new cluster: a server that shuts down writes its control file by full path.
    quit_orphans(data_folder(place), signal.SIGQUIT)
    create_where_missing(place, programs)
    forget_strangers(place)
    place.write(data_folder(place) / OWN_SETTINGS, own_settings(place, durable))
    log = place.log("postgres")
    if not control(place, programs, "start", "-l", log, "-t", "60"):
        raise EmbeddedError(
            f"The embedded PostgreSQL did not start; its last words in {log}: {last_words(log)}"
        )


def stop(place: Place, programs: Programs) -> None:
    for mode in ("fast", "immediate"):
        if server_pid(place):
            control(place, programs, "stop", "-m", mode, "-t", "30")


def control(place: Place, programs: Programs, verb: str, *options: str | Path) -> bool:
    """Whether pg_ctl did what it was told, and waited for it."""
    program = programs.postgres / "pg_ctl"
    return place.run(program, verb, "-D", data_folder(place), "-w", "-s", *options)


def create_where_missing(place: Place, programs: Programs) -> None:
    data = data_folder(place)
    if not data.exists():
        create_cluster(place, programs)
    found = read_version(data)
    if found != MAJOR:
        raise EmbeddedError(
            f"The folder {data} is damaged or not of PostgreSQL {MAJOR} (its PG_VERSION says"
            f" {found!r}); move it away, or set STATE_DIR to another folder."
        )


def read_version(data: Path) -> str:
    try:
        return (data / "PG_VERSION").read_text(errors="replace").strip()
    except OSError:
        return ""


def create_cluster(place: Place, programs: Programs) -> None:
    """Under another name until it is complete: a killed start leaves no half cluster."""
    draft = place.folder / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    log = place.log("initdb")
    bin, sql = programs.postgres, f"CREATE DATABASE {DATABASE}\n"
    done = place.run(bin / "initdb", "-D", draft, "-U", USER, "--auth=trust", *LOCALE, log=log)
    done = done and place.run(
        bin / "postgres", "--single", "-D", draft, "template1", says=sql, log=log
    )
    if not done:
        raise EmbeddedError(
            f"The embedded PostgreSQL could not be created; its last words in {log}:"
            f" {last_words(log)}"
        )
    with (draft / "postgresql.conf").open("a") as settings:
        settings.write(f"\ninclude_if_exists '{OWN_SETTINGS}'\n")
    draft.rename(data_folder(place))


def own_settings(place: Place, durable: bool) -> str:
    """Written at each start, because a state folder may have been moved."""
    return (
        "listen_addresses = ''\n"
        "port = 5432\n"
        f"unix_socket_directories = '{place.sockets}'\n"
        "unix_socket_permissions = 0700\n"
        "max_wal_size = '2GB'\n" + ("" if durable else THROWAWAY)
    )


def forget_strangers(place: Place) -> None:
    """Clear pid and lock files whose process is gone, or is another program."""
    for name in (SOCKET, f"{SOCKET}.lock"):
        (place.sockets / name).unlink(missing_ok=True)
    pid_file = data_folder(place) / "postmaster.pid"
    pid = pid_in(pid_file)
    if pid and alive(pid):  # not ours, or `start` would have stopped it; a dead one is no obstacle
        pid_file.unlink()
