"""Where trial mode keeps its files, and under which account."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from crm import embedded
from crm.embedded.account import Account, may_enter
from crm.embedded.place import place_of, refuse_unknown_account, works_in
from crm.embedded.programs import copy_of, find_programs, runs
from crm.embedded.state import socket_dir
from tests.embedded.conftest import ask, ping

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


def test_file_in_the_way_is_named(state):
    state.write_text("a file")

    with pytest.raises(embedded.EmbeddedError, match=r"cannot be used .*; set STATE_DIR"):
        embedded.ensure_services(state)
    state.unlink()


def test_folder_of_somebody_else_is_not_taken_over(state):
    state.mkdir(mode=0o755)
    (state / "thesis.txt").write_text("mine")

    with pytest.raises(embedded.EmbeddedError, match="is not empty and was not made by Vital Few"):
        embedded.ensure_services(state)
    assert stat.S_IMODE(state.stat().st_mode) == 0o755


@needs_root
def test_folder_of_another_account_is_refused(state):
    embedded.secret_key(state)
    os.chown(state, 12345, 12345)

    with pytest.raises(embedded.EmbeddedError, match=r"belongs to another account \(uid 12345\)"):
        embedded.ensure_services(state)
    os.chown(state, 0, 0)


def test_folder_and_secret_are_private_and_the_secret_stays(state):
    secret = embedded.secret_key(state)

    assert len(secret) >= 64
    assert embedded.secret_key(state) == secret
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "secret_key").stat().st_mode) == 0o600


def test_damaged_secret_is_refused(state):
    embedded.secret_key(state)
    (state / "secret_key").write_text("short")

    with pytest.raises(embedded.EmbeddedError, match="is damaged; delete that file"):
        embedded.secret_key(state)


@pytest.mark.parametrize("name", ["a" * 90, "with space", "数据", "a,b"])
def test_sockets_stay_short_and_plain_wherever_the_folder_is(made, name):
    odd = made.rename(made.with_name(name))
    try:
        urls = embedded.ensure_services(odd, durable=False)

        assert len(urls.database["HOST"]) < 80
        assert ask(urls, "SELECT current_setting('data_directory')") == str(odd / "postgres")
        assert ping(urls) == b"+PONG\r\n"
    finally:
        embedded.stop_services(odd)
        shutil.rmtree(socket_dir(odd))


@needs_root
def test_private_parent_of_roots_folder_is_not_opened(state):
    parent = state.with_name("private")
    parent.mkdir(mode=0o700)
    try:
        urls = embedded.ensure_services(parent / "state", durable=False)
        outside = place_of(parent / "state").folder

        assert ask(urls, "SELECT 1") == 1
        assert stat.S_IMODE(parent.stat().st_mode) == 0o700
        assert not outside.is_relative_to(parent)
    finally:
        embedded.stop_services(parent / "state")
        shutil.rmtree(outside)


@needs_root
def test_programs_are_copied_where_the_account_cannot_run_them(state):
    place = place_of(state)

    copied = copy_of("1", place.folder, place.account)

    assert copied.postgres.is_relative_to(place.folder)
    assert runs(copied.postgres / "initdb", place.account)
    assert runs(copied.valkey, place.account)
    assert copy_of("1", place.folder, place.account) == copied


@needs_root
def test_account_may_enter_only_what_is_open_to_it(tmp_path):
    tmp_path.chmod(0o700)
    stranger = Account("stranger", 12345, 12345)

    assert may_enter(Path("/usr/bin"), stranger)
    assert not may_enter(tmp_path, stranger)


@needs_root
def test_uid_without_an_entry_is_told_what_to_do():
    """As containers with arbitrary accounts have it."""
    os.seteuid(54321)
    try:
        with pytest.raises(embedded.EmbeddedError, match=r"uid 54321 .* set DATABASE_URL"):
            refuse_unknown_account()
    finally:
        os.seteuid(0)


def test_missing_wheel_is_named(state, monkeypatch):
    monkeypatch.setattr("crm.embedded.programs.POSTGRES_PACKAGE", "not_installed_here")

    with pytest.raises(embedded.EmbeddedError, match="not_installed_here is not installed"):
        find_programs(state, None)


def test_default_folder_is_one_for_each_checkout(monkeypatch):
    first = embedded.state_dir({})
    monkeypatch.setattr("crm.embedded.state.CHECKOUT", Path("/somewhere/else"))

    assert embedded.state_dir({}) != first
    assert embedded.state_dir({"STATE_DIR": "/tmp/x"}) == Path("/tmp/x")


def test_tests_never_share_the_folder_of_the_product():
    assert embedded.tests_state_dir({"STATE_DIR": "/tmp/x"}) == Path("/tmp/x-tests")
    assert embedded.tests_state_dir({"STATE_DIR": "/tmp/x-tests"}) == Path("/tmp/x-tests")
    assert embedded.tests_state_dir({}) != embedded.state_dir({})


def test_another_process_is_never_taken_for_the_server(tmp_path):
    assert not works_in(os.getpid(), tmp_path)
    assert not works_in(None, tmp_path)
    assert works_in(os.getpid(), Path.cwd())
