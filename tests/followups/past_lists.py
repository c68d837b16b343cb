"""The list of customers as a reader of a past night gets it."""

import csv
import io

from tests.factories import AS_OF

URL = "/customers/"


def listing(client, **query):
    return client.get(URL, query).context["listing"]


def then(client, day=AS_OF, **query):
    return listing(client, as_of=day.isoformat(), **query)


def shown(rows) -> dict:
    return {each.code: (each.then_grade, each.then_value) for each in rows.page}


def exported(client, **query) -> list[dict]:
    response = client.get(URL, {**query, "export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
