"""Articles, lines and payments of a generated book, for every tenth of its customers.

Each of them takes the same article with every order and one of five besides, is given 30
days and pays two weeks late at most.
"""

from datetime import date

from django.db import connection

SHARE = 10
ARTICLES, KINDS = 400, 12
PRODUCTS = """
INSERT INTO crm_product (sku, name, category, unit, is_active)
SELECT 'B' || n, 'Article ' || n, 'Kind ' || n %% %(kinds)s, '', true
FROM generate_series(0, %(articles)s - 1) n
"""
LINES = """
INSERT INTO crm_orderline (order_id, product_id, position, quantity, unit_price)
SELECT o.id, p.id, n, 1, o.amount / 2
FROM crm_order o CROSS JOIN generate_series(1, 2) n
JOIN crm_product p
    ON p.sku = 'B' || (o.customer_id * 7 + (n - 1) * (1 + o.id %% 5)) %% %(articles)s
WHERE o.due_on IS NOT NULL AND o.ordered_on > %(after)s AND o.ordered_on <= %(until)s
ORDER BY o.id, n
"""
PAYMENTS = """
INSERT INTO crm_payment (order_id, paid_on, amount, repeat)
SELECT id, paid_on, amount, 1 FROM (
    SELECT *, due_on + (customer_id / %(share)s %% 15)::int AS paid_on FROM crm_order
    WHERE due_on IS NOT NULL AND status <> 'cancelled'
) o WHERE paid_on > %(after)s AND paid_on <= %(until)s ORDER BY id
"""


def add_articles() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PRODUCTS, {"articles": ARTICLES, "kinds": KINDS})


def add_trade(*, after: date, until: date) -> None:
    """Lines of the orders of these days, and what was paid in them."""
    days: dict[str, date | int] = {
        "after": after,
        "until": until,
        "articles": ARTICLES,
        "share": SHARE,
    }
    with connection.cursor() as cursor:
        for statement in (LINES, PAYMENTS):
            cursor.execute(statement, days)
