"""The rules of CONTRIBUTING.md that a machine can see."""

import ast
import re

import pytest

from tests.repository.source import (
    ROOT,
    body_lines_of,
    lines_of,
    of_tests,
    product,
    read,
    templates,
)

FUNCTION, TEST, MODULE, TEMPLATE, VIEW = 25, 60, 250, 80, 15
LONGER = {
    "crm/settings.py": "one file for all settings can be read from top to bottom",
}
CLOCKS = {"timezone.now", "timezone.localdate", "timezone.localtime", "date.today", "datetime.now"}
TEXT_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "npgettext"}
DOORS = ("/views/", "/management/", "/tasks.py", "/api", "/middleware.py", "/admin", "/forms")
CLOCK_ELSEWHERE = {
    "crm/context.py": "the door of every template",
    "tiering/context.py": "so is this one",
    "crm/foreground.py": "the door of `up`",
    "crm/imports/runs.py": "a heartbeat is the time of the machine",
    "crm/imports/undo.py": "so is the time at which an undo ended",
    "crm/lists.py": "the door of every list page",
    "crm/templatetags/format.py": "a date of this year is written without its year",
}


def test_functions_are_short():
    long = {
        f"{code.name}:{function.lineno} {function.name}": lines_of(function)
        for code in product()
        for function in code.functions()
        if lines_of(function) > FUNCTION
    }

    assert long == {}


def test_tests_fit_a_screen():
    long = {
        f"{code.name}:{function.lineno} {function.name}": lines_of(function)
        for code in of_tests()
        for function in code.functions()
        if lines_of(function) > TEST
    }

    assert long == {}


def test_modules_are_short():
    scripts = [read(path) for path in (ROOT / "scripts").glob("*.py")]
    lengths = {code.name: len(code.text.splitlines()) for code in [*product(), *scripts]}
    long = {name: length for name, length in lengths.items() if length > MODULE}

    assert long.keys() - LONGER.keys() == set(), long


def test_templates_are_short():
    lengths = {name: len(text.splitlines()) for name, text in templates().items()}

    assert {name: length for name, length in lengths.items() if length > TEMPLATE} == {}


def test_views_only_translate_between_web_and_domain():
    views = {
        f"{code.name}:{function.lineno} {function.name}": body_lines_of(function)
        for code in product()
        if "/views" in code.name
        for function in code.functions()
        if function.args.args and function.args.args[0].arg == "request"
    }

    assert views
    assert {name: length for name, length in views.items() if length > VIEW} == {}


def test_nothing_is_left_for_later():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [code.name for code in [*product(), *of_tests()] if marks.search(code.text)]
    found += [name for name, text in templates().items() if marks.search(text)]

    assert found == ["tests/repository/test_style.py"]  # the pattern itself


def test_tasks_wait_for_the_commit():
    early = [
        f"{code.name}:{call.lineno} {name}"
        for code in product()
        for name, call in code.calls()
        if name.endswith((".delay", ".apply_async"))
    ]

    assert early == []


def test_clock_is_read_at_the_door():
    inside = [
        f"{code.name}:{call.lineno} {name}"
        for code in product()
        for name, call in code.calls()
        if name in CLOCKS
        and not call.args  # with an argument they only convert
        and code.name not in CLOCK_ELSEWHERE
        and not any(door in f"/{code.name}" for door in DOORS)
    ]

    assert inside == []


def test_there_are_no_signals_no_prints_and_no_junk_drawers():
    imports = [
        code.name
        for code in product()
        for node in ast.walk(code.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.dispatch"
    ]
    prints = [code.name for code in product() for name, _ in code.calls() if name == "print"]
    drawers = [code.name for code in product() if code.name.endswith(("utils.py", "helpers.py"))]

    assert (imports, prints, drawers) == ([], ["crm/processes.py"], [])


def test_tables_have_no_hidden_order():
    ordered = [
        f"{code.name}:{node.lineno}"
        for code in product()
        for node in ast.walk(code.tree)
        if isinstance(node, ast.ClassDef) and node.name == "Meta" and sets(node, "ordering")
    ]

    assert ordered == []


def sets(node: ast.ClassDef, name: str) -> bool:
    targets = [each.targets for each in node.body if isinstance(each, ast.Assign)]
    return any(isinstance(one, ast.Name) and one.id == name for many in targets for one in many)


@pytest.mark.parametrize(
    "forbidden",
    [r"\sstyle=", r"\son[a-z]+=", r"<style(?![^>]*nonce)", r"<script(?![^>]*(src|nonce)=)"],
)
def test_templates_hold_no_inline_style_or_script(forbidden):
    assert [name for name, text in templates().items() if re.search(forbidden, text)] == []


def test_tests_that_commit_put_the_first_rows_back():
    """Else Django looks through all models and writes their permissions anew after each."""
    marks = {
        line.strip()
        for code in of_tests()
        for line in code.text.splitlines()
        if "django_db(transaction" + "=True" in line and "serialized_rollback=True" not in line
    }

    assert marks == set()


def test_texts_stand_where_they_are_found():
    """Python before 3.12 shows its tokenizer no code within an f-string."""
    hidden = [
        f"{code.name}:{call.lineno}"
        for code in product()
        for string in ast.walk(code.tree)
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in TEXT_CALLS
    ]

    assert hidden == []
