"""Orders from a file with one line per order, or with one line per article."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from crm.imports import customers, documents
from crm.imports.documents import Target
from crm.imports.staging import Options, reject_documents, reject_repeated, rows, run
from crm.models import ImportChange, Order, Product
from crm.sheets.problems import Problem

COMPARED = ["customer_id", "ordered_on", "status", "currency", "amount", "cost", "due_on"]
IN_BASE = ["base_amount", "base_cost"]
BEFORE = """jsonb_build_object('order', to_jsonb(o), 'lines', (
    SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM crm_orderline AS l WHERE l.order_id = o.id))"""
NAME = ImportChange.Model.ORDER
ORDERS = Target(Order, NAME, "number", COMPARED, ["digest", *IN_BASE], before=BEFORE)
WITH_LINES = Target(Order, NAME, "number", [*COMPARED, "digest"], IN_BASE, before=BEFORE)
LARGEST = "1e12"

OPEN = """NULL::bigint AS customer_id, NULL::bigint AS object_id, NULL::text AS action,
    NULL::numeric AS rate, NULL::numeric(16, 2) AS base_amount, NULL::numeric(16, 2) AS base_cost"""
FIRST_LINES = f"""
CREATE TEMP TABLE import_doc AS
SELECT DISTINCT ON (number) *, ''::text AS digest, {OPEN}
FROM import_row ORDER BY number, line
"""
# A document is taken whole or not at all: half an order would pass for a smaller one.
REJECT_LINES_THAT_DIFFER = f"""
INSERT INTO import_problem (line, code, field, cell, other)
SELECT r.line, '{Problem.DOCUMENT_DIFFERS.value}', '{{field}}', r.{{field}}, f.line
FROM import_row AS r
JOIN (SELECT DISTINCT ON (number) number, line, {{field}} AS first
      FROM import_row ORDER BY number, line) AS f USING (number)
WHERE r.{{field}} IS DISTINCT FROM f.first
"""
REJECT_REST_OF_THEIR_DOCUMENTS = f"""
INSERT INTO import_problem (line, code, field, cell, other)
SELECT r.line, '{Problem.OTHER_LINE.value}', 'number', r.number, bad.line
FROM import_row AS r
JOIN (
    SELECT key AS number, min(line) AS line FROM (
        SELECT key, line FROM import_bad_key
        UNION ALL
        SELECT s.number, s.line FROM import_row AS s JOIN import_problem AS p USING (line)
    ) AS found GROUP BY key
) AS bad USING (number)
WHERE NOT EXISTS (SELECT FROM import_problem AS p WHERE p.line = r.line)
"""
# The digest does not depend on the order of the lines: programs sort them as they like.
SUM_LINES = f"""
CREATE TEMP TABLE import_doc AS
SELECT summed.*, {OPEN}
FROM (
    SELECT number, min(line) AS line, min(customer) AS customer, min(ordered_on) AS ordered_on,
        min(currency) AS currency, min(status) AS status, min(due_on) AS due_on,
        min(customer_name) AS customer_name, min(customer_region) AS customer_region,
        round(sum(quantity * unit_price), 2) AS amount,
        CASE WHEN count(unit_cost) = count(*) THEN round(sum(quantity * unit_cost), 2) END AS cost,
        md5(string_agg(concat_ws('|', sku, quantity, unit_price, unit_cost, 'list ' || list_price),
            chr(10) ORDER BY sku, quantity, unit_price, unit_cost, list_price)) AS digest
    FROM import_row AS r
    WHERE NOT EXISTS (SELECT FROM import_problem AS p WHERE p.line = r.line)
    GROUP BY number
) AS summed
"""
PRICE = """
UPDATE import_doc AS d SET rate = CASE WHEN currency = %s THEN 1 ELSE (
    SELECT r.rate FROM crm_exchangerate AS r
    WHERE r.currency = d.currency AND r.valid_from <= d.ordered_on
    ORDER BY r.valid_from DESC LIMIT 1) END
"""
CREATE_LINES = """
INSERT INTO crm_orderline (order_id, product_id, position, quantity, unit_price, unit_cost,
    list_price)
SELECT d.object_id, p.id, row_number() OVER (PARTITION BY d.object_id ORDER BY r.line),
    r.quantity, r.unit_price, r.unit_cost, r.list_price
FROM import_doc AS d JOIN import_row AS r USING (number) JOIN crm_product AS p USING (sku)
WHERE d.action IN ('new', 'updated')
ORDER BY r.line
"""
DROP_LINES = """
DELETE FROM crm_orderline AS l USING import_doc AS d
WHERE l.order_id = d.object_id AND d.action = 'updated'
"""
# Lines that no longer add up to the amount would explain nothing.
KEEP_DIGEST_OF_SAME_AMOUNT = """
UPDATE import_doc AS d SET digest = o.digest FROM crm_order AS o
WHERE o.id = d.object_id AND (o.amount, o.currency) = (d.amount, d.currency)
"""


def classify_orders(options: Options) -> None:
    """Fill import_doc from lines that are one order each; the first of a number counts."""
    run(FIRST_LINES)
    reject_repeated("number")
    _classify(ORDERS, options, by="line")
    run(KEEP_DIGEST_OF_SAME_AMOUNT)


def classify_order_lines(options: Options) -> None:
    """Fill import_doc from article lines, summed to orders."""
    for field in sorted({"customer", "currency", "status"} & options.given):
        run(REJECT_LINES_THAT_DIFFER.format(field=field))
    run(REJECT_REST_OF_THEIR_DOCUMENTS)
    run(SUM_LINES)
    _classify(WITH_LINES, options, by="number")


def _classify(target: Target, options: Options, *, by: str) -> None:
    run("ANALYZE import_doc")
    customers.find(options, by=by, may_create=True)
    _reject_too_large("d.amount", by)
    run(
        """UPDATE import_doc AS d SET currency = coalesce(d.currency, (
            SELECT o.currency FROM crm_order AS o WHERE o.number = d.number), %s)""",
        [options.base_currency],
    )
    documents.meet_existing(target)
    run(PRICE, [options.base_currency])
    reject_documents(
        Problem.NO_RATE,
        where="d.rate IS NULL",
        field="currency",
        cell="d.currency || ' ' || d.ordered_on",
        by=by,
    )
    _reject_too_large("d.amount * d.rate", by)
    run(
        """UPDATE import_doc SET base_amount = round(amount * rate, 2),
            base_cost = round(cost * rate, 2)"""
    )
    documents.decide(target)


def _reject_too_large(amount: str, by: str) -> None:
    reject_documents(
        Problem.NUMBER_TOO_LARGE,
        where=f"abs({amount}) >= {LARGEST}",
        field="amount",
        cell=f"({amount})::text",
        by=by,
    )


def count_dated_ahead(options: Options) -> int:
    """Orders of the file that no night before their day counts."""
    today = options.now.astimezone(ZoneInfo(options.zone)).date()
    ahead = "SELECT count(*) FROM import_doc WHERE ordered_on > %s AND status <> %s"
    [(count,)] = rows(ahead, [today, Order.Status.CANCELLED])
    return int(count)


def write_orders(options: Options) -> None:
    customers.create_unknown(options)
    documents.remember_changed(ORDERS, options.batch)
    run(f"{DROP_LINES} AND d.digest = ''")
    documents.update_changed(ORDERS)
    documents.insert_new(ORDERS, options.batch)


def write_order_lines(options: Options) -> None:
    customers.create_unknown(options)
    _create_products(options)
    # Counted as empty while the first import is under way, each line would look through it all.
    run("ANALYZE crm_product")
    documents.remember_changed(WITH_LINES, options.batch)
    run(DROP_LINES)
    documents.update_changed(WITH_LINES)
    documents.insert_new(WITH_LINES, options.batch)
    run(CREATE_LINES)


def _create_products(options: Options) -> None:
    documents.insert(
        Product,
        {"sku": "d.sku", "name": "d.name"},
        source="""(
            SELECT DISTINCT ON (r.sku) r.sku, coalesce(r.product, r.sku) AS name
            FROM import_row AS r JOIN import_doc USING (number)
            WHERE NOT EXISTS (SELECT FROM crm_product AS p WHERE p.sku = r.sku)
            ORDER BY r.sku, r.product IS NULL, r.line
        ) AS d ORDER BY d.sku""",
        name=ImportChange.Model.PRODUCT,
        batch=options.batch,
    )
