"""The message files of each language: brought up to date, filled, checked, compiled."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LANGUAGES = ("zh_Hans", "zh_Hant")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
# No dates, names or tool versions: two branches that add a text each must merge.
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def po_path(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def read(root: Path, language: str) -> Catalog:
    path = po_path(root, language)
    if not path.exists():
        return Catalog(locale=language)
    return read_po(BytesIO(path.read_bytes()), locale=language, abort_invalid=True)


def write(root: Path, language: str, catalog: Catalog) -> None:
    """Sorted, a text a line, without the places it was found at."""
    body = BytesIO()
    write_po(
        body,
        catalog,
        width=0,
        no_location=True,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
    )
    path = po_path(root, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER.format(language=language) + body.getvalue().decode())


def texts(catalog: Catalog) -> dict[tuple, Message]:
    """The messages without the header, by context and id."""
    return {(each.context, each.id): each for each in catalog if each.id}


def update(root: Path, found: Catalog) -> None:
    """Keep what is translated, add what is new without guessing, drop what nobody asks for."""
    for language in LANGUAGES:
        kept = texts(read(root, language))
        fresh = Catalog(locale=language)
        for key, message in texts(found).items():
            old = kept.get(key)
            fresh.add(message.id, old.string if old else "", context=message.context)
        write(root, language, fresh)


def compile_all(root: Path) -> None:
    for path in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = BytesIO()
        write_mo(compiled, read_po(BytesIO(path.read_bytes())))
        path.with_suffix(".mo").write_bytes(compiled.getvalue())


def problems(root: Path, found: Catalog) -> Iterator[str]:
    """One sentence for each text that is missing, left over, unsure, empty or ill filled."""
    wanted = texts(found)
    for language in LANGUAGES:
        kept = texts(read(root, language))
        for key in sorted(wanted.keys() - kept.keys(), key=str):
            yield f"{language}: missing, run make messages: {label(wanted[key])!r}"
        for key in sorted(kept.keys() - wanted.keys(), key=str):
            yield f"{language}: no longer used, run make messages: {label(kept[key])!r}"
        for message in kept.values():
            if fault := fault_of(message):
                yield f"{language}: {fault}: {label(message)!r}"


def fault_of(message: Message) -> str:
    if message.fuzzy:
        return "fuzzy"
    if not translation(message):
        return "not translated"
    if placeholders(label(message)) != placeholders(translation(message)):
        return "other placeholders than the original"
    return ""


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


def label(message: Message) -> str:
    """The text a translator works from: Chinese has one form, which stands for the plural."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def translation(message: Message) -> str:
    return message.string if isinstance(message.string, str) else message.string[0]


def export_missing(root: Path, path: Path) -> int:
    """A JSON file of texts to translate, {text: [zh_Hans, zh_Hant]}; says how many."""
    rows: dict[str, list[str]] = {}
    for index, language in enumerate(LANGUAGES):
        for message in texts(read(root, language)).values():
            row = rows.setdefault(label(message), [""] * len(LANGUAGES))
            row[index] = translation(message)
    wanted = {text: row for text, row in rows.items() if not all(row)}
    path.write_text(json.dumps(wanted, ensure_ascii=False, indent=1) + "\n")
    return len(wanted)


def import_translations(root: Path, path: Path) -> list[str]:
    """Fill the message files from such a JSON file; returns the texts nobody asks for."""
    given: dict[str, list[str]] = json.loads(path.read_text())
    known: set[str] = set()
    for index, language in enumerate(LANGUAGES):
        catalog = read(root, language)
        for message in texts(catalog).values():
            known.add(label(message))
            if filled := given.get(label(message), ["", ""])[index]:
                message.string = filled if isinstance(message.id, str) else (filled,)
        write(root, language, catalog)
    return sorted(given.keys() - known)
