"""PostgreSQL and Valkey from the wheels: created once, found again, stopped."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crm import embedded
from crm.embedded import postgres, valkey
from crm.embedded.account import service_account
from crm.embedded.place import place_of
from tests.embedded.conftest import ask, ping

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


def test_first_call_creates_and_a_second_finds_the_same_servers(made):
    urls = embedded.ensure_services(made, durable=False)
    pids = postgres.server_pid(place_of(made)), valkey.server_pid(place_of(made))

    assert embedded.ensure_services(made, durable=False) == urls
    assert (postgres.server_pid(place_of(made)), valkey.server_pid(place_of(made))) == pids
    assert ping(urls) == b"+PONG\r\n"


def test_cluster_is_utf8_and_knows_the_letters_of_unicode(made):
    urls = embedded.ensure_services(made, durable=False)

    assert ask(urls, "SELECT current_setting('server_encoding')") == "UTF8"
    assert ask(urls, "SELECT lower('ÄÉ') || upper('σ')") == "äéΣ"
    assert ask(urls, "SELECT current_setting('listen_addresses')") == ""


def test_data_survives_a_stop(made):
    urls = embedded.ensure_services(made, durable=False)
    ask(urls, "CREATE TABLE kept AS SELECT 7 AS number")
    embedded.stop_services(made)

    assert ask(embedded.ensure_services(made), "SELECT number FROM kept") == 7
    assert ask(urls, "SELECT current_setting('fsync')") == "on"


def test_stop_ends_both_and_may_be_repeated(made):
    embedded.ensure_services(made, durable=False)

    embedded.stop_services(made)
    embedded.stop_services(made)

    assert postgres.server_pid(place_of(made)) is None
    assert valkey.server_pid(place_of(made)) is None


def test_stop_of_a_folder_that_never_was_makes_nothing(state):
    embedded.stop_services(state)

    assert not state.exists()


def test_commands_that_start_at_once_share_one_cluster(state):
    found = []

    def start():
        found.append(embedded.ensure_services(state, durable=False))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(map(str, found))) == 1
    assert ask(found[0], "SELECT 1") == 1


def test_two_state_folders_run_side_by_side(made):
    other = made.with_name("other")
    try:
        first, second = (embedded.ensure_services(each, durable=False) for each in (made, other))
        ask(first, "CREATE TABLE mine ()")

        assert ask(second, "SELECT to_regclass('mine')") is None
    finally:
        embedded.stop_services(other)


def test_services_hold_none_of_the_callers_streams(made):
    """`manage.py … | cat` ends with the command, not with the servers."""
    program = "import sys; from pathlib import Path; from crm import embedded; " + (
        "embedded.ensure_services(Path(sys.argv[1]), durable=False)"
    )
    command = [sys.executable, "-c", program, str(made)]

    done = subprocess.run(command, capture_output=True, timeout=60, check=True)

    assert done.stdout == done.stderr == b""
    assert postgres.running(place_of(made))


@needs_root
def test_roots_services_run_as_somebody_else(made):
    embedded.ensure_services(made, durable=False)

    for service in (postgres, valkey):
        pid = service.server_pid(place_of(made))
        assert Path(f"/proc/{pid}").stat().st_uid == service_account(made).uid != 0
