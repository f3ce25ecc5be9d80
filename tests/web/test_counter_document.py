"""The examples of docs/counter.md, carried out as they stand there."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.imports import ROOT
from tests.web.conftest import JSON, new_key
from tests.web.phone import MemberPhone
from wallet.kit import Kit

BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKED = re.compile(r"(?P<who>\w+) (?P<method>GET|POST) (?P<path>\S+)")
ANSWERED = re.compile(r"(?P<status>\d{3})(?P<replay> Idempotent-Replay)?(?: (?P<code>\w+))?")
NAME = re.compile(r"\{([a-z ]+)\}")


class Names:
    """Hold what the names in braces stand for; a key is made when it is first named, a token when it is shown."""

    def __init__(self, show: Callable[[], str]) -> None:
        self.known: dict[str, str] = {}
        self._show = show

    def put_in(self, text: str) -> str:
        """Give `text` with its names replaced."""
        for name in NAME.findall(text):
            if name not in self.known:
                self.known[name] = self._show() if name.endswith("token") else new_key()
        return NAME.sub(lambda found: self.known[found[1]], text)

    def match(self, wanted: str, found: str) -> bool:
        """Tell whether `found` is what `wanted` describes; a new name stands for it from now on."""
        for name in NAME.findall(wanted):
            if name not in self.known and wanted == f"{{{name}}}":
                self.known[name] = found
        return self.put_in(wanted) == found


def exchanges() -> Iterator[tuple[str, str, str, dict[str, Any] | None, dict[str, str | None], dict[str, Any] | None]]:
    """Read who asks for what and what is answered."""
    for block in BLOCK.findall((ROOT / "docs" / "counter.md").read_text(encoding="utf-8")):
        for example in block.strip().split("\n\n"):
            asked, sent, answered, told = "", "", "", ""
            for line in example.splitlines():
                if ASKED.fullmatch(line):
                    asked = line
                elif ANSWERED.fullmatch(line):
                    answered = line
                elif answered:
                    told += line
                else:
                    sent += line
            question, answer = ASKED.fullmatch(asked), ANSWERED.fullmatch(answered)
            assert question, example
            assert answer, example
            body, outcome = (json.loads(text) if text else None for text in (sent, told))
            yield question["who"], question["method"], question["path"], body, answer.groupdict(), outcome


@pytest.fixture
def browsers(app: Flask, stranger: FlaskClient) -> Callable[[str], FlaskClient]:
    """Give a function that gives each person their one browser."""
    opened = {"anyone": stranger}

    def browser(who: str) -> FlaskClient:
        if who not in opened:
            opened[who] = app.test_client()
            assert opened[who].post("/demo/sign-in", json={"handle": who}).status_code == 204
        return opened[who]

    return browser


def test_the_examples_of_the_document_are_true(
    federation: Kit, browsers: Callable[[str], FlaskClient], clock: Clock
) -> None:
    phone, count = MemberPhone(federation, "ana"), 0

    def show() -> str:
        clock.advance(30)
        return phone.token()

    names = Names(show)
    for who, method, path, sent, answered, told in exchanges():
        body = None if sent is None else json.loads(names.put_in(json.dumps(sent)))
        answer = browsers(who).open(names.put_in(path), method=method, json=body, headers=JSON)
        found = answer.get_json()
        assert str(answer.status_code) == answered["status"], (path, found)
        assert ("Idempotent-Replay" in answer.headers) is (answered["replay"] is not None), path
        if told is None and found is None:
            assert answered["code"] is None, path
        elif told is None:
            assert found["type"] == answered["code"], path
        else:
            assert set(found) == set(told), path
            for name, wanted in sorted(told.items()):
                assert names.match(wanted, found[name]), (path, name, wanted, found[name])
        count += 1
    assert count == 33
