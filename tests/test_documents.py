"""What the documents name is there: files, links, addresses, commands, settings, parts of pages."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest
from flask import Flask

from tests.imports import ROOT
from wallet.config import Settings
from wallet.factory import create_app

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FOLDERS = "wallet|store|static|templates|macros|layouts|tests|bench|docs"
# A folder of the house at the beginning of a path, whichever room the document stands in.
FILE = re.compile(rf"(?<![\w/.{{-])((?:{FOLDERS})/[\w./*-]*\w)")
ROOMS = ("", "wallet/", "templates/", "docs/")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)]*))?\)")
ADDRESS = re.compile(r"`(?:(?:GET|POST) )?(/[^`\s?]*)`")
# Of other programs.
# `make messages` begins it.
BEGUN = "wallet/translations"
ELSEWHERE = ("/etc/", "/srv/", "/dev/shm")
GAP = re.compile(r"<[^>]*>|\{[^}]*\}|…")
COMMAND = re.compile(r"flask --app app ([a-z]+(?: [a-z]+)?)((?: (?:--[a-z-]+|[A-Z]\S*))*)")
ROW = re.compile(r"^\| (.*?) \| (.*?) \|", re.MULTILINE)


def written(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def named(pattern: re.Pattern[str]) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in DOCUMENTS:
        for match in pattern.finditer(written(path)):
            yield path, match


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", written(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = f"sqlite:///{tmp_path_factory.mktemp('documents') / 'empty.sqlite3'}"
    return create_app(Settings(database_url=url, demo=True))


def test_every_file_is_there() -> None:
    found = [(path.name, match[1]) for path, match in named(FILE) if not match[1].startswith(BEGUN)]

    assert len(found) > 50
    # A module may stand without its ending.
    places = [(one, room + one[1] + end) for one in found for room in ROOMS for end in ("", ".py")]
    assert set(found) - {one for one, place in places if any(ROOT.glob(place))} == set()


def test_every_link_leads_somewhere() -> None:
    lost = []
    for path, match in named(LINK):
        if not match[1].startswith("http"):
            target = path.parent / match[1] if match[1] else path
            if not target.exists() or (match[2] and match[2] not in anchors(target)):
                lost.append((path.name, match[0]))

    assert lost == []


def test_every_address_is_one(app: Flask) -> None:
    rules = [GAP.sub("*", rule.rule) for rule in app.url_map.iter_rules()]
    found = [(path.name, match[1]) for path, match in named(ADDRESS) if not match[1].startswith(ELSEWHERE)]

    assert len(found) > 20
    asked = [(*one, GAP.sub("*", one[1])) for one in found]
    assert [one for one in asked if not any(fnmatch(one[2], rule) or fnmatch(rule, one[2]) for rule in rules)] == []


def test_an_address_is_served_by_the_file_and_the_function_of_its_name(app: Flask) -> None:
    served = {name: inspect.unwrap(view) for name, view in app.view_functions.items()}

    assert len(served) > 100
    assert {
        name: view for name, view in served.items() if f"{view.__module__}.{view.__name__}" != f"wallet.web.{name}"
    } == {}


def test_every_command_and_option_is_one_and_every_command_stands_in_the_readme(app: Flask) -> None:
    found = [(path.name, match[1].split(), match[2].split()) for path, match in named(COMMAND)]
    assert len(found) > 20
    for where, words, rest in found:
        command: click.Command = app.cli.commands[words[0]]
        if isinstance(command, click.Group):
            command = command.commands[words[1]]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, (where, words)
    table = written(ROOT / "README.md").partition("## Commands")[2].partition("## ")[0]
    for name, command in app.cli.commands.items():
        for under in command.commands if isinstance(command, click.Group) else ("",):
            assert re.search(rf"`{name} ?{under}\b", table), (name, under)


def test_the_readme_tells_every_setting_and_its_usual_value() -> None:
    read = written(ROOT / "wallet" / "config.py") + written(ROOT / "gunicorn.conf.py")
    table = written(ROOT / "README.md").partition("## Configuration")[2].partition("## ")[0]
    told = {row[0].strip("`"): row[1].strip("`") for row in ROW.findall(table) if row[0].startswith("`")}
    asked = set(re.findall(r"""['"]([A-Z]+_[A-Z_]+|PORT)['"]""", read))

    assert set(told) == asked
    usual = Settings.from_environment({})
    assert (told["PORT"], told["WEB_THREADS"]) == (str(usual.port), str(usual.threads))
    assert told["WALLET_ORIGIN"].replace("$PORT", told["PORT"]) == usual.origin
    on_server = Settings.from_environment({"DATABASE_URL": "postgres://here"})
    assert told["WEB_CONCURRENCY"] == f"{on_server.processes}, on SQLite {usual.processes}"
    assert f'"WEB_HOST", "{told["WEB_HOST"]}"' in read


def parts_told() -> list[tuple[str, str, str]]:
    """List the macros that the design tells of: file, name, and in parentheses what it takes."""
    rows = re.findall(r"^\| (.*) \| `macros/([\w.]+)` \|", written(ROOT / "docs" / "design.md"), re.MULTILINE)
    return [(file, *part) for parts, file in rows for part in re.findall(r"`(\w+)(\([^)]*\))?`", parts)]


def test_the_parts_of_pages_take_what_the_design_says() -> None:
    made: dict[tuple[str, str], list[str]] = {}
    for path in (ROOT / "templates" / "macros").glob("*.html"):
        for name, takes in re.findall(r"macro (\w+)\(([^)]*)\)", written(path)):
            names = [each.partition("=")[0].strip() for each in takes.split(",") if each.strip()]
            made[path.name, name] = [each for each in names if each != "caller"]
    told = parts_told()

    assert len(told) > 20
    for file, name, takes in told:
        assert (file, name) in made
        assert not takes or re.findall(r"\w+", takes) == made[file, name], name


def test_the_design_tells_of_every_part_that_three_templates_use() -> None:
    used = Counter[tuple[str, str]]()
    for path in ROOT.glob("templates/**/*.html"):
        for file, names in re.findall(r'from "macros/([\w.]+)" import (.*?)(?: with context)? -?%}', written(path)):
            used.update((file, each.split()[0]) for each in names.split(","))

    assert {part for part, times in used.items() if times >= 3} - {told[:2] for told in parts_told()} == set()
