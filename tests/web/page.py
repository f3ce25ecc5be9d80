"""A page as a strict reader sees it."""

from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Page(HTMLParser):
    """Hold a page's forms with their hidden fields, its links and text, and where an answer to a form is read again."""

    VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.text, self.links = "", []
        self.answered: str | None = None
        self._open: list[str] = []
        self.feed(html)
        assert self._open == [], f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert "style" not in found
        assert not any(name.startswith("on") for name in found), "no inline handlers"
        if tag == "form":
            self.forms[found.get("action") or ""] = {}
        if tag == "input" and self.forms and found.get("type") == "hidden":
            self.forms[list(self.forms)[-1]][found["name"] or ""] = found["value"] or ""
        if tag == "wallet-answered":
            self.answered = found["data-address"]
        if tag == "a":
            self.links.append(found.get("href"))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text = " ".join(f"{self.text} {data}".split())


def is_page_of(browser: FlaskClient, answer: TestResponse, address: str, status: int) -> str:
    """Expect that the answer to an act is the very page that `browser` reads from `address`, and give its text."""
    assert (answer.status_code, answer.mimetype) == (status, "text/html"), answer.text
    assert answer.headers["Content-Location"] == address
    text = Page(answer.text).text
    assert text == Page(browser.get(address).text).text
    return text
