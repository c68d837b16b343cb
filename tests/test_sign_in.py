"""The doors: who gets in, and how often one may try."""

import pytest
from django.core.cache import cache

from crm.models import User
from tests.conftest import PRODUCTS_SESSIONS
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice_with_password(alice):
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def sign_in(client, password=PASSWORD, username="alice", door="/accounts/login/"):
    return client.post(door, {"login": username, "password": password})


def test_a_salesperson_signs_in_and_out(alice_with_password, client):
    assert sign_in(client).status_code == 302
    assert client.get("/me/").status_code == 200

    client.post("/accounts/logout/")

    assert client.get("/me/").status_code == 302


def test_a_wrong_password_is_refused_without_saying_which_part_is_wrong(
    alice_with_password, client
):
    wrong_password = sign_in(client, password="nothing like it").content.decode()
    unknown_user = sign_in(client, username="nobody").content.decode()

    for page in (wrong_password, unknown_user):
        assert "username and/or password" in page


def test_guessing_stops_after_five_tries_even_with_the_right_password(alice_with_password, client):
    for _ in range(5):
        sign_in(client, password="guess")

    sign_in(client)

    assert client.get("/me/").status_code == 302


def test_the_admin_has_no_door_of_its_own(ada, client):
    response = client.get("/admin/login/")

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_nobody_signs_up(client):
    assert client.get("/accounts/signup/").status_code in {302, 404}
    assert not User.objects.exists()


def test_a_deactivated_user_is_out_at_once(alice, client):
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize(("who", "status"), [("alice", 302), ("mona", 302), ("ada", 200)])
def test_only_administrators_open_the_admin(who, status, client, request):
    client.force_login(request.getfixturevalue(who))

    assert client.get("/admin/").status_code == status


def test_the_chosen_language_wins_over_the_companys(alice, client):
    client.force_login(alice)
    client.post("/me/", {"name": "Alice Ai", "language": "zh-hans", "time_zone": "Asia/Tokyo"})

    response = client.get("/me/")

    assert response["Content-Language"] == "zh-hans"
    assert 'lang="zh-Hans"' in response.content.decode()
    assert response.wsgi_request.user.time_zone == "Asia/Tokyo"


def test_own_settings_do_not_reach_role_or_team(alice, client):
    client.force_login(alice)

    client.post("/me/", {"name": "Alice Ai", "role": "admin", "team": "", "is_active": ""})

    alice.refresh_from_db()
    assert (alice.role, alice.team.name, alice.is_active) == ("rep", "East", True)


def test_every_page_carries_a_strict_policy(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_whoever_is_signed_in_stays_so_when_the_cache_is_emptied(alice, client, settings):
    settings.SESSION_ENGINE = PRODUCTS_SESSIONS
    client.force_login(alice)
    cache.clear()

    assert client.get("/me/").status_code == 200
