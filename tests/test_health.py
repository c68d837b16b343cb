"""Whether the process lives, and whether the installation may be sent visitors."""

from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from crm.models import Customer
from tests.factories import CustomerFactory, NightRunFactory


def readyz(client):
    response = client.get("/readyz")
    return response.status_code, response.json()


def ago(hours: float):
    return timezone.now() - timedelta(hours=hours)


READY = {
    "status": "ready",
    "checks": {"database": "ok", "broker": "ok", "night": "ok"},
}


def test_alive_needs_no_database(client):
    response = client.get("/healthz")  # this test has no access to one

    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["healthz", "readyz"])
def test_health_is_public_never_cached_and_read_only(name, client):
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert client.post(reverse(name)).status_code == 405


@pytest.mark.django_db
def test_an_empty_installation_is_ready(client):
    assert readyz(client) == (200, READY)


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "ready"), [(29, True), (31, False)])
def test_a_night_that_is_late_is_told(hours, ready, client):
    CustomerFactory()
    NightRunFactory(finished_at=ago(hours))

    status, body = readyz(client)

    assert status == (200 if ready else 503)
    assert body["checks"]["night"] == ("ok" if ready else "failed")
    assert body["status"] == ("ready" if ready else "not ready")


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["failed", "running"])
def test_only_a_finished_night_counts(state, client):
    NightRunFactory(finished_at=ago(31))
    NightRunFactory(as_of="2025-03-11", state=state, finished_at=None)

    assert readyz(client)[0] == 503


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "status"), [("failed", 503), ("running", 200)])
def test_a_failed_night_is_told_at_once_and_one_that_runs_is_none(state, status, client):
    NightRunFactory(finished_at=ago(24))
    NightRunFactory(as_of="2025-03-11", state=state, finished_at=None)

    assert readyz(client)[0] == status


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "status"), [(29, 200), (31, 503)])
def test_before_the_first_night_customers_wait_for_it_a_day_at_most(hours, status, client):
    CustomerFactory()
    Customer.objects.update(created_at=ago(hours))
    CustomerFactory()

    assert readyz(client)[0] == status


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_is_told(client, monkeypatch):
    nowhere = "redis+socket:///nowhere/valkey.sock"
    monkeypatch.setattr(current_app.conf, "broker_write_url", nowhere)

    assert readyz(client) == (
        503,
        {"status": "not ready", "checks": READY["checks"] | {"broker": "failed"}},
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_database_that_does_not_answer_is_told(client):
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        found = readyz(client)
    finally:
        connection.close()
        connection.settings_dict["HOST"] = host

    assert found == (
        503,
        {
            "status": "not ready",
            "checks": {"database": "failed", "broker": "ok", "night": "failed"},
        },
    )


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_readiness_costs_the_same_for_any_book(number, client, django_assert_num_queries):
    CustomerFactory.create_batch(number)

    with django_assert_num_queries(3):  # the database, the last night, the oldest customer
        client.get("/readyz")
