"""Trial mode: what happens before a command when no DATABASE_URL is set."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, execute_from_command_line
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crm import embedded
from crm.embedded.state import lock

# These need no database, and `up` and `down` see to the services themselves.
WITHOUT_SERVICES = {
    "check",
    "collectstatic",
    "diffsettings",
    "down",
    "findstatic",
    "help",
    "makemigrations",
    "messages",
    "spectacular",
    "up",
    "version",
}
WITHOUT_TABLES = {"dbshell", "migrate", "showmigrations", "sqlmigrate"}


def run_command(argv: list[str]) -> None:
    """A command line, on services and tables that it may rely on."""
    try:
        if on_trial() and needs_services(argv):
            start_services()
            if argv[1] not in WITHOUT_TABLES:
                migrate_where_pending()
        execute_from_command_line(argv)
    except (embedded.EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))


def on_trial() -> bool:
    return "DATABASE_URL" not in os.environ


def needs_services(argv: list[str]) -> bool:
    named = len(argv) > 1 and not argv[1].startswith("-")
    return named and argv[1] not in WITHOUT_SERVICES and not {"-h", "--help"} & set(argv)


def start_services() -> embedded.TrialUrls:
    return embedded.ensure_services(embedded.state_dir(os.environ))


def migrate_where_pending() -> None:
    """Two commands that start at once migrate one after the other."""
    django.setup()
    with lock(embedded.state_dir(os.environ) / "migrations.lock"):
        if pending_migrations():
            call_command("migrate", interactive=False, verbosity=0)


def pending_migrations() -> int:
    """How many migrations the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
