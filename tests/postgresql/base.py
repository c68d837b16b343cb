"""PostgreSQL as Django knows it, made ready for a test faster.

Of a parallel run one process migrates: the databases of all are copies of its own. After a test
that commits, only the tables that it filled are emptied, and the rows that migrations bring are
there again at once: a worker may be given a test that rolls back after one that commits.
"""

import fcntl
import io
import os
from contextlib import contextmanager

from django.conf import settings
from django.db.backends.postgresql import base, creation, operations
from django.db.transaction import atomic

MADE_FOR = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


class DatabaseCreation(creation.DatabaseCreation):
    def serialize_db_to_string(self) -> dict[str, str]:
        tables = self.connection.introspection.django_table_names(only_existing=True)
        rows = {table: self._copied_out(table) for table in tables}
        return {table: text for table, text in rows.items() if text}

    def _copied_out(self, table: str) -> str:
        text = io.StringIO()
        with self.connection.cursor() as cursor:
            cursor.copy_expert(f"COPY (SELECT * FROM {self._quote_name(table)}) TO STDOUT", text)
        return text.getvalue()

    def deserialize_db_from_string(self, data: dict[str, str]) -> None:
        """By COPY, where Django would save object by object; a table holds its rows or none."""
        with atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            for table, rows in data.items():
                name = self._quote_name(table)
                cursor.execute(f"SELECT FROM {name} LIMIT 1")
                if not cursor.rowcount:
                    cursor.copy_expert(f"COPY {name} FROM STDIN", io.StringIO(rows))

    def _destroy_test_db(self, test_database_name, verbosity):
        """By force: the server may not have noticed yet that a process was killed by its test."""
        name = self._quote_name(test_database_name)
        with self._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def create_test_db(self, *args, **options):
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
        if run:
            own = self.connection.settings_dict["TEST"]
            own["TEMPLATE"] = self._template_of(run, own["NAME"].rpartition("_gw")[0])
        return super().create_test_db(*args, **options)

    def _template_of(self, run: str, name: str) -> str:
        """The database to copy; made by the process that comes first, awaited by the others."""
        template = f"{name}_template"
        with alone():
            if self._made_for(template) != run:
                self._make(template, run)
        return template

    def _made_for(self, template: str) -> str | None:
        with self._nodb_cursor() as cursor:
            cursor.execute(MADE_FOR, [template])
            return (cursor.fetchone() or [None])[0]

    def _make(self, template: str, run: str) -> None:
        """Created and migrated as Django does it; replaces that of an earlier run."""
        names = self.connection.settings_dict
        usual, own = names["NAME"], names["TEST"]["NAME"]
        names["TEST"]["NAME"] = template
        super().create_test_db(verbosity=0, autoclobber=True, serialize=False)
        self.connection.close()
        names["TEST"]["NAME"] = own
        names["NAME"] = settings.DATABASES["default"]["NAME"] = usual
        with self._nodb_cursor() as cursor:
            cursor.execute(f"COMMENT ON DATABASE {self._quote_name(template)} IS '{run}'")


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(self, style, tables, *, reset_sequences=False, allow_cascade=False):
        """To truncate all tables takes longer than most tests; few of them hold a row. No key
        and no trigger is asked: all goes, the history that may not be rewritten included."""
        if reset_sequences or not tables:
            return super().sql_flush(
                style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
            )
        filled = [f"DELETE FROM {self.quote_name(name)}" for name in self._filled(tables)]
        role = "SET LOCAL session_replication_role"
        return [f"{role} = replica", *filled, f"{role} = origin"]

    def _filled(self, tables):
        one = "SELECT %s WHERE EXISTS (SELECT FROM {})"
        sql = " UNION ALL ".join(one.format(self.quote_name(name)) for name in tables)
        with self.connection.cursor() as cursor:
            cursor.execute(sql, list(tables))
            return [name for (name,) in cursor.fetchall()]

    def execute_sql_flush(self, sql_list):
        super().execute_sql_flush(sql_list)
        first_rows = getattr(self.connection, "_test_serialized_contents", {})
        self.connection.creation.deserialize_db_from_string(first_rows)


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations


@contextmanager
def alone():
    with open(settings.STATE_DIR / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
