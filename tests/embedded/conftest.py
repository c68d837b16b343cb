"""State folders of their own, apart from the one that the other tests use."""

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg2
import pytest

from crm import embedded


@pytest.fixture
def state():
    """A state folder that any account can reach, unlike pytest's own temporary folders."""
    folder = Path(tempfile.mkdtemp(prefix="vital-few-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "state"
    embedded.stop_services(folder / "state")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def cluster():
    """A complete state folder, stopped; making one takes longer than copying it."""
    folder = Path(tempfile.mkdtemp(prefix="vital-few-test-", dir="/tmp"))
    folder.chmod(0o755)
    embedded.ensure_services(folder / "cluster", durable=False)
    embedded.stop_services(folder / "cluster")
    yield folder / "cluster"
    shutil.rmtree(folder)


@pytest.fixture
def made(cluster, state):
    """A state folder of an earlier start."""
    subprocess.run(["cp", "-a", cluster, state], check=True)
    return state


def ask(urls, sql):
    address = {"host": urls.database["HOST"], "user": urls.database["USER"]}
    connection = psycopg2.connect(**address, dbname=urls.database["NAME"])
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        connection.commit()
        return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def ping(urls):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(urls.redis_url.removeprefix("unix://").removesuffix("?db=1"))
        connection.sendall(b"PING\r\n")
        return connection.recv(16)
