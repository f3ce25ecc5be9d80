"""Every template is short, says what it gets, holds no script asks no database, and its forms say whose they are."""

import re
from pathlib import Path

import jinja2
import pytest
from jinja2.ext import extract_from_ast

from tests.imports import ROOT

# A guide, with a fifth of slack: 120 lines.
MOST_LINES = 144
# Characters that a line of a template has at most.
WIDEST = 160

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# What stands on a line with nothing beside it that has a word.
SENTENCE = re.compile(r"""(?:\s*\{\{-? _\()?\s*(["'])(?P<said>.*)\1,?\s*(?:\) -?\}\})?\s*""")
FORM = re.compile(r"<form\b(?:\{\{.*?\}\}|\{%.*?%\}|[^>{])*>(?:\{\{ drawn\(\) \}\})?")
# Forms that act for whoever is signed in by then: how many a template has, and why.
TURNS = "what stands at a counter is its cashiers' in turn, and the next one sends again what had no answer"
FOR_WHOEVER_IS_THERE = {
    "templates/auth/recovery.html": (1, "who signs in is not known yet"),
    "templates/demo/personas.html": (1, "who signs in is not known yet"),
    "templates/errors/problem.html": (2, "what came is sent again, with whom that was drawn for"),
    "templates/join/link.html": (1, "it leads to an invitation, and does nothing"),
    "templates/receipts/back.html": (1, TURNS),
    "templates/refunds/show.html": (1, TURNS),
    "templates/shifts/close.html": (2, TURNS),
    "templates/tablet/cover.html": (1, TURNS),
    "templates/tablet/show.html": (1, TURNS),
    "templates/till/ended.html": (1, TURNS),
    "templates/till/frame.html": (1, TURNS),
    "templates/till/register.html": (1, TURNS),
    "templates/till/waiting.html": (1, TURNS),
    "templates/you/show.html": (1, "light or dark is the browser's"),
}


def at(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=at)
def test_a_template_is_short_and_says_what_it_gets(path):
    source = path.read_text()

    assert source.startswith("{#"), "a template begins with a comment that lists its variables"
    assert len(source.splitlines()) <= MOST_LINES


def too_long(source: str) -> list[str]:
    """Give the lines that could be parted: all that are too long but those of one sentence of gettext and no more."""
    translated = extract_from_ast(jinja2.Environment(extensions=["jinja2.ext.i18n"]).parse(source))
    sentences = {part for *_, said in translated for part in (said if isinstance(said, tuple) else (said,))}
    return [
        line
        for line in source.splitlines()
        if len(line) > WIDEST and ((said := SENTENCE.fullmatch(line)) is None or said["said"] not in sentences)
    ]


@pytest.mark.parametrize(
    ("source", "are_long"),
    [
        ('{{ _("SAID") }}', 0),
        ("<p>\n  {{- _('SAID') -}}\n</p>", 0),
        ('{{ _(\n  "SAID",\n  sum=sum\n) }}', 0),
        ('{{ ngettext(\n  "SAID",\n  "SAID",\n  number\n) }}', 0),
        ('<p>{{ _("SAID") }}</p>', 1),
        ('{{ _("SAID", sum=sum) }}', 1),
        ('{{ [\n  "SAID",\n] }}', 1),
        ("<p>\nSAID\n</p>", 1),
    ],
)
def test_a_sentence_alone_makes_a_line_of_a_template_long_and_nothing_else(source, are_long):
    assert len(too_long(source.replace("SAID", "It is said. " * 20))) == are_long


@pytest.mark.parametrize("path", TEMPLATES, ids=at)
def test_a_template_s_lines_are_short_enough_to_read_and_to_compare(path):
    assert too_long(path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=at)
def test_a_template_holds_no_script_and_no_style(path):
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)

    assert re.findall(r"<style\b|\sstyle\s*=", source) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"'{]", source) == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", source) if "src=" not in tag] == []
    assert "javascript:" not in source


def parsed(path: Path) -> jinja2.nodes.Template:
    return jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text())


@pytest.fixture(scope="module")
def macros() -> set[str]:
    """Give the names of all macros."""
    return {macro.name for path in TEMPLATES for macro in parsed(path).find_all(jinja2.nodes.Macro)}


@pytest.mark.parametrize("path", TEMPLATES, ids=at)
def test_a_template_imports_the_macros_that_it_calls_and_no_others(path, macros):
    tree = parsed(path)
    imports = [name for node in tree.find_all(jinja2.nodes.FromImport) for name in node.names]
    imported = {name if isinstance(name, str) else name[1] for name in imports}
    read = {node.name for node in tree.find_all(jinja2.nodes.Name) if node.ctx == "load"}
    called = {node.node.name for node in tree.find_all(jinja2.nodes.Call) if isinstance(node.node, jinja2.nodes.Name)}
    own = {macro.name for macro in tree.find_all(jinja2.nodes.Macro)}

    assert (imported - read, (called & macros) - imported - own) == (set(), set())


@pytest.mark.parametrize("path", TEMPLATES, ids=at)
def test_a_template_never_queries(path):
    tree = parsed(path)
    names = {node.name for node in tree.find_all(jinja2.nodes.Name)}
    attributes = {node.attr for node in tree.find_all(jinja2.nodes.Getattr)}

    assert names & {"connection", "engine", "kit", "sa", "session_rows"} == set()
    assert attributes & {"execute", "scalar", "scalars", "engine"} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=at)
def test_a_form_says_for_whom_its_page_was_drawn(path):
    forms = [form for form in FORM.findall(path.read_text()) if 'method="post"' in form]
    silent = [form for form in forms if not form.endswith("{{ drawn() }}")]

    assert len(silent) == FOR_WHOEVER_IS_THERE.get(at(path), (0, ""))[0], silent
