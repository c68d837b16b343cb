"""Four people: alice sells, mona manages her, otto is an outsider, ada administers."""

import gc
from copy import deepcopy

import pytest
from django.conf import settings as product
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, settings

from tests.factories import TeamFactory, UserFactory
from tests.policies import rewrite
from tiering.models import Policy
from tiering.services import looking_back

# A busy machine is no failure, and a run that fails must fail again the same way.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

# Signing in, which thousands of tests do, then writes no row and asks no server; processes that
# tests start keep the sessions of the product.
PRODUCTS_SESSIONS = product.SESSION_ENGINE
product.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
product.SESSION_CACHE_ALIAS = "sessions"

# A night measures its signals on the past as often as this, for longer than it takes for all the
# rest; tests/tiering/test_signals_of_night.py asks for all twelve months.
looking_back.MONTHS_LOOKED = 1
# And badges on as few weeks; tests/tiering/test_alert_quality.py asks for more.
looking_back.WEEKS_LOOKED = 1


def pytest_collection_finish():
    """What is loaded by now stays: to look through it again and again finds no garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def nothing_cached():
    cache.clear()


@pytest.fixture
def files_of_the_test(settings, tmp_path):
    """Uploaded files go where the test ends."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }


@pytest.fixture(scope="module")
def rows_of_module(django_db_setup, django_db_blocker):
    """Fixtures of a module may then write rows once for all of its tests.

    Each test takes back what it does itself, and these rows go after the last one. Not for
    modules with a test that commits.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def people_of_module():
    """Nobody yet; a module that shares rows replaces this with `make_people`."""
    return {}


@pytest.fixture
def known(people_of_module):
    return deepcopy(people_of_module)  # a test may change whom it gets


def make_people(*names: str) -> dict:
    east = TeamFactory(name="East")
    return {"east": east} | {name: PEOPLE[name](east) for name in names}


PEOPLE = {
    "alice": lambda east: UserFactory(username="alice", name="Alice Ai", team=east),
    "mona": lambda east: UserFactory(username="mona", name="Mona Mo", role="manager", team=east),
    "otto": lambda _: UserFactory(username="otto", name="Otto Ou", team=TeamFactory(name="West")),
    "ada": lambda _: UserFactory(username="ada", name="Ada An", role="admin", team=None),
}


@pytest.fixture
def east(db, known):
    return known.get("east") or TeamFactory(name="East")


@pytest.fixture
def alice(known, east):
    return known.get("alice") or PEOPLE["alice"](east)


@pytest.fixture
def mona(known, east):
    return known.get("mona") or PEOPLE["mona"](east)


@pytest.fixture
def otto(db, known):
    return known.get("otto") or PEOPLE["otto"](None)


@pytest.fixture
def ada(db, known):
    return known.get("ada") or PEOPLE["ada"](None)


@pytest.fixture
def at_once(db):
    grade_at_once()


def grade_at_once() -> None:
    """The first policy grades by value, and every computed grade is shown the same night."""
    calmness = {"band": 0, "nights_up": 1, "nights_down": 1, "alert_days": 0, "new_days": 0}
    rewrite(Policy.objects.filter(version=1), basis=Policy.Basis.VALUE, **calmness)
