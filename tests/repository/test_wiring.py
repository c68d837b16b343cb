"""What refers by name to something must find it; what is there must be referred to."""

import json
import re
import subprocess
from io import BytesIO

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from crm.celery import app
from crm.embedded import postgres
from crm.messages.catalogs import label, po_path, texts
from crm.messages.catalogs import translation as translated
from tests.repository.source import ROOT, product, templates

LOADED_BY_DJANGO = {"403.html", "404.html", "500.html", "400.html", "403_csrf.html"}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE)


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_template_is_used():
    sources = "\n".join([*(code.text for code in product()), *templates().values()])
    unused = {
        name
        for name in templates().keys() - LOADED_BY_DJANGO
        if not name.startswith("account/") and not is_named(name, sources)
    }

    assert unused == set()


def is_named(template: str, sources: str) -> bool:
    """In full; by its folder where a code completes the name ("followups/events/…"); or as a
    list, which names its page and rows by their common beginning."""
    folder = template.rpartition("/")[0]
    stem = template.removesuffix(".html").removesuffix("_rows")
    ways = (f'"{template}', f'"{folder}/"', f'"{folder}/{{', f'template="{stem}"')
    return any(way in sources for way in ways)


def test_every_template_that_is_named_exists():
    named = {
        (name, template)
        for name, text in templates().items()
        for template in re.findall(r'{% (?:include|extends) "([^"]+)"', text)
    }

    assert {pair for pair in named if pair[1].split("#")[0] not in templates()} == set()


def test_beat_calls_tasks_that_exist():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_messages_are_compiled_as_they_are_written():
    for language, code in (("zh_Hans", "zh-hans"), ("zh_Hant", "zh-hant")):
        catalog = read_po(BytesIO(po_path(ROOT, language).read_bytes()))
        plain = [each for each in texts(catalog).values() if each.string and not each.context]
        with translation.override(code):
            stale = [
                label(each)
                for each in plain
                if isinstance(each.id, str) and translation.gettext(each.id) != translated(each)
            ]
        assert stale == [], f"{language}: run make messages"


def pins(name: str) -> dict[str, str]:
    found = PIN.findall((ROOT / name).read_text())
    return {package.lower().replace("_", "-"): version for package, version in found}


def test_locked_versions_agree():
    locked = pins("requirements.txt")

    assert pins("requirements.in").items() <= locked.items()
    assert pins("requirements-dev.in").items() <= pins("requirements-dev.txt").items()
    assert locked.items() <= pins("requirements-dev.txt").items()


def test_front_end_packages_are_those_of_the_lock():
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_containers_run_the_same_postgresql_as_trial_mode():
    compose = (ROOT / "docker-compose.yml").read_text()

    assert f"image: postgres:{postgres.MAJOR}\n" in compose


def test_example_environment_names_every_variable_that_is_read():
    reads = r'(?:env(?:\.\w+)?\(|required\(|os\.environ(?:\.get\(|\[))\s*"([A-Z_]+)"'
    read = {name for code in product() for name in re.findall(reads, code.text)}
    example = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    only_here = {"DJANGO_SETTINGS_MODULE", "TEST_DB", "XDG_STATE_HOME"}

    assert read - example - only_here == set()


def test_no_file_of_others_is_kept():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    foreign = re.compile(r"(^|/)(node_modules|vendor|staticfiles)/|\.min\.(js|css)$|\.mo$|\.whl$")

    assert [name for name in listed if foreign.search(name)] == []
    for path in [*ROOT.glob("static/js/*.js"), *ROOT.glob("static/css/*.css")]:
        assert max(map(len, path.read_text().splitlines()), default=0) < 500, path
