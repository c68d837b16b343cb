"""The product's settings on services that only the tests use, whose data may go."""

import os

from crm import embedded

if "DATABASE_URL" not in os.environ:
    TESTS_DIR = embedded.tests_state_dir(os.environ)
    embedded.ensure_services(TESTS_DIR, durable=False)
    os.environ["STATE_DIR"] = str(TESTS_DIR)

from crm.settings import *  # noqa: TID251 (the one place that may)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, for many sign-ins
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
DATABASES["default"]["ENGINE"] = "tests.postgresql"
# Tests that commit empty every table behind them, that of the history of grades too.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c vital_few.testing=on"
# Static files come from where they are: no folder of collected ones is looked for.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# Each process of a parallel run empties its own cache and works on its own tasks only.
NUMBER = 2 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CELERY_TASK_DEFAULT_QUEUE = f"tests-{NUMBER}"
CACHES["default"]["LOCATION"] = REDIS_URL.replace("db=1", f"db={NUMBER}")
# Sessions of the tests' own process stay in it; see tests/conftest.py.
CACHES["sessions"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
