"""Production refuses to start half configured, and passes Django's own deployment check."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMPLETE = {
    "DATABASE_URL": "postgres://vital_few:x@localhost:5432/vital_few",
    "REDIS_URL": "redis://localhost:6379/0",
    "SECRET_KEY": "n4Xk2-Qy8vT1sZ7pLw0Rb5Hc9Jd3Mf6Ga_Ue-Ko-Vi-Wx-Yt-Zs-4821",
    "ALLOWED_HOSTS": "crm.example.com",
}


def check(**variables):
    """`check --deploy` with these variables and none of the caller's; None leaves one out."""
    chosen = {name: value for name, value in {**COMPLETE, **variables}.items() if value}
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "django",
            "check",
            "--deploy",
            "--fail-level=WARNING",
        ],
        cwd=ROOT,
        env={**environment, **chosen, "DJANGO_SETTINGS_MODULE": "crm.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_complete_configuration_passes_the_deployment_check():
    answer = check()

    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


@pytest.mark.parametrize("name", ["REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS"])
def test_what_is_missing_is_named(name):
    answer = check(**{name: None})

    assert answer.returncode != 0
    assert f"{name} is not set" in answer.stderr


@pytest.mark.parametrize("secret", ["change-me", "short", "change-me" + "x" * 60])
def test_a_short_or_example_secret_is_refused(secret):
    answer = check(SECRET_KEY=secret)

    assert answer.returncode != 0
    assert "SECRET_KEY is too short or the example one" in answer.stderr


def test_debug_is_refused():
    answer = check(DEBUG="1")

    assert answer.returncode != 0
    assert "DEBUG=1 is refused" in answer.stderr


def test_an_unknown_language_is_refused():
    answer = check(COMPANY_LANGUAGE="fr")

    assert answer.returncode != 0
    assert "use en, zh-hans or zh-hant" in answer.stderr


def test_every_variable_that_is_read_is_in_the_example():
    settings = (ROOT / "crm/settings.py").read_text()
    example = (ROOT / ".env.example").read_text()
    read = set(re.findall(r"""(?:env[.a-z]*|required|environ\.get)\(\s*"([A-Z_]+)\"""", settings))

    assert read >= {*COMPLETE, "COMPANY_LANGUAGE", "BASE_CURRENCY"}
    own = {"TEST_DB", "OPENBLAS_NUM_THREADS"}  # of the tests, and of numpy
    assert {name for name in read - own if f"\n{name}=" not in example} == set()
