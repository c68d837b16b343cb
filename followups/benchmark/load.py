"""Writes a generated book into the tables of an empty database."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction

from crm.models import Contact, Customer, Order, OrderLine, Payment, Team, User
from followups.benchmark import people
from followups.benchmark.book import Book, Columns, Size
from followups.benchmark.trade import SHARE, add_articles, add_trade
from tiering.bulk import temporary_table
from tiering.windows import EPOCH

LINES_AT_ONCE = 50_000
YEAR = timedelta(days=365)
DOCUMENTS = "CREATE UNLOGGED TABLE {} (place int, day int, cents bigint, cost bigint, off boolean)"
# In the order of their days, as orders come in over the years: the rows of one customer lie
# far apart, as they do in a real book.
ORDERS = """
INSERT INTO crm_order (number, customer_id, ordered_on, due_on, status, currency,
    amount, cost, base_amount, base_cost, digest)
SELECT %(prefix)s || lpad((row_number() OVER in_time)::text, 9, '0'), place + %(first)s,
    date '1970-01-01' + day,
    CASE WHEN (place + %(first)s) %% %(share)s = 0 AND cents > 0 THEN date '1970-01-01' + day + 30 END,
    CASE WHEN off THEN 'cancelled' ELSE 'confirmed' END, %(currency)s,
    cents::numeric / 100, cost::numeric / 100, cents::numeric / 100, cost::numeric / 100, ''
FROM {} WINDOW in_time AS (ORDER BY day, place, cents)
"""
CUSTOMERS = """
INSERT INTO crm_customer (id, code, name, alias, owner_id, kind, buyer_type, industry, region,
    city, district, address, phone, email, tax_id, credit_days, note, created_at, updated_at)
SELECT place + %(first)s, code, name, '', owner + %(owner)s, '', '', industry, region,
    city, '', '', phone, '', '', 30, '', now(), now()
FROM lines
"""
CUSTOMER_LINES = """place int, code text, name text, owner int, industry text, region text,
    city text, phone text"""
CONTACTS = """
INSERT INTO crm_contact (customer_id, name, gender, title, character, interests, mobile, phone,
    wechat, email, is_primary, note)
SELECT place + %(first)s, name, '', '', '', '', mobile, '', '', '', true, '' FROM lines
"""
VISITS = """
INSERT INTO crm_visit (customer_id, by_id, happened_at, channel, direction, outcome, summary,
    needs, competitor, created_at)
SELECT c.id, c.owner_id, l.moment, 'phone', 'outbound', 'spoke', '', '', '', now()
FROM lines l JOIN crm_customer c ON c.id = l.place + %(first)s
"""
FIRST = 1  # the key of the first customer: the place in the book and this make its key
FILLED = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0
    AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
LAID_ASIDE = """
SELECT 0, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %(table)s::regclass AND contype = 'u'
UNION ALL SELECT 1, indexname, indexdef FROM pg_indexes WHERE tablename = %(table)s
    AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = %(table)s::regclass)
UNION ALL SELECT 2, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %(table)s::regclass AND contype = 'f'
ORDER BY 1, 2
"""


def load(found: Book, documents: Iterable[Columns], *, last_day: int) -> None:
    """The whole book; the tables must be empty but for what migrations put there."""
    staff()
    people_of(found.size, last_day)
    with without_indexes(Order._meta.db_table):
        add_orders(documents, prefix="B")
    add_articles()
    day = EPOCH + timedelta(days=last_day)
    with without_indexes(OrderLine._meta.db_table), without_indexes(Payment._meta.db_table):
        add_trade(after=day - YEAR, until=day)
    tidy()


def staff() -> None:
    """One administrator, one manager, and twelve salespeople who share the book evenly."""
    team = Team.objects.create(name="Benchmark")
    names = [people.seller(number) for number in range(people.SELLERS)]
    roles = {"manager": User.Role.MANAGER, "administrator": User.Role.ADMIN}
    User.objects.bulk_create(
        User(
            username=name,
            name=name,
            password=UNUSABLE_PASSWORD_PREFIX,
            role=roles.get(name, User.Role.REP),
            team=team,
        )
        for name in [*names, *roles]
    )


def people_of(size: Size, last_day: int) -> None:
    owner = User.objects.get(username=people.seller(0)).pk
    everyone = (line for piece in people.customers(size) for line in piece)
    with without_indexes(Customer._meta.db_table):
        insert(CUSTOMERS, CUSTOMER_LINES, everyone, owner=owner)
    with without_indexes(Contact._meta.db_table):
        insert(CONTACTS, "place int, name text, mobile text", people.contacts(size))
    visits = people.visits(size, last_day=last_day)
    insert(VISITS, "place int, moment timestamptz", visits)


def insert(statement: str, columns: str, lines: Iterable[str], **params: int) -> None:
    """Run the statement on pieces of `lines`, each of them a temporary table."""
    rest = iter(lines)
    while piece := list(islice(rest, LINES_AT_ONCE)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE lines ({columns}) ON COMMIT DROP")
            cursor.copy_expert("COPY lines FROM STDIN", io.StringIO("\n".join(piece)))
            cursor.execute(statement, {"first": FIRST, **params})


def add_orders(pieces: Iterable[Columns], *, prefix: str) -> None:
    """Put documents in as orders, numbered in the order of their days."""
    staged = "benchmark_documents"
    execute(DOCUMENTS.format(staged))
    for piece in pieces:
        with transaction.atomic(), temporary_table("piece", piece):
            execute(f"INSERT INTO {staged} SELECT * FROM piece")
    params: dict[str, str | int] = {
        "prefix": prefix,
        "first": FIRST,
        "currency": settings.BASE_CURRENCY,
        "share": SHARE,
    }
    execute(ORDERS.format(staged), params)
    execute(f"DROP TABLE {staged}")


def tidy() -> None:
    """What the database does by itself in a quiet hour: else it would do it while we measure.

    It leaves empty tables alone. Told that one is empty, it would look through it again for each
    of a million rows that are written into it."""
    with connection.cursor() as cursor:
        cursor.execute(FILLED)
        filled = [quoted(name) for (name,) in cursor.fetchall()]
    execute(f"VACUUM ANALYZE {', '.join(filled)}")


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
    """Indexes and foreign keys of a table are laid aside and built again at the end, at once."""
    with connection.cursor() as cursor:
        cursor.execute(LAID_ASIDE, {"table": table})
        found = cursor.fetchall()
        for kind, name, _definition in reversed(found):
            word = f"DROP INDEX {quoted(name)}"
            constraint = f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}"
            cursor.execute(word if kind == 1 else constraint)
        yield
        for kind, name, definition in found:
            added = f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {definition}"
            cursor.execute(definition if kind == 1 else added)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def execute(sql: str, params: dict[str, str | int] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
