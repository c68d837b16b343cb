"""Payments from a file. Equal payments of one day are told apart by counting them."""

from __future__ import annotations

from crm.imports import documents
from crm.imports.staging import Options, reject_documents, run
from crm.models import ImportChange, Payment
from crm.sheets.problems import Problem

EVERY_LINE = """
CREATE TEMP TABLE import_doc AS
SELECT r.line, r."order", r.paid_on, r.amount, o.id AS order_id, NULL::bigint AS object_id,
    NULL::text AS action,
    row_number() OVER (PARTITION BY o.id, r.paid_on, r.amount ORDER BY r.line) AS repeat
FROM import_row AS r LEFT JOIN crm_order AS o ON o.number = r."order"
"""
FIND = """
UPDATE import_doc AS d SET object_id = p.id FROM crm_payment AS p
WHERE (p.order_id, p.paid_on, p.amount, p.repeat) = (d.order_id, d.paid_on, d.amount, d.repeat)
"""


def classify(options: Options) -> None:
    """Fill import_doc: one row per payment; a payment never changes, it is there or it is not."""
    run(EVERY_LINE)
    reject_documents(
        Problem.UNKNOWN_ORDER, where="d.order_id IS NULL", field="order", cell='d."order"'
    )
    run(FIND)
    run(
        "UPDATE import_doc SET action = CASE WHEN object_id IS NULL THEN 'new' ELSE 'unchanged' END"
    )


def write(options: Options) -> None:
    columns = ["order_id", "paid_on", "amount", "repeat"]
    documents.insert(
        Payment,
        {column: f"d.{column}" for column in columns},
        source="import_doc AS d WHERE d.action = 'new' ORDER BY d.line",
        name=ImportChange.Model.PAYMENT,
        batch=options.batch,
    )
