"""Visits from a file; each keeps the person who made it."""

from __future__ import annotations

from crm.imports import customers, documents
from crm.imports.customers import TO_BE_MADE
from crm.imports.documents import Target
from crm.imports.staging import Options, reject_documents, reject_repeated, run
from crm.models import Contact, ImportChange, Visit
from crm.sheets.problems import Problem

COMPARED = [
    "customer_id", "by_id", "happened_at", "channel", "summary", "minutes", "outcome",
    "next_on", "satisfaction", "contact_id", "competitor",
]  # fmt: skip
TARGET = Target(Visit, ImportChange.Model.VISIT, key="key", compared=COMPARED)
# A visit without a key of its own is known by what was written down about it.
OWN_KEYS = """
UPDATE import_row SET key = 'import-' || md5(concat_ws('|', customer, lower("by"),
    extract(epoch FROM happened_at), channel, summary))
WHERE key IS NULL
"""
FIRST_LINES = """
CREATE TEMP TABLE import_doc AS
SELECT DISTINCT ON (key) *, NULL::bigint AS customer_id, NULL::bigint AS by_id,
    NULL::bigint AS contact_id, NULL::bigint AS object_id, NULL::text AS action
FROM import_row ORDER BY key, line
"""
FIND_CONTACTS = f"""
UPDATE import_doc AS d SET contact_id = coalesce((
    SELECT min(c.id) FROM crm_contact AS c
    WHERE c.customer_id = d.customer_id AND c.name = d.contact), {TO_BE_MADE})
WHERE d.contact IS NOT NULL
"""


def classify(options: Options) -> None:
    """Fill import_doc: one row per visit."""
    run(OWN_KEYS)
    run(FIRST_LINES)
    reject_repeated("key")
    customers.find(options)
    customers.find_users("by", "by_id")
    reject_documents(
        Problem.IN_FUTURE,
        where=f"d.happened_at > '{options.now.isoformat()}'::timestamptz",
        field="happened_at",
        cell=f"to_char(d.happened_at AT TIME ZONE '{options.zone}', 'YYYY-MM-DD')",
    )
    run(FIND_CONTACTS)
    documents.meet_existing(TARGET)
    documents.decide(TARGET)


def write(options: Options) -> None:
    _create_contacts(options)
    documents.write(TARGET, options.batch)


def _create_contacts(options: Options) -> None:
    documents.insert(
        Contact,
        {"customer_id": "d.customer_id", "name": "d.contact"},
        source=f"""(SELECT DISTINCT customer_id, contact FROM import_doc
            WHERE contact_id = {TO_BE_MADE}) AS d ORDER BY d.customer_id, d.contact""",
        name=ImportChange.Model.CONTACT,
        batch=options.batch,
    )
    run(FIND_CONTACTS)
