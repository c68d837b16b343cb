"""Customers from a file of customers, and those that a file of orders brings along."""

from __future__ import annotations

from django.utils.translation import gettext

from crm.imports import documents
from crm.imports.documents import Target
from crm.imports.staging import Options, reject_documents, reject_repeated, rows, run
from crm.models import Customer, ImportChange
from crm.sheets.columns import column_names
from crm.sheets.problems import Problem

TO_BE_MADE = 0
OWN_FIELDS = [name for name in column_names("customers") if name not in ("code", "owner")]
TARGET = Target(
    Customer, ImportChange.Model.CUSTOMER, key="code", compared=[*OWN_FIELDS, "owner_id"]
)


def classify(options: Options) -> None:
    """Fill import_doc: one row per customer code."""
    run(
        """CREATE TEMP TABLE import_doc AS
        SELECT DISTINCT ON (code) *, NULL::bigint AS owner_id, NULL::bigint AS object_id,
            NULL::text AS action
        FROM import_row ORDER BY code, line"""
    )
    reject_repeated("code")
    _find_owners()
    documents.meet_existing(TARGET)
    run(
        "UPDATE import_doc SET owner_id = %s WHERE object_id IS NULL AND owner_id IS NULL",
        [options.owner],
    )
    reject_documents(
        Problem.PLACE_INCOMPLETE,
        where="(d.latitude IS NULL) <> (d.longitude IS NULL)",
        field="latitude",
    )
    documents.decide(TARGET)


def _find_owners() -> None:
    find_users("owner", "owner_id")
    reject_documents(
        Problem.CANNOT_OWN,
        where="""d.owner_id IN (SELECT id FROM crm_user
            WHERE role = 'admin' OR NOT is_active)""",
        field="owner",
        cell="d.owner",
    )


def find_users(name: str, key: str) -> None:
    """User names of a column to keys; upper and lower case are the same."""
    run(
        f"""UPDATE import_doc AS d SET {key} = u.id FROM crm_user AS u
        WHERE lower(u.username) = lower(d."{name}")"""
    )
    reject_documents(
        Problem.UNKNOWN_USER,
        where=f'd."{name}" IS NOT NULL AND d.{key} IS NULL',
        field=name,
        cell=f'd."{name}"',
    )


def write(options: Options) -> None:
    _note_new_owners(options)
    documents.write(TARGET, options.batch)


def _note_new_owners(options: Options) -> None:
    run(
        """INSERT INTO crm_ownerchange
            (customer_id, from_owner_id, to_owner_id, by_id, reason, changed_at)
        SELECT c.id, c.owner_id, d.owner_id, %s, %s, now()
        FROM import_doc AS d JOIN crm_customer AS c ON c.id = d.object_id
        WHERE d.action = 'updated' AND c.owner_id IS DISTINCT FROM d.owner_id""",
        [options.by, gettext("Import %(number)s") % {"number": options.batch}],
    )


def find(options: Options, *, by: str = "line", may_create: bool = False) -> None:
    """Codes in `customer` to keys in `customer_id`; unknown ones are TO_BE_MADE or rejected."""
    run(
        """UPDATE import_doc AS d SET customer_id = c.id
        FROM crm_customer AS c WHERE c.code = d.customer"""
    )
    if may_create and options.create_customers:
        run(f"UPDATE import_doc SET customer_id = {TO_BE_MADE} WHERE customer_id IS NULL")
    reject_documents(
        Problem.UNKNOWN_CUSTOMER,
        where="d.customer_id IS NULL",
        field="customer",
        cell="d.customer",
        by=by,
    )


def count_new() -> int:
    """How many customers the documents would bring along."""
    [(count,)] = rows(
        f"SELECT count(DISTINCT customer) FROM import_doc WHERE customer_id = {TO_BE_MADE}"
    )
    return count


def create_unknown(options: Options) -> None:
    """Make the customers that orders name and nobody knows; without a name it is the code."""
    documents.insert(
        Customer,
        {
            "code": "d.customer",
            "name": "coalesce(d.customer_name, d.customer)",
            "region": "coalesce(d.customer_region, '')",
            "owner_id": str(options.owner) if options.owner else "NULL",
        },
        source=f"""(SELECT DISTINCT ON (customer) * FROM import_doc
            WHERE customer_id = {TO_BE_MADE} ORDER BY customer, line) AS d ORDER BY d.line""",
        name=ImportChange.Model.CUSTOMER,
        batch=options.batch,
    )
    run(
        f"""UPDATE import_doc AS d SET customer_id = c.id FROM crm_customer AS c
        WHERE d.customer_id = {TO_BE_MADE} AND c.code = d.customer"""
    )
