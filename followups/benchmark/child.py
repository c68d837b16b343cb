"""One step of a benchmark: python -m followups.benchmark.child DATABASE STEP ARGUMENTS."""

import json
import sys
from typing import Any

import django
from django.conf import settings

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
READ_ONLY = "-c default_transaction_read_only=on"


def main(database: str, step: str, arguments: str) -> None:
    aim_at(database, read_only=step == "pages")
    django.setup()
    from followups.benchmark.database import BenchmarkError
    from followups.benchmark.steps import STEPS

    try:
        found = STEPS[step](**json.loads(arguments))
    except BenchmarkError as error:
        found = {"error": str(error)}
    sys.stdout.write(json.dumps(found) + "\n")


def aim_at(database: str, *, read_only: bool) -> None:
    """The configured server, another database; sessions of the pages stay in the cache."""
    default: dict[str, Any] = settings.DATABASES["default"]
    default["NAME"] = database
    if read_only:
        options = default.setdefault("OPTIONS", {})
        options["options"] = f"{options.get('options', '')} {READ_ONLY}".strip()
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.CACHES["default"]["KEY_PREFIX"] = "benchmark"
    settings.ALLOWED_HOSTS = ["testserver"]
    # Pages name static files without looking for collected ones: there may be none.
    settings.STORAGES["staticfiles"] = {"BACKEND": PLAIN}
    settings.STATIC_ROOT = settings.BASE_DIR / "static"


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
