"""User-facing texts of the source: what gettext will be asked for, letter by letter."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from django.template.base import Lexer, Token, TokenType
from django.utils.text import unescape_string_literal
from django.utils.translation import trim_whitespace

Message = tuple[str | None, tuple[str, ...]]  # context, singular and perhaps plural

PYTHON_FOLDERS = ("crm", "tiering", "followups")
LAZY = ("", "_lazy")
KEYWORDS: dict[str, tuple | None] = (
    {"_": None, "gettext_noop": None}
    | {f"gettext{end}": None for end in LAZY}
    | {f"ngettext{end}": (1, 2) for end in LAZY}
    | {f"pgettext{end}": ((1, "c"), 2) for end in LAZY}
    | {f"npgettext{end}": ((1, "c"), 2, 3) for end in LAZY}
)
LITERAL = r"""("[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')"""
CONSTANT = re.compile(rf"_\({LITERAL}\)")
LEADING_LITERAL = re.compile(LITERAL)


def messages_of(root: Path) -> Catalog:
    """Every text of the product's Python and templates."""
    catalog = Catalog()
    for path in sources(root):
        found = from_template if path.suffix == ".html" else from_python
        for context, ids in found(path.read_text()):
            catalog.add(ids if len(ids) > 1 else ids[0], context=context)
    return catalog


def sources(root: Path) -> list[Path]:
    python = [path for folder in PYTHON_FOLDERS for path in (root / folder).rglob("*.py")]
    product = [path for path in python if "migrations" not in path.parts]
    return sorted([*product, *(root / "templates").rglob("*.html")])


def from_python(source: str) -> Iterator[Message]:
    for _line, ids, _comments, context in extract(
        "python", BytesIO(source.encode()), keywords=KEYWORDS
    ):
        yield context, (ids,) if isinstance(ids, str) else tuple(ids)


def from_template(source: str) -> Iterator[Message]:
    """Texts of translate, blocktranslate and `_("…")`, as Django's tags will ask for them."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        bits = token.split_contents()
        if token.token_type is TokenType.BLOCK and bits[0] in ("blocktranslate", "blocktrans"):
            yield block(bits, tokens)
        elif token.token_type is TokenType.BLOCK and bits[0] in ("translate", "trans"):
            yield from inline(bits)
        else:
            for literal in CONSTANT.findall(token.contents):
                yield None, (unquoted(literal),)


def inline(bits: list[str]) -> Iterator[Message]:
    """A translate tag with a literal; one with a variable has its text elsewhere."""
    if literal := LEADING_LITERAL.match(bits[1]):
        yield context_in(bits), (unquoted(literal.group()),)


def block(bits: list[str], tokens: Iterator[Token]) -> Message:
    """A blocktranslate tag, read up to its end."""
    texts = [""]
    for token in tokens:
        if token.token_type is TokenType.TEXT:
            texts[-1] += token.contents.replace("%", "%%")
        elif token.token_type is TokenType.VAR:
            texts[-1] += f"%({token.contents})s"
        elif token.contents.strip() == "plural":
            texts.append("")
        elif token.token_type is TokenType.BLOCK:
            break
    if "trimmed" in bits:
        texts = [trim_whitespace(text) for text in texts]
    return context_in(bits), tuple(texts)


def context_in(bits: list[str]) -> str | None:
    if "context" not in bits:
        return None
    return unescape_string_literal(bits[bits.index("context") + 1])


def unquoted(literal: str) -> str:
    """Django doubles percent signs before it looks a template's literal up."""
    return unescape_string_literal(literal).replace("%", "%%")
