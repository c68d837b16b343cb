"""Four people: alice sells, mona manages her, otto is an outsider, ada administers."""

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from tests.factories import TeamFactory, UserFactory

# A busy machine is no failure, and a run that fails must fail again the same way.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


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


@pytest.fixture
def east(db):
    return TeamFactory(name="East")


@pytest.fixture
def alice(east):
    return UserFactory(username="alice", name="Alice Ai", team=east)


@pytest.fixture
def mona(east):
    return UserFactory(username="mona", name="Mona Mo", role="manager", team=east)


@pytest.fixture
def otto(db):
    return UserFactory(username="otto", name="Otto Ou", team=TeamFactory(name="West"))


@pytest.fixture
def ada(db):
    return UserFactory(username="ada", name="Ada An", role="admin", team=None)
