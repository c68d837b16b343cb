"""What a crash, a copy or a careless hand has left is healed, or named in one sentence."""

import os
import shutil
import signal
from functools import partial

import pytest

from crm import embedded
from crm.embedded import postgres, valkey
from crm.embedded.place import place_of, wait_until, working_folder
from tests.embedded.conftest import ask, ping


def gone(service, place):
    return service.server_pid(place) is None


def test_killed_servers_are_started_again_on_the_same_data(made):
    urls = embedded.ensure_services(made)
    ask(urls, "CREATE TABLE kept AS SELECT 7 AS number")
    place = place_of(made)
    for service in (postgres, valkey):
        os.kill(service.server_pid(place), signal.SIGKILL)
        assert wait_until(partial(gone, service, place), seconds=60)

    assert ask(embedded.ensure_services(made), "SELECT number FROM kept") == 7
    assert ping(urls) == b"+PONG\r\n"


def test_pid_file_of_another_program_is_no_obstacle(made):
    """After a restart of the machine the number may be anybody's."""
    urls = embedded.ensure_services(made, durable=False)
    embedded.stop_services(made)
    place = place_of(made)
    pid_file = place.folder / "postgres" / "postmaster.pid"
    place.write(pid_file, f"{os.getpid()}\n{place.folder / 'postgres'}\n")
    place.write(place.folder / "valkey" / "valkey.pid", f"{os.getpid()}\n")

    assert postgres.server_pid(place) is None
    assert embedded.ensure_services(made, durable=False) == urls
    assert ask(urls, "SELECT 1") == 1


def test_servers_of_a_deleted_folder_give_way(made):
    urls = embedded.ensure_services(made, durable=False)
    ask(urls, "CREATE TABLE gone ()")
    lost = valkey.server_pid(place_of(made))
    while made.exists():  # the servers still write into it
        shutil.rmtree(made, ignore_errors=True)

    again = embedded.ensure_services(made, durable=False)

    assert ask(again, "SELECT to_regclass('gone')") is None
    assert working_folder(lost) is None


def test_new_cluster_waits_until_the_server_of_the_deleted_one_has_gone(made, monkeypatch):
    """Shutting down, the old server would write its control file into the new cluster."""
    embedded.ensure_services(made, durable=False)
    old, create = postgres.server_pid(place_of(made)), postgres.create_cluster
    while made.exists():
        shutil.rmtree(made, ignore_errors=True)

    def create_watched(*given):
        assert working_folder(old) is None
        create(*given)

    monkeypatch.setattr(postgres, "create_cluster", create_watched)
    assert ask(embedded.ensure_services(made, durable=False), "SELECT 1") == 1


def test_moved_folder_works_at_its_new_place(made):
    urls = embedded.ensure_services(made, durable=False)
    ask(urls, "CREATE TABLE kept AS SELECT 7 AS number")
    moved = made.rename(made.with_name("moved"))
    try:
        urls = embedded.ensure_services(moved, durable=False)

        assert ask(urls, "SELECT number FROM kept") == 7
    finally:
        embedded.stop_services(moved)


def test_half_made_cluster_is_made_again(state):
    place = place_of(state)
    place.make_folder(place.folder / "postgres.new")

    assert ask(embedded.ensure_services(state, durable=False), "SELECT 1") == 1


@pytest.mark.parametrize("version", ["9.6", "", "\x00\x00"])
def test_damaged_cluster_is_named_in_one_sentence(state, version):
    place = place_of(state)
    data = place.make_folder(place.folder / "postgres")
    place.write(data / "PG_VERSION", version)

    with pytest.raises(embedded.EmbeddedError, match=r"damaged or not of PostgreSQL 18") as raised:
        embedded.ensure_services(state)
    assert "\n" not in str(raised.value)


def test_server_that_does_not_start_is_quoted(made):
    embedded.ensure_services(made, durable=False)
    embedded.stop_services(made)
    shutil.rmtree(made / "postgres" / "global")

    with pytest.raises(embedded.EmbeddedError, match=r"did not start; its last words.*global"):
        embedded.ensure_services(made)
