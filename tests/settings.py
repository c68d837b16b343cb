"""The product's settings on services that only the tests use, whose data may go."""

import os
from pathlib import Path

from crm import embedded

if "DATABASE_URL" not in os.environ:
    own = os.environ.get("STATE_DIR", "")
    if not own.endswith("-tests"):
        beside = f"{own}-tests" if own else Path(__file__).parents[1] / ".state" / "tests"
        os.environ["STATE_DIR"] = str(beside)
    embedded.ensure_services(embedded.state_dir(os.environ), durable=False)

from crm.settings import *  # noqa: TID251 (the one place that may)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, for many sign-ins
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
