"""Texts are found as Django will ask for them, kept in calm files, and checked."""

import json

import pytest
from babel.messages import Catalog
from django.core.management import call_command
from django.core.management.base import CommandError
from django.template import Context, Engine
from django.utils import translation

from crm.messages import catalogs
from crm.messages.extract import from_python, from_template

TEMPLATES = [
    ('{% translate "Customers" %}', (None, ("Customers",))),
    ("{% trans 'Key' context \"grade\" as word %}", ("grade", ("Key",))),
    ('{% translate "50% of it" %}', (None, ("50%% of it",))),
    ('{% translate "A \\"quoted\\" word" %}', (None, ('A "quoted" word',))),
    ('{{ name|default:_("nobody") }}', (None, ("nobody",))),
    ('{% include "x.html" with title=_("Alerts") %}', (None, ("Alerts",))),
    ("{% blocktranslate %}By {{ name }}{% endblocktranslate %}", (None, ("By %(name)s",))),
    (
        "{% blocktranslate trimmed with n=3 %}\n  {{ n }} of\n  10 %\n{% endblocktranslate %}",
        (None, ("%(n)s of 10 %%",)),
    ),
    (
        '{% blocktranslate count n=rows context "list" %}{{ n }} row{% plural %}{{ n }} rows{% end %}',
        ("list", ("%(n)s row", "%(n)s rows")),
    ),
]


@pytest.mark.parametrize(("source", "message"), TEMPLATES)
def test_texts_of_templates_are_found(source, message):
    assert list(from_template(source)) == [message]


@pytest.mark.parametrize(
    "source",
    ["{% translate name %}", "{# _('x') #}", "plain _('x') text", "{{ name }}", "{% if a_b %}"],
)
def test_what_is_no_literal_is_no_text(source):
    assert list(from_template(source)) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('gettext("One")', (None, ("One",))),
        ('_("One " "text")', (None, ("One text",))),
        ('gettext_lazy("%(n)s left")', (None, ("%(n)s left",))),
        ('ngettext("a day", "%d days", n)', (None, ("a day", "%d days"))),
        ('pgettext_lazy("grade", "Key")', ("grade", ("Key",))),
        ('npgettext("list", "row", "rows", n)', ("list", ("row", "rows"))),
    ],
)
def test_texts_of_python_are_found(source, message):
    assert list(from_python(source)) == [message]


@pytest.mark.parametrize(("source", "message"), TEMPLATES[:1] + TEMPLATES[6:7])
def test_a_template_asks_for_the_very_text_that_was_found(source, message):
    """The way round: Django renders what the catalogue would have been asked for."""
    engine = Engine(libraries={"i18n": "django.templatetags.i18n"}, builtins=[])
    with translation.override(None):
        rendered = engine.from_string("{% load i18n %}" + source).render(Context({"name": "Li"}))

    assert rendered == message[1][0] % {"name": "Li"}


def found(*texts):
    catalog = Catalog()
    for text in texts:
        catalog.add(text)
    return catalog


def written(root, language="zh_Hans"):
    return catalogs.po_path(root, language).read_text()


def fill(root, given):
    path = root / "filled.json"
    path.write_text(json.dumps(given))
    return catalogs.import_translations(root, path)


def test_new_texts_come_empty_and_translated_ones_stay(tmp_path):
    catalogs.update(tmp_path, found("Customers"))
    fill(tmp_path, {"Customers": ["客户", "客戶"]})

    catalogs.update(tmp_path, found("Customers", "Customer"))

    assert 'msgid "Customers"\nmsgstr "客户"' in written(tmp_path)
    assert 'msgid "Customers"\nmsgstr "客戶"' in written(tmp_path, "zh_Hant")
    assert 'msgid "Customer"\nmsgstr ""' in written(tmp_path)
    assert "fuzzy" not in written(tmp_path)


def test_texts_that_nobody_asks_for_are_dropped(tmp_path):
    catalogs.update(tmp_path, found("Old", "New"))
    catalogs.update(tmp_path, found("New"))

    assert "Old" not in written(tmp_path)


def test_file_does_not_depend_on_order_or_day(tmp_path):
    catalogs.update(tmp_path, found("b", "a", ("day", "days")))
    first = written(tmp_path)
    catalogs.update(tmp_path, found(("day", "days"), "a", "b"))

    assert written(tmp_path) == first
    assert "Date" not in first
    assert "#:" not in first


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "not translated"),
        ({"%(n)s left": ["还剩 %(m)s", "還剩 %(n)s"]}, "other placeholders than the original"),
        ({"%(n)s left": ["还剩", "還剩 %(n)s"]}, "other placeholders than the original"),
    ],
)
def test_faults_are_found(tmp_path, given, fault):
    source = found("%(n)s left")
    catalogs.update(tmp_path, source)
    fill(tmp_path, given)

    assert f"zh_Hans: {fault}: '%(n)s left'" in list(catalogs.problems(tmp_path, source))


def test_missing_left_over_and_fuzzy_texts_are_found(tmp_path):
    catalogs.update(tmp_path, found("Old", "Unsure"))
    fill(tmp_path, {text: ["好", "好"] for text in ("Old", "Unsure")})
    path = catalogs.po_path(tmp_path, "zh_Hans")
    path.write_text(path.read_text().replace('msgid "Unsure"', '#, fuzzy\nmsgid "Unsure"'))

    problems = list(catalogs.problems(tmp_path, found("New", "Unsure")))

    assert "zh_Hans: missing, run make messages: 'New'" in problems
    assert "zh_Hans: no longer used, run make messages: 'Old'" in problems
    assert "zh_Hans: fuzzy: 'Unsure'" in problems


def test_complete_files_have_no_problem(tmp_path):
    source = found("%(n)s left", ("day", "%(n)s days"), "10 %% off")
    catalogs.update(tmp_path, source)
    fill(
        tmp_path,
        {
            "%(n)s left": ["剩 %(n)s", "剩 %(n)s"],
            "%(n)s days": ["%(n)s 天", "%(n)s 天"],
            "10 %% off": ["九折", "九折"],
        },
    )

    assert list(catalogs.problems(tmp_path, source)) == []


def test_what_is_missing_goes_out_and_comes_back(tmp_path):
    catalogs.update(tmp_path, found("Done", "Open", ("day", "%(n)s days")))
    fill(tmp_path, {"Done": ["完成", "完成"], "Open": ["打开", ""]})

    count = catalogs.export_missing(tmp_path, tmp_path / "missing.json")

    assert count == 2
    assert json.loads((tmp_path / "missing.json").read_text()) == {
        "Open": ["打开", ""],
        "%(n)s days": ["", ""],
    }
    assert fill(tmp_path, {"Nobody": ["无", "無"]}) == ["Nobody"]


def test_compiled_files_serve_django(tmp_path):
    catalogs.update(tmp_path, found("Vital test"))
    fill(tmp_path, {"Vital test": ["关键", "關鍵"]})
    catalogs.compile_all(tmp_path)

    assert catalogs.po_path(tmp_path, "zh_Hans").with_suffix(".mo").stat().st_size > 0
    with open(catalogs.po_path(tmp_path, "zh_Hans").with_suffix(".mo"), "rb") as file:
        assert "关键".encode() in file.read()


def test_check_names_every_problem(tmp_path, settings):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% translate "Hello" %}')
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match=r"missing, run make messages: 'Hello'"):
        call_command("messages", "--check")

    call_command("messages")
    fill(tmp_path, {"Hello": ["你好", "你好"]})
    call_command("messages", "--check")
