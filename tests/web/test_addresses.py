"""Addresses: a number that no row can have is a page that is missing, and what notices lead to is one of our pages."""

import ast
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from tests.imports import PACKAGE
from tests.web.conftest import JSON

LAST = 2**63 - 1


def pages_named_below() -> Iterator[tuple[str, str]]:
    """List the addresses that the store and the services write, with what is filled in as a star."""
    for path in sorted([*(PACKAGE / "store").rglob("*.py"), *(PACKAGE / "services").rglob("*.py")]):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        filled = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        parts = {id(part) for node in filled for part in node.values}
        texts = [
            "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
            for node in filled
        ]
        texts += [str(node.value) for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts]
        for text in texts:
            if re.fullmatch(r"/[a-z][\w/*-]*(#[\w*-]+)?", text):
                address = text.partition("#")[0]
                yield path.name, address + "*" if address.endswith("/") else address


def test_a_page_that_the_store_or_a_service_names_is_one_of_ours(app: Flask) -> None:
    shown = [re.sub("<[^>]*>", "*", rule.rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    named = set(pages_named_below())

    assert len(named) > 12
    assert {one for one in named if not any(fnmatch(rule, one[1]) or fnmatch(one[1], rule) for rule in shown)} == set()


@pytest.mark.parametrize("handle", ["sam", "fay"])
def test_a_number_that_no_row_has_breaks_no_address(
    app: Flask, browser_of: Callable[[str], FlaskClient], handle: str
) -> None:
    browser, broken, found = browser_of(handle), [], []
    for rule in app.url_map.iter_rules():
        names = [name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)]
        if not names:
            continue
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        for number in (LAST, LAST + 1, 10**30):
            address = rule.rule.replace("<coop>", "bakery").replace("<till>", "bakery-1")
            for name in names:
                address = address.replace(f"<int:{name}>", str(number))
            answer = browser.open(address, method=method, json={} if method == "POST" else None, headers=JSON)
            if answer.status_code >= 500:
                broken.append(address)
            elif number > LAST and answer.status_code not in (404, 405):
                found.append(address)

    assert broken == []
    assert found == []
