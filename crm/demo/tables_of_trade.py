"""Pure: rows of products, rates, orders, lines and payments."""

import numpy as np

from crm.demo import columns as c
from crm.demo.baskets import catalogue
from crm.demo.columns import Table
from crm.demo.company import Company
from crm.demo.currencies import scale
from crm.demo.payments import due_days
from crm.demo.plan import NOBODY, words

FIRST_NUMBER = 20_001


def trade_tables(company: Company) -> list[Table]:
    return [
        products(company),
        exchange_rates(company),
        orders(company),
        order_lines(company),
        payments(company),
    ]


def products(company: Company) -> Table:
    plan = company.plan
    rows = catalogue()
    categories = [plan.say(each["name"]) for each in words("products")["category"]]
    units = words("products")["units"]
    prices = np.rint([row[1] * scale(plan) * 100 for _, row in rows])
    columns = {
        "sku": c.words([row[0] for _, row in rows]),
        "name": c.words([plan.say(row[4]) for _, row in rows]),
        "category": c.words([categories[category] for category, _ in rows]),
        "unit": c.words([plan.say(units[row[3]]) for _, row in rows]),
        "list_price": c.money(prices),
        "is_active": c.same("t", len(rows)),
    }
    return Table("product", columns, len(rows))


def exchange_rates(company: Company) -> Table:
    """Of the foreign currencies, up to `as_of`: what comes later nobody knows yet."""
    rates = company.rates
    known = np.flatnonzero(rates.valid_from <= company.plan.today)
    foreign = range(1, len(rates.codes))
    pairs = [(currency, month) for currency in foreign for month in known]
    columns = {
        "currency": c.words([rates.codes[currency] for currency, _ in pairs]),
        "valid_from": c.days([rates.valid_from[month] for _, month in pairs]),
        "rate": c.fixed([f"{rates.parts[pair] / 10_000:.4f}" for pair in pairs]),
    }
    return Table("exchange_rate", columns, len(pairs))


def orders(company: Company) -> Table:
    documents = company.orders
    n = len(documents)
    is_return = documents.returns != NOBODY
    prefixes = np.where(is_return, "RT", "SO").tolist()
    columns = {
        "number": c.words(
            [f"{prefix}-{FIRST_NUMBER + row}" for row, prefix in enumerate(prefixes)]
        ),
        "customer_id": c.ref("customer", documents.customer),
        "ordered_on": c.days(documents.day),
        "status": c.codes(("confirmed", "cancelled"), documents.cancelled),
        "currency": c.codes(company.rates.codes, documents.currency),
        "amount": c.money(documents.amount),
        "cost": c.money(documents.cost),
        "base_amount": c.money(documents.base_amount),
        "base_cost": c.money(documents.base_cost),
        "due_on": c.days(due_days(company.book, documents)),
        "returns_id": c.ref("order", documents.returns),
        "digest": c.same("", n),
    }
    return Table("order", columns, n)


def order_lines(company: Company) -> Table:
    lines = company.orders.lines
    columns = {
        "order_id": c.ref("order", lines.order),
        "product_id": c.ref("product", lines.product),
        "position": c.numbers(lines.position),
        "quantity": c.numbers(lines.quantity),
        "unit_price": c.money(lines.price),
        "unit_cost": c.money(lines.cost),
        "list_price": c.money(lines.list_price),
    }
    return Table("order_line", columns, len(lines.order))


def payments(company: Company) -> Table:
    paid = company.payments
    n = len(paid.order)
    columns = {
        "order_id": c.ref("order", paid.order),
        "paid_on": c.days(paid.day),
        "amount": c.money(paid.amount),
        "repeat": c.same("1", n),
    }
    return Table("payment", columns, n)
