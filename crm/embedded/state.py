"""Where trial mode keeps its files, and the addresses that follow. Nothing is started here."""

import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from crm.embedded.account import Account, may_enter, service_account

CHECKOUT = Path(__file__).resolve().parents[2]
SYSTEM_FOLDER = Path("/var/lib/vital-few")
MARKER = "vital-few.id"
DATABASE = USER = "vital_few"
# sun_path holds 107 bytes, and neither libpq nor a URL needs any quoting for these characters.
PLAIN_SOCKET_FOLDER = re.compile(r"[A-Za-z0-9/._-]{1,80}")


class EmbeddedError(Exception):
    """Trial mode cannot go on; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class TrialUrls:
    """Addresses of the embedded services; `database` is an entry of Django's DATABASES."""

    database: dict[str, str]
    database_url: str
    redis_url: str
    celery_broker_url: str


def state_dir(environ: Mapping[str, str]) -> Path:
    """The folder of this checkout: STATE_DIR, else one that survives a restart."""
    if environ.get("STATE_DIR"):
        return Path(os.path.realpath(os.path.expanduser(environ["STATE_DIR"])))
    if os.geteuid() == 0:
        return SYSTEM_FOLDER / checkout_name()
    home = environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(os.path.realpath(home)) / "vital-few" / checkout_name()


def tests_state_dir(environ: Mapping[str, str]) -> Path:
    """The folder of the tests, beside the other one: their data may go at any time."""
    own = environ.get("STATE_DIR", "")
    if own.endswith("tests"):
        return state_dir(environ)  # a process that the tests have started
    return state_dir({"STATE_DIR": f"{own}-tests" if own else str(CHECKOUT / ".state" / "tests")})


def checkout_name() -> str:
    """Two checkouts on one machine must not share a database."""
    return digest(CHECKOUT)


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def services_dir(state: Path) -> Path:
    """The folder of the two services: the state folder, or one outside for root.

    Root's services run under another account, which may not enter, say, a
    private home; parents are never opened for it.
    """
    account = service_account(state)
    if account is None or may_enter(state.parent, account):
        return state
    return SYSTEM_FOLDER / digest(state)


def socket_dir(state: Path) -> Path:
    """Inside the services' folder, unless that path is too long or too odd for a socket."""
    inside = services_dir(state) / "run"
    if PLAIN_SOCKET_FOLDER.fullmatch(str(inside)):
        return inside
    return Path("/tmp") / f"vital-few-{os.geteuid()}-{digest(state)}"


def trial_urls(state: Path) -> TrialUrls:
    """Addresses of the services of a state folder, running or not."""
    sockets = socket_dir(state)
    valkey = sockets / "valkey.sock"
    return TrialUrls(
        database={
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(sockets),
            "NAME": DATABASE,
            "USER": USER,
        },
        database_url=f"postgres://{USER}@{quote(str(sockets), safe='')}/{DATABASE}",
        redis_url=f"unix://{valkey}?db=1",
        celery_broker_url=f"redis+socket://{valkey}",
    )


def secret_key(state: Path) -> str:
    """The secret of this state folder, made on first use and readable by its owner only."""
    prepare(state)
    path = state / "secret_key"
    with lock(state / "secret.lock"):
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(64))
        key = path.read_text().strip()
    if len(key) < 50:
        raise EmbeddedError(f"The secret in {path} is damaged; delete that file and start again.")
    return key


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """One process at a time, on a file or a folder; the kernel lets go when the holder dies."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def prepare(state: Path) -> str:
    """Make the state folder, private, or say in one sentence why it cannot be used.

    Returns the mark of this very folder: one that was deleted and made again has another.
    """
    account = service_account(state) if services_dir(state) == state else None
    try:
        make_parents(state)
        state.mkdir(mode=0o700, exist_ok=True)
        with lock(state):
            claim(state)
        make_private(state, account)
        return (state / MARKER).read_text()
    except OSError as error:
        raise EmbeddedError(
            f"The state folder {state} cannot be used ({error.strerror or error});"
            " set STATE_DIR to a folder of your own, or set DATABASE_URL."
        ) from error


def claim(state: Path) -> None:
    """Only an empty folder is taken over: its owner and mode are about to change."""
    if (state / MARKER).exists():
        return
    if any(state.iterdir()):
        raise EmbeddedError(
            f"The state folder {state} is not empty and was not made by Vital Few;"
            " set STATE_DIR to a new or empty folder."
        )
    (state / MARKER).write_text(secrets.token_hex(16))


def make_private(folder: Path, account: Account | None) -> None:
    """Mode 0700 for the account (or for the caller); somebody else's folder is refused."""
    owner = account.uid if account else os.geteuid()
    found = folder.lstat()
    if found.st_uid not in (owner, os.geteuid()) or not stat.S_ISDIR(found.st_mode):
        raise EmbeddedError(
            f"The folder {folder} belongs to another account (uid {found.st_uid});"
            " run as that account, or set STATE_DIR to another folder."
        )
    folder.chmod(0o700)
    if account:
        os.chown(folder, account.uid, account.gid)


def make_parents(folder: Path) -> None:
    """Parents that are missing, open to pass through whatever the umask says."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(exist_ok=True)
        parent.chmod(0o755)
