"""A database of our own beside the configured one, dropped at the end whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

# Only a database that says so is ever dropped.
OURS = "Vital Few benchmark: may be dropped"
MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
COMMENT_OF = """
SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = %s
"""


class BenchmarkError(Exception):
    """Nothing could be measured; the message is one sentence for the user."""


@contextmanager
def own_database() -> Iterator[str]:
    """The name of a new, empty database; raises BenchmarkError where there cannot be one.

    One that a killed run left behind is replaced.
    """
    # A session of its own: databases are not created inside a transaction.
    session = connection.copy()
    name = f"{connection.settings_dict['NAME']}_benchmark"
    try:
        refuse_where_impossible(session, name)
        drop_leftover(session, name)
        try:
            create(session, name)
            yield name
        finally:
            # Forced: whoever still works in it was started by us and has been ended.
            execute(session, f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
    finally:
        session.close()


def refuse_where_impossible(session: BaseDatabaseWrapper, name: str) -> None:
    if not ask(session, MAY_CREATE):
        raise BenchmarkError(
            _(
                "The database account may not create databases, and the benchmark runs in one of"
                " its own; allow it with ALTER ROLE … CREATEDB."
            )
        )
    if ask(session, COMMENT_OF, name) not in (None, OURS):
        message = _("There is a database %(name)s already, and the benchmark did not make it.")
        raise BenchmarkError(message % {"name": name})


def drop_leftover(session: BaseDatabaseWrapper, name: str) -> None:
    """What a killed run left behind; one that somebody works in is that of another run."""
    try:
        execute(session, f"DROP DATABASE IF EXISTS {quoted(name)}")
    except Error as error:
        message = _("Another benchmark is running in the database %(name)s.")
        raise BenchmarkError(message % {"name": name}) from error


def create(session: BaseDatabaseWrapper, name: str) -> None:
    execute(session, f"CREATE DATABASE {quoted(name)}")
    execute(session, f"COMMENT ON DATABASE {quoted(name)} IS '{OURS}'")


def ask(session: BaseDatabaseWrapper, sql: str, *params: str) -> object:
    with session.cursor() as cursor:
        cursor.execute(sql, params or None)
        row = cursor.fetchone()
        return row[0] if row else None


def execute(session: BaseDatabaseWrapper, sql: str) -> None:
    with session.cursor() as cursor:
        cursor.execute(sql)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)
