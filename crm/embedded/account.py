"""The account that runs the services: PostgreSQL refuses to be root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged account for services that root starts."""

    name: str
    uid: int
    gid: int

    def for_subprocess(self) -> dict[str, Any]:
        """Keyword arguments that make `subprocess` run as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_account(state: Path) -> Account | None:
    """None: the caller's own account will do. For root, the one that the folder already has."""
    if os.geteuid() != 0:
        return None
    known = [account for name in CANDIDATES if (account := find_account(name))]
    owners = [account for account in known if account.uid == owner_of(state)]
    return next(iter(owners + known), None)


def find_account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def owner_of(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except OSError:
        return None


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the account can pass through the folder and all its parents, those there are."""
    return all(may_pass(each, account) for each in (folder, *folder.parents) if each.exists())


def may_pass(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)
