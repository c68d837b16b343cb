"""Pure: rows of visits, promises and cases."""

from crm.demo import columns as c
from crm.demo.cases import kinds
from crm.demo.columns import Table
from crm.demo.company import Company
from crm.demo.hours import instants
from crm.demo.plan import FloatArray
from crm.demo.visits import CHANNELS, ON_SITE, OUTCOMES


def work_tables(company: Company) -> list[Table]:
    return [visits(company), promises(company), cases(company)]


def visits(company: Company) -> Table:
    made, notes = company.visits, company.notes
    when = c.moments(instants(made.day, made.minute, time_zone=company.plan.time_zone))
    columns = {
        "customer_id": c.ref("customer", made.customer),
        "by_id": c.ref("user", made.by),
        "contact_id": c.ref("contact", made.contact),
        "happened_at": when,
        "channel": c.codes(CHANNELS, made.channel),
        "direction": c.codes(("outbound", "inbound"), made.inbound),
        "minutes": c.numbers(made.minutes, zero_is_null=True),
        "outcome": c.codes(OUTCOMES, made.course),
        "summary": c.words(notes.summary),
        "needs": c.words(notes.needs),
        "competitor": c.words(notes.competitor),
        "satisfaction": c.numbers(made.satisfaction, zero_is_null=True),
        "next_on": c.days(made.next_on),
        "latitude": on_the_spot(company, company.clients.latitude),
        "longitude": on_the_spot(company, company.clients.longitude),
        "created_at": when,
    }
    return Table("visit", columns, len(made))


def on_the_spot(company: Company, degrees: FloatArray) -> c.Column:
    """The customer's place for visits on site, nothing for the others."""
    made = company.visits
    return c.degrees(degrees[made.customer], known=made.channel == ON_SITE)


def promises(company: Company) -> Table:
    given = company.promises
    columns = {
        "visit_id": c.ref("visit", given.visit),
        "what": c.words(given.what),
        "due_on": c.days(given.due),
        "kept": c.answers(given.kept),
        "settled_on": c.days(given.settled),
    }
    return Table("promise", columns, len(given.visit))


def cases(company: Company) -> Table:
    asked = company.cases
    n = len(asked.kind)
    columns = {
        "customer_id": c.ref("customer", asked.customer),
        "order_id": c.ref("order", asked.order),
        "assignee_id": c.ref("user", asked.assignee),
        "kind": c.codes([each["kind"] for each in kinds()], asked.kind),
        "subject": c.words(asked.subject),
        "description": c.same("", n),
        "opened_on": c.days(asked.opened),
        "due_on": c.days(asked.due),
        "closed_on": c.days(asked.closed),
        "resolution": c.words(asked.resolution),
        "warranty_until": c.days(asked.warranty_until),
        "repeat_days": c.numbers(asked.repeat_days, zero_is_null=True),
        "follows_id": c.ref("case", asked.follows),
    }
    return Table("case", columns, n)
