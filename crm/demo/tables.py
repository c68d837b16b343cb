"""Pure: the company as rows of the tables of `crm`, in an order that respects their keys."""

import numpy as np

from crm.demo import columns as c
from crm.demo.clients import places, trade, yearly_needs
from crm.demo.columns import Table
from crm.demo.company import Company
from crm.demo.hours import instants
from crm.demo.plan import NOBODY, IntArray, words
from crm.demo.staff import manager_of, staff
from crm.demo.tables_of_trade import trade_tables
from crm.demo.tables_of_work import work_tables

OPENING = 9 * 60


def all_tables(company: Company, *, password: str) -> list[Table]:
    """`password` is the encoded hash that all accounts share."""
    return [
        teams(company),
        users(company, password),
        *customers(company),
        *trade_tables(company),
        *work_tables(company),
    ]


def team_names(company: Company) -> list[str]:
    file = words("staff")
    return [company.plan.say(name) for name in (file["company"], *file["teams"].values())]


def teams(company: Company) -> Table:
    names = team_names(company)
    parents = [NOBODY] + [0] * (len(names) - 1)
    columns = {"name": c.words(names), "parent_id": c.ref("team", parents)}
    return Table("team", columns, len(names))


def users(company: Company, password: str) -> Table:
    plan, people = company.plan, staff()
    places = {"": NOBODY, "company": 0} | {
        team: place for place, team in enumerate(words("staff")["teams"], 1)
    }
    n = len(people)
    joined = morning(company, np.full(n, plan.start))
    columns = {
        "password": c.same(password, n),
        "username": c.words([each.username for each in people]),
        "name": c.words([plan.say(each.name) for each in people]),
        "email": c.words([f"{each.username}@hengtong.example" for each in people]),
        "role": c.words([each.role for each in people]),
        "team_id": c.ref("team", [places[each.team] for each in people]),
        "language": c.same(plan.language, n),
        "time_zone": c.same("", n),
        "is_active": c.same("t", n),
        "joined_at": c.moments(joined),
    }
    return Table("user", columns, n)


def morning(company: Company, days: IntArray) -> IntArray:
    minutes = np.full(len(days), OPENING)
    return instants(days, minutes, time_zone=company.plan.time_zone)


def customers(company: Company) -> list[Table]:
    return [
        tags(company),
        customer(company),
        customer_tags(company),
        contact(company),
        owner_changes(company),
    ]


def tags(company: Company) -> Table:
    names = [company.plan.say(name) for name in words("companies")["tags"]["names"]]
    return Table("tag", {"name": c.words(names)}, len(names))


def customer(company: Company) -> Table:
    plan, book, clients = company.plan, company.book, company.clients
    n = len(book)
    known_since = c.moments(morning(company, company.owners.taken))
    columns = {
        "code": c.words(clients.code),
        "name": c.words(clients.name),
        "alias": c.words(clients.alias),
        "owner_id": c.ref("user", company.owners.on(np.arange(n), np.full(n, plan.today))),
        "phone": c.words(clients.phone),
        "email": c.words(clients.email),
        "tax_id": c.words([f"91000000MA{each:08}" for each in range(n)]),
        "credit_days": c.numbers(book.credit_days),
        "credit_limit": c.money(clients.credit_limit, zero_is_null=True),
        "yearly_need": c.money(yearly_needs(plan, book), zero_is_null=True),
        "since": c.days(book.since),
        "note": c.words(clients.note),
        "created_at": known_since,
        "updated_at": known_since,
        **trade_of_customers(company),
        **place_of_customers(company),
    }
    return Table("customer", columns, n)


def trade_of_customers(company: Company) -> dict[str, c.Column]:
    plan, kinds = company.plan, words("companies")["kinds"]
    lines = [trade(company.book, each) for each in range(len(company.book))]
    return {
        "kind": c.words([plan.say(kinds[kind][0]) for _, kind in lines]),
        "buyer_type": c.words(company.clients.buyer_type),
        "industry": c.words([plan.say(industry["name"]) for industry, _ in lines]),
    }


def place_of_customers(company: Company) -> dict[str, c.Column]:
    plan = company.plan
    where = [places()[place] for place in company.book.district]
    return {
        "region": c.words([plan.say(place.province) for place in where]),
        "city": c.words([plan.say(place.city) for place in where]),
        "district": c.words([plan.say(place.district) for place in where]),
        "address": c.words(company.clients.address),
        "latitude": c.degrees(company.clients.latitude),
        "longitude": c.degrees(company.clients.longitude),
    }


def customer_tags(company: Company) -> Table:
    pairs = np.array(company.clients.tags, dtype=np.int64).reshape(-1, 2)
    columns = {"customer_id": c.ref("customer", pairs[:, 0]), "tag_id": c.ref("tag", pairs[:, 1])}
    return Table("customer_tags", columns, len(pairs))


def contact(company: Company) -> Table:
    people = company.contacts
    n = len(people)
    columns = {
        "customer_id": c.ref("customer", people.customer),
        "name": c.words(people.name),
        "gender": c.words(people.gender),
        "title": c.words(people.title),
        "character": c.words(people.character),
        "birthday": c.days(people.birthday),
        "interests": c.words(people.interests),
        "mobile": c.words(people.mobile),
        "phone": c.same("", n),
        "wechat": c.words(people.wechat),
        "email": c.same("", n),
        "is_primary": c.flags(people.is_primary),
        "note": c.words(people.note),
    }
    return Table("contact", columns, n)


def owner_changes(company: Company) -> Table:
    """Taken over, perhaps handed on, perhaps given to the pool; by the manager of the team."""
    owners = company.owners
    nobody = np.full(len(company.book), NOBODY)
    everyone = np.arange(len(company.book))
    handed = np.flatnonzero(owners.moved < owners.pooled)
    pooled = np.flatnonzero(owners.pooled <= company.plan.today)
    last = owners.on(pooled, owners.pooled[pooled] - 1)
    customer = np.concatenate([everyone, handed, pooled])
    days = np.concatenate([owners.taken, owners.moved[handed], owners.pooled[pooled]])
    columns = {
        "customer_id": c.ref("customer", customer),
        "from_owner_id": c.ref("user", np.concatenate([nobody, owners.first[handed], last])),
        "to_owner_id": c.ref(
            "user", np.concatenate([owners.first, owners.second[handed], nobody[pooled]])
        ),
        "by_id": c.ref("user", managers()[owners.second[customer]]),
        "reason": change_reasons(company, handed, pooled),
        "changed_at": c.moments(morning(company, days)),
    }
    return Table("owner_change", columns, len(customer))


def managers() -> IntArray:
    """Of each salesperson the manager; NOBODY for the others."""
    return np.array([manager_of(each.team) if each.role == "rep" else NOBODY for each in staff()])


def change_reasons(company: Company, handed: IntArray, pooled: IntArray) -> c.Column:
    file = words("companies")["owners"]
    texts = [file["taken"], file["pool"], *file["reasons"]]
    taken = np.zeros(len(company.book), dtype=np.int64)
    places = [taken, 2 + company.owners.reason[handed], np.ones_like(pooled)]
    return c.codes([company.plan.say(text) for text in texts], np.concatenate(places))
