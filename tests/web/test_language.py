"""Every visible sentence of every page goes through translation, and a page runs the way of its language."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
import sqlalchemy as sa

from tests.web.conftest import JSON, new_key
from wallet.store.tables import metadata

on_one_database = pytest.mark.only_on("sqlite")

PSEUDO = {"Accept-Language": "en-XA", "Accept": "text/html"}
SPOKEN = ("aria-label", "aria-description", "aria-roledescription", "title", "alt", "placeholder")
UNSEEN = {"script", "style"}
# Names that are the same in every language, and how English writes days and hours.
NAMES = {"RES", "Wallet", "AM", "PM", "UTC"}
CALENDAR = set(
    re.findall(
        r"\w+",
        "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Monday Tuesday Wednesday Thursday"
        " Friday Saturday Sunday January February March April June July August September October November December",
    )
)
MOST_PAGES = 60
CATALOG = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "You have"
msgstr "%s"
"""


@pytest.fixture
def bills(browser_of):
    """Make one paid bill, one that waits and one that was cancelled; give their codes."""
    till, payer = browser_of("bea"), browser_of("ana")
    codes = []
    for amount in ("2.50", "1.00", "0.50"):
        body = {"amount": amount, "key": new_key()}
        codes.append(till.post("/tills/bakery-1/bills", json=body, headers=JSON).get_json()["code"])
    assert payer.post(f"/b/{codes[0]}/pay", json={"key": new_key()}, headers=JSON).status_code == 201
    assert till.post(f"/b/{codes[2]}/cancel", json={}, headers=JSON).status_code == 200
    return codes


@on_one_database
def test_every_sentence_a_member_meets_is_translated(browser_of, bills, kit):
    pages = [
        "/",
        "/pay/",
        "/code",
        "/activity",
        "/you",
        "/offline",
        "/unanswered",
        "/demo",
        *(f"/b/{code}" for code in bills),
        "/lost",
    ]

    assert untranslated(browser_of("ana"), pages, data_of(kit)) == []


@on_one_database
def test_every_sentence_a_cashier_meets_is_translated(browser_of, bills, kit):
    pages = ["/", "/tills/", "/tills/bakery-1", *(f"/tills/bakery-1?bill={code}" for code in bills), "/tills/mill-1"]

    assert untranslated(browser_of("bea"), pages, data_of(kit)) == []


@on_one_database
def test_every_sentence_a_stranger_meets_is_translated(stranger, bills, kit):
    pages = ["/", "/demo", "/pay/", "/offline", *(f"/b/{code}" for code in bills), "/lost"]

    assert untranslated(stranger, pages, data_of(kit)) == []


def test_a_sentence_that_went_around_translation_is_found():
    page = """<title>⟦Páý⟧</title><p>⟦Páý⟧ Ana <b>⟦ñöw⟧</b></p><p>Forgotten here</p><img alt="A till"><br title="⟦Ök⟧">
        <div data-sum="Charge {sum} RES" data-states="open paid"><script>const a = "script"</script></div>"""

    found = list(unmarked(html5lib.parse(page, namespaceHTMLElements=False), {"Ana"}))

    assert found == ["Forgotten here", "A till", "Charge RES"]


@on_one_database
def test_the_pseudo_language_is_told_to_the_browser(stranger):
    answer = stranger.get("/demo", headers=PSEUDO)

    assert answer.headers["Content-Language"] == "en-XA"
    assert "Accept-Language" in answer.headers["Vary"]
    assert re.search(r'<html[^>]* lang="en-XA"', answer.get_data(as_text=True))


@pytest.mark.parametrize(
    ("tag", "begins", "words"),
    [
        ("de", '<html lang="de">', "Du hast"),
        ("ar", '<html lang="ar" dir="rtl">', "لديك"),
        ("he", '<html lang="he" dir="rtl">', "יש לך"),
    ],
)
@on_one_database
def test_a_page_is_in_the_readers_language_and_runs_its_way(languages, browser_of, tag, begins, words):
    (languages / tag).mkdir()
    (languages / tag / "messages.po").write_text(CATALOG % words, encoding="utf-8")
    ana, asked = browser_of("ana"), {"Accept-Language": f"{tag},en;q=0.5", "Accept": "text/html"}

    page = ana.get("/", headers=asked)
    manifest = ana.get("/manifest.webmanifest", headers=asked).get_json(force=True)

    assert begins in page.text
    assert words in page.text
    assert page.headers["Content-Language"] == tag
    assert (manifest["lang"], manifest["dir"]) == (tag, "rtl" if "rtl" in begins else "ltr")


def data_of(kit) -> set[str]:
    """Collect every word that is in the database: names, slugs, codes, notes."""
    words: set[str] = set()
    with kit.engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if isinstance(column.type, sa.Text)]
            for row in connection.execute(sa.select(*columns)) if columns else ():
                for value in row:
                    # A bill's code is written in two halves.
                    halves = f"{value[:4]} {value[4:]}" if value and len(value) == 8 else ""
                    words.update(re.findall(r"[^\W\d_]+", f"{value or ''} {halves}"))
    return words


def untranslated(browser, pages, data) -> list[str]:
    """Follow every link from `pages` and list the words that are neither marked nor data."""
    found: list[str] = []
    waiting, seen, read = list(pages), set(), 0
    while waiting and len(seen) < MOST_PAGES:
        page = waiting.pop(0)
        if page in seen:
            continue
        seen.add(page)
        answer = browser.get(page, headers=PSEUDO)
        if answer.mimetype != "text/html" or not answer.data or answer.status_code in (302, 303):
            continue
        read += 1
        tree = html5lib.parse(answer.get_data(as_text=True), namespaceHTMLElements=False)
        found += [f"{page} ({answer.status_code}): {text}" for text in unmarked(tree, data)]
        waiting += links(tree, page)
    assert read >= len(pages) // 2, "hardly a page was read"
    return found


def unmarked(tree: Element, data: set[str]) -> Iterator[str]:
    """List the lines of a page in which a word has no accent though it is not data.

    The pseudo-language accents every vowel, so a plain one went around translation, also inside a marked sentence.
    """
    known = data | NAMES | CALENDAR
    attributes = (
        value
        for node in tree.iter()
        if isinstance(node.tag, str)
        for name, value in node.attrib.items()
        if name in SPOKEN or (name.startswith("data-") and re.search("[A-Z.] |[A-Z].* ", value))
    )
    for text in ("\n".join(visible(tree)), *attributes):
        for line in re.sub(r"\{\w+\}", "", text).splitlines():
            plain = {
                word for word in re.findall(r"[^\W\d_]+", line) if word.isascii() and re.search("[aeiouy]", word, re.I)
            }
            if any(len(word) > 1 and not initials(word, data) for word in plain - known):
                yield " ".join(line.split())


def initials(word: str, data: set[str]) -> bool:
    return len(word) == 2 and word.isupper() and all(any(name.startswith(letter) for name in data) for letter in word)


def visible(node: Element) -> Iterator[str]:
    if not isinstance(node.tag, str) or node.tag in UNSEEN or node.get("translate") == "no":
        return
    if node.text:
        yield node.text
    for child in node:
        yield from visible(child)
        if child.tail:
            yield child.tail


def links(tree: Element, page: str) -> list[str]:
    targets = [urljoin(page, str(node.get("href"))) for node in tree.iter("a") if node.get("href")]
    return [one.split("#")[0] for one in targets if not urlsplit(one).netloc and not urlsplit(one).scheme]
