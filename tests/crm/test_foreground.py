"""`up`: one at a time, on a free port, and nothing outlives it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from crm import foreground
from crm.management.commands.up import read_port, refuse_taken
from crm.processes import ChildDied, Children, Stopped, signals_as_exception


@pytest.fixture
def children():
    started = Children()
    yield started
    started.stop()


def gone(pid):
    """A process that has ended, whether or not somebody has asked for its exit code."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("text", ["", "0", "65536", "80a", "-1", "８０００", "1e3"])
def test_port_must_be_a_number(text):
    with pytest.raises(CommandError, match="must be a number from 1 to 65535"):
        read_port(text)


def test_taken_port_is_refused_in_one_sentence_before_anything_starts(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        with pytest.raises(CommandError, match=f"Port {port} cannot be used.*PORT={port + 1}"):
            call_command("up")
    assert not (settings.STATE_DIR / "up.lock").exists()


def test_free_port_is_accepted():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

    refuse_taken(port)


def test_second_up_of_a_state_folder_is_refused(tmp_path):
    with (
        foreground.only_one(tmp_path),
        pytest.raises(CommandError, match="already runs on the state folder"),
        foreground.only_one(tmp_path),
    ):
        pytest.fail("it was let in")


def test_down_ends_a_forgotten_up(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; import django; django.setup()\n"
        "from crm import foreground\n"
        "with foreground.only_one(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "in\n"

        foreground.stop_other(tmp_path)

        assert other.wait(60) == -signal.SIGTERM


def test_child_that_ends_is_named(children, capfd):
    children.start("other", [sys.executable, "-c", "import time; time.sleep(60)"])
    children.start("web", [sys.executable, "-c", "print('no'); raise SystemExit(3)"])

    with pytest.raises(ChildDied, match=r"The web process has ended by itself \(exit code 3\)"):
        children.watch()
    wait_for(lambda: "   web | no\n" in capfd.readouterr().out)


def test_stop_ends_children_and_grandchildren_that_do_not_listen(children, tmp_path):
    program = (
        "import signal, subprocess, sys, time\n"
        "for number in (signal.SIGTERM, signal.SIGINT): signal.signal(number, signal.SIG_IGN)\n"
        # A shell starts what runs in its background with this signal ignored.
        "signal.signal(signal.SIGQUIT, signal.SIG_DFL)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    path = tmp_path / "grandchild"
    children.start("web", [sys.executable, "-c", program, str(path)])
    wait_for(lambda: path.exists() and path.read_text())
    grandchild = int(path.read_text())

    children.stop({signal.SIGTERM: 0.3, signal.SIGQUIT: 30})

    assert children.running["web"].returncode == -signal.SIGQUIT
    wait_for(lambda: gone(grandchild))


def test_child_ends_when_its_parent_is_killed():
    program = (
        "import sys; from crm.processes import Children; children = Children()\n"
        "children.start('web', [sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(children.running['web'].pid, flush=True); children.watch()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait(60)

        wait_for(lambda: gone(child))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_to_stop_becomes_an_exception_and_the_clean_up_is_left_alone(number):
    cleaned = []
    before = signal.getsignal(number)

    def work_and_clean_up():
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        finally:
            os.kill(os.getpid(), number)  # an impatient second time
            cleaned.append(True)

    with pytest.raises(Stopped), signals_as_exception():
        work_and_clean_up()

    assert cleaned == [True]
    assert signal.getsignal(number) == before


def test_web_answers_only_when_somebody_does():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert not foreground.web_answers(port)

        server.listen()
        thread = threading.Thread(target=answer_once, args=[server])
        thread.start()
        assert foreground.web_answers(port)
        thread.join()


def answer_once(server):
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.django_db
def test_welcome_names_address_mode_and_accounts():
    path = settings.STATE_DIR / "demo_accounts.json"
    kept = path.read_text() if path.exists() else None
    path.write_text('[{"username": "lin", "password": "pw-1", "role": "rep"}]')
    try:
        text = foreground.welcome(8123)
    finally:
        path.unlink() if kept is None else path.write_text(kept)

    assert "http://127.0.0.1:8123/" in text
    assert "Trial mode" in text
    assert "lin" in text
    assert "pw-1" in text
