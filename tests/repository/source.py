"""The repository's own files, read for tests about them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("crm", "tiering", "followups")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Code:
    """A Python file: its name within the repository, its text and its tree."""

    name: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Each call with its dotted name: `timezone.now`, `task.delay`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node


@cache
def product() -> list[Code]:
    """Every module of the three apps, migrations left out: those are written by a command."""
    return [read(path) for app in APPS for path in python_in(app)]


@cache
def of_tests() -> list[Code]:
    return [read(path) for path in python_in("tests")]


def python_in(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    return [path for path in found if "migrations" not in path.parts]


def read(path: Path) -> Code:
    text = path.read_text()
    return Code(str(path.relative_to(ROOT)), text, ast.parse(text))


@cache
def templates() -> dict[str, str]:
    """Every template by the name that loads it."""
    folder = ROOT / "templates"
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}


def lines_of(function: Function) -> int:
    """From the first decorator-free line to the last, without the docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    return total - docstring_lines(function)


def body_lines_of(function: Function) -> int:
    """The statements alone, without signature and docstring."""
    first = function.body[0]
    total = (function.end_lineno or first.lineno) - first.lineno + 1
    return total - docstring_lines(function)


def docstring_lines(function: Function) -> int:
    if ast.get_docstring(function) is None:
        return 0
    node = function.body[0]
    return (node.end_lineno or node.lineno) - node.lineno + 1
