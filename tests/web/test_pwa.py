"""The wallet as an app: its manifest, its worker and the page that is there without a network."""

import re
import struct
from collections.abc import Callable

import pytest
from flask import json
from flask.testing import FlaskClient

from tests.web.page import Page
from wallet.config import ROOT


def test_the_manifest_names_pictures_that_are_there_in_the_size_it_says(stranger: FlaskClient) -> None:
    answer = stranger.get("/manifest.webmanifest")
    manifest = json.loads(answer.data)

    assert answer.mimetype == "application/manifest+json"
    assert [manifest[name] for name in ("id", "start_url", "scope", "display")] == ["/", "/", "/", "standalone"]
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert {shot["form_factor"] for shot in manifest["screenshots"]} == {"narrow", "wide"}
    of_shortcuts = [icon for shortcut in manifest["shortcuts"] for icon in shortcut["icons"]]
    for picture in (*manifest["icons"], *of_shortcuts, *manifest["screenshots"]):
        with stranger.get(picture["src"]) as found:
            assert found.status_code == 200
            assert found.mimetype == picture["type"]
            if found.mimetype == "image/png":
                assert "{}x{}".format(*struct.unpack(">II", found.data[16:24])) == picture["sizes"], picture["src"]


def test_a_long_press_on_the_icon_leads_to_paying_the_code_and_the_till(
    browser_of: Callable[[str], FlaskClient],
) -> None:
    bea = browser_of("bea")
    shortcuts = json.loads(bea.get("/manifest.webmanifest").data)["shortcuts"]

    assert [(each["name"], each["url"]) for each in shortcuts] == [
        ("Pay", "/pay"),
        ("My code", "/code"),
        ("Till", "/tills/"),
    ]
    assert [bea.get(each["url"]).status_code for each in shortcuts] == [200, 200, 200]


def test_the_worker_keeps_only_versioned_static_files_and_three_pages_that_name_nobody(stranger: FlaskClient) -> None:
    answer = stranger.get("/sw.js")
    files = json.loads(re.search(r"const FILES = (\[.*?\]);", answer.text).group(1))  # type: ignore[union-attr]

    assert answer.mimetype == "text/javascript"
    assert files
    version = files[0].split("/")[2]
    assert f'const VERSION = "{version}"' in answer.text
    for file in files:
        assert file.startswith(f"/static/{version}/")
        with stranger.get(file) as found:
            assert found.status_code == 200
    # The only other things that are ever put into the cache.
    assert answer.text.count("cache.put(") == 1
    assert "[OFFLINE, OUTAGE, UNANSWERED].map(ownPage)" in answer.text
    assert 'credentials: "omit"' in answer.text


@pytest.mark.parametrize("path", ["/offline", "/outage", "/unanswered"])
def test_everything_that_a_kept_page_loads_is_kept(stranger: FlaskClient, path: str) -> None:
    worker, page = stranger.get("/sw.js").text, stranger.get(path).text
    needed = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page))
    kept = set(json.loads(re.search(r"const FILES = (\[.*?\]);", worker).group(1)))  # type: ignore[union-attr]

    assert needed
    assert needed <= kept
    for address in [file for file in kept if file.endswith(".js")]:
        folder = address.rsplit("/", 1)[0]
        source = (ROOT / "static" / address.split("/", 3)[3]).read_text(encoding="utf-8")
        for imported in re.findall(r'^import .* from "(\.[^"]+)";$', source, re.MULTILINE):
            assert _resolved(folder, imported) in kept, f"{address} imports {imported}"


@pytest.mark.parametrize("handle", [None, "ana"])
def test_nothing_of_a_member_is_in_the_offline_page(
    stranger: FlaskClient, browser_of: Callable[[str], FlaskClient], handle: str | None
) -> None:
    browser = browser_of(handle) if handle else stranger

    answer = browser.get("/offline")

    page = Page(answer.text)
    assert "No connection." in page.text
    assert "50.00" not in page.text, "whose limit that is, the phone knows"
    assert "Ana" not in page.text
    assert "10.00" not in page.text


def test_signing_out_clears_what_the_browser_kept(browser_of: Callable[[str], FlaskClient]) -> None:
    assert '"storage"' in browser_of("ana").post("/sign-out").headers["Clear-Site-Data"]


def _resolved(folder: str, imported: str) -> str:
    parts = folder.split("/")
    for part in imported.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
