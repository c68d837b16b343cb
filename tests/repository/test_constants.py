"""Numbers of the churn model and the signals are not tuned to a book: each has a reason."""

import ast
from pathlib import Path

from tests.repository.source import ROOT, product

PLACES = ("tiering/churn/", "tiering/signals/")


def numbers():
    """`module.NAME` of every constant of a module that a number is part of."""
    for code in product():
        if code.name.startswith(PLACES):
            for node in code.tree.body:
                if isinstance(node, ast.Assign) and has_number(node.value):
                    names = [each.id for each in ast.walk(node.targets[0]) if is_name(each)]
                    yield from (f"{Path(code.name).stem}.{name}" for name in names)


def is_name(node):
    return isinstance(node, ast.Name) and node.id.isupper()


def has_number(node):
    values = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def test_every_number_has_its_reason():
    text = (ROOT / "docs" / "constants.md").read_text()
    said = {name for name in numbers() if f"`{name}`" in text}

    assert len(said) > 60
    assert said == set(numbers()) - {"slices.NOTHING_DONE"}  # empty arrays


def test_no_reason_is_left_of_a_number_that_has_gone():
    text = (ROOT / "docs" / "constants.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = {part for row in rows for part in row.split("`")[1::2]}

    assert named - set(numbers()) == set()
