"""Child processes in the foreground: one prefix a line, and none outlives the others."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

PATIENCE: Mapping[signal.Signals, float] = {
    signal.SIGTERM: 10,
    signal.SIGQUIT: 5,
    signal.SIGKILL: 5,
}  # seconds
LIBC = ctypes.CDLL(None)  # loaded here, because little is allowed between fork and exec
PR_SET_PDEATHSIG = 1
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked this process to end; like KeyboardInterrupt, no handler of errors stops it."""


class ChildDied(Exception):
    """A process that should run for ever has ended; the message says which one."""


class Children:
    """Named processes that live and die together."""

    def __init__(self) -> None:
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.readers: list[threading.Thread] = []

    def start(self, name: str, command: list[str]) -> None:
        """Start a process out of reach of the terminal's signals: only `stop` ends it."""
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no lock)
        )
        self.running[name] = child
        reader = threading.Thread(target=pass_on, args=(name, child), daemon=True)
        reader.start()
        self.readers.append(reader)

    def watch(self) -> None:
        """Return never; raises ChildDied as soon as one has ended."""
        while True:
            self.refuse_dead()
            time.sleep(0.2)

    def refuse_dead(self) -> None:
        for name, child in self.running.items():
            if not is_alive(child):
                raise ChildDied(
                    f"The {name} process has ended by itself (exit code {child.returncode});"
                    " everything was stopped."
                )

    def stop(self, patience: Mapping[signal.Signals, float] = PATIENCE) -> None:
        """Ask, then insist: every process and whatever it has started."""
        for number, seconds in patience.items():
            for child in self.running.values():
                send(child, number)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and any(map(is_alive, self.running.values())):
                time.sleep(0.05)
        for child in self.running.values():
            send_to_group(child, signal.SIGKILL)
            child.wait()
        for reader in self.readers:
            reader.join(timeout=1)


def is_alive(child: subprocess.Popen[str]) -> bool:
    return child.poll() is None


def send(child: subprocess.Popen[str], number: signal.Signals) -> None:
    if is_alive(child):
        child.send_signal(number)


def send_to_group(child: subprocess.Popen[str], number: signal.Signals) -> None:
    """What is left of a process that has ended: children it could not take along."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def die_with_parent() -> None:
    """On Linux the kernel ends a child whose parent was killed without a chance to do so."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def pass_on(name: str, child: subprocess.Popen[str]) -> None:
    assert child.stdout
    with child.stdout:
        for line in filter(str.strip, child.stdout):
            say(f"{name:>6} | {line.rstrip()}")


def say(text: str) -> None:
    """Print; that nobody reads any more is no reason to end, or to let a child wait."""
    try:
        print(text, flush=True)
    except (BrokenPipeError, ValueError):
        return


@contextmanager
def signals_as_exception() -> Iterator[None]:
    """Inside, the first signal to stop raises Stopped; later ones cannot disturb the clean-up."""

    def stop(number: int, _frame: object) -> None:
        for each in STOPPING:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    before = {each: signal.signal(each, stop) for each in STOPPING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
