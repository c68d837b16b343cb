"""Copies a company into the database, all of it or nothing, and leaves two files beside it."""

import io
import json
import os
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from crm.demo.columns import Table
from crm.demo.company import Company, truth
from crm.demo.staff import staff
from crm.demo.tables import all_tables
from crm.models import (
    Case,
    Contact,
    Customer,
    ExchangeRate,
    Order,
    OrderLine,
    OwnerChange,
    Payment,
    Product,
    Promise,
    Tag,
    Team,
    User,
    Visit,
)

MODELS: dict[str, type[models.Model]] = {
    "team": Team,
    "user": User,
    "tag": Tag,
    "customer": Customer,
    "customer_tags": Customer.tags.through,
    "contact": Contact,
    "owner_change": OwnerChange,
    "product": Product,
    "exchange_rate": ExchangeRate,
    "order": Order,
    "order_line": OrderLine,
    "payment": Payment,
    "visit": Visit,
    "promise": Promise,
    "case": Case,
}
MUST_BE_EMPTY = (Customer, Product, Team, Tag, ExchangeRate)
ACCOUNTS_FILE, TRUTH_FILE = "demo_accounts.json", "demo_truth.json"


class NotEmpty(Exception):
    """There is something here that is not the demo's; the message is one sentence."""


def load(company: Company, *, password: str, encoded: str, folder: Path) -> dict[str, int]:
    """Every table and both files; rows by table. `encoded` is the hash of `password`."""
    with transaction.atomic():
        refuse_where_not_empty()
        tables = all_tables(company, password=encoded)
        copy_all(tables)
        # Before the commit: a company whose accounts nobody knows would be of no use.
        write_private(folder / TRUTH_FILE, truth(company))
        write_private(folder / ACCOUNTS_FILE, accounts(company, password))
    analyze(tables)
    return {table.name: table.rows for table in tables}


def refuse_where_not_empty() -> None:
    """Nothing is ever replaced; of two that start at once the second one waits and is refused."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Customer._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    found = [model for model in MUST_BE_EMPTY if model.objects.exists()]
    if found:
        names = ", ".join(model._meta.db_table for model in found)
        raise NotEmpty(f"The demo company needs an empty database, and there are rows in {names}.")
    taken = User.objects.filter(username__in=[each.username for each in staff()])
    if taken.exists():
        raise NotEmpty("The demo company needs user names that other people here have already.")


def copy_all(tables: list[Table]) -> None:
    bases: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in tables:
            bases[table.name] = reserve_keys(cursor, table)
            copy(cursor, table, bases)


def reserve_keys(cursor: Any, table: Table) -> int:
    """The first of as many keys as the table has rows."""
    if not table.rows:
        return 0
    cursor.execute(
        "SELECT setval(seq, nextval(seq) + %s) - %s"
        " FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS seq) AS sequence",
        [table.rows - 1, table.rows - 1, MODELS[table.name]._meta.db_table],
    )
    return int(cursor.fetchone()[0])


def copy(cursor: Any, table: Table, bases: dict[str, int]) -> None:
    columns = ", ".join(f'"{name}"' for name in ("id", *table.columns))
    into = f'COPY "{MODELS[table.name]._meta.db_table}" ({columns}) FROM STDIN'
    cursor.copy_expert(into, io.StringIO("\n".join(table.lines(bases))))


def analyze(tables: list[Table]) -> None:
    """The planner should know at once what the first pages will read."""
    names = ", ".join(MODELS[table.name]._meta.db_table for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


def accounts(company: Company, password: str) -> list[dict[str, str]]:
    """Those who may sign in, directors first, for whoever starts the demo."""
    return [
        {
            "username": person.username,
            "password": password,
            "name": company.plan.say(person.name),
            "role": person.role,
            "team": person.team,
        }
        for person in staff()
    ]


def write_private(path: Path, content: Any) -> None:
    """Readable by the owner of the state folder only; in place at once or not at all."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    beside.replace(path)
