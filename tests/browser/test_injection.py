"""A script in every text field runs nowhere: in a real browser, in every form, in every address, on every page.

Which fields and pages there are is not written here. The pages are the application's own addresses, opened as those who
may; the fields are those of the forms that stand on them; the stored texts are the columns in which people's words are.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import APIResponse, Browser, Error, Page, Playwright, expect

from tests.browser.injection import MARKUP, PAYLOADS, SUM, SUMMED, TRIES, Watch, careless
from tests.browser.screens import SCREENS
from tests.browser.screens.screen import cast_for
from tests.browser.script import run_by
from tests.browser.stage import PATIENCE_MS, Stage
from tests.browser.test_passkeys import Lock
from tests.browser.world import World
from tests.imports import ROOT
from tests.serving import served
from tests.web.conftest import found, new_key
from tests.web.test_policy import MAY, Asking, declared, routes, staffed
from wallet.config import Settings
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import invitations, payments, proposals
from wallet.services.invitations import Offer
from wallet.store import notices, tables
from wallet.store.engine import make_engine
from wallet.web.security import CONTENT_POLICY

pytestmark = pytest.mark.browser

# What has no page: events, pictures, what only scripts read.
NO_PAGE = {
    "events.of_till",
    "events.of_bill",
    "till_bills.code_picture",
    "till_state.show",
    "pwa.worker",
    "pwa.manifest",
}
# Columns of people's words, in whatever table.
WORDS = {"name", "counter_name", "note", "place", "offers", "open_hours", "about", "returned"}
STORED = "A" + " A".join(each for each in PAYLOADS if "\0" not in each)
# Pages with a reading of their own of what stands behind the question mark.
READING = ("/", "/activity", "/places", "/share", "/sign-in", "/you/confirm", "/demo", "/code/state")
# Pages that surely show some of it.
SHOW_WORDS = {
    "access.show", "activity.show", "bills.show", "federation.show", "federation.show_coop", "home.show", "office.ask",
    "office.show", "office.tills", "place_office.show", "places.show", "places.show_one", "receipts.show",
    "till.choose", "till.show", "you.show",
}  # fmt: skip
# Screens that scripts fill: with what a stream tells, with what the phone keeps.
LIVE = {"till-claimed", "till-waiting", "till-paid", "confirm", "paid", "code", "offline", "receipt-staff", "till-scan"}

FORMS = """() => [...document.forms].filter((form) => form.method === "post").flatMap((form) => {
    const typed = [...form.elements].filter((one) =>
        one.name && one.name !== "key" && !["file", "submit", "button"].includes(one.type));
    const values = Object.fromEntries(typed.map((one) =>
        [one.name, one.value || (one.inputMode === "decimal" ? "1.00" : one.required ? "Hal Orr" : "")]));
    const actions = [form, ...form.querySelectorAll("[formaction]")].map((one) => one.formAction ?? one.action);
    return actions.map((action) => [action, values]);
})"""
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
RUN_MS = 50
PAUSE_MS = 500
# Where none of these is, no payload can be.
SIGNS = ("ran(", "ran%28", SUMMED)


@dataclass(frozen=True, slots=True)
class Site:
    """Hold a served federation, its application's addresses, and whoever may open them."""

    world: World
    app: Flask
    ask: Asking

    def pages(self) -> Iterator[tuple[str, str, str]]:
        """Give every address with a page: its endpoint, the address, and somebody who may open it."""
        for rule, method in routes(self.app):
            who = declared(self.app, rule)
            if method == "GET" and rule.endpoint not in NO_PAGE and who is not None:
                urls = self.app.url_map.bind("localhost")
                for handle in sorted({"stranger", "ana", "bea"} & MAY[who.who]) or sorted(MAY[who.who])[:1]:
                    yield rule.endpoint, urls.build(rule.endpoint, self.ask.places(rule), method), handle


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a federation of its own, which nobody else has to look at afterwards."""
    path = shutil.copyfile(migrated_sqlite, tmp_path_factory.mktemp("injected") / "wallet.sqlite3")
    url = f"sqlite:///{path}"
    engine = make_engine(url)
    kit = Kit(engine, settings=replace(Settings(url), demo=True))
    found(kit)
    with served(url, threads=24) as port:
        app = create_app(kit.settings, engine=engine)
        yield Site(World(f"http://localhost:{port}", kit, count(50)), app, staffed(kit, app))
        app.extensions["streams"].live.close()
    engine.dispose()


@pytest.fixture(scope="module")
def planted(site: Site) -> Site:
    """Put the payloads into every text of people that the database holds, past everything that checks what is typed."""
    kit = site.world.kit
    bill = payments.open_bill(kit, "bakery-1", "bea", amount_minor=100, cash_minor=99, note=STORED, key=new_key())
    payments.pay_bill(kit, bill.code, "ana", key=new_key(), confirm=True)
    proposals.admit(kit, "gus", STORED, 0, place=STORED)
    invitations.invite(kit, Offer("customer", coop="bakery", name=STORED))
    with kit.engine.begin() as connection:
        for handle in ("ana", "sam"):
            person = connection.execute(sa.select(tables.people.c.id).filter_by(handle=handle)).scalar_one()
            for kind in ("passkey_added", "signed_in", "recovery_used", "phone_limit"):
                notices.tell(connection, person, kind, kit.clock(), STORED)
        for table in tables.metadata.sorted_tables:
            words = {column.name for column in table.c if not column.primary_key} & WORDS
            if not words:
                continue
            # Rows that nobody changes say no; what is in them came in by a form, or stands above.
            with suppress(sa.exc.IntegrityError), connection.begin_nested():
                connection.execute(sa.update(table).values(dict.fromkeys(words, STORED)))
    return site


class WatchedStage(Stage):
    """Be a stage with a watch over everything that is opened on it."""

    watch: Watch

    def page(self, handle: str | None = None, **options: Any) -> Page:
        """Open a page that is watched."""
        page = super().page(handle, **options)
        self.watch.over(page.context)
        return page


@pytest.fixture
def watched(playwright: Playwright, chromium: Browser, site: Site, tmp_path: Path) -> Iterator[WatchedStage]:
    """Give a stage with a watch over it; when the test is over nothing may have been noticed."""
    stage = WatchedStage(playwright, chromium, site.world, tmp_path)
    stage.watch = Watch()
    try:
        yield stage
    finally:
        stage.close()
    assert stage.watch.found() == []
    assert stage.complaints == []


def opened(stage: WatchedStage, handle: str, pages: dict[str, Page]) -> Page:
    """Give the browser of `handle`, which stays the same for a test."""
    if handle not in pages:
        pages[handle] = stage.page(None if handle == "stranger" else handle)
    return pages[handle]


def shown(page: Page, url: str) -> bool:
    """Open an address; tell whether it is a page, and not a file."""
    answer = page.request.get(url, headers={"Accept": "text/html"})
    assert answer.status < 500, url
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return False
    go(page, url)
    return True


def test_a_careless_page_runs_every_payload_and_the_watch_notices(stage: Stage) -> None:
    unnoticed, ran, unblocked = [], [], []
    open_page, guarded_page = (
        careless_browser(stage, {}),
        careless_browser(stage, {"Content-Security-Policy": CONTENT_POLICY}),
    )
    for payload in PAYLOADS:
        seen = open_page(careless(payload), PATIENCE_MS)
        if not seen.ran or (SUM in payload and not seen.traces):
            unnoticed.append(payload)
        # Behind the wallet's content policy nothing runs, and the watch notices that something would have.
        stops = "<" in payload or "onfocus" in payload
        seen = guarded_page(careless(payload, MARKUP), PATIENCE_MS if stops else 0)
        if seen.ran:
            ran.append(payload)
        if stops and not (seen.blocked and seen.traces):
            unblocked.append(payload)

    assert (unnoticed, ran, unblocked) == ([], [], [])


def careless_browser(stage: Stage, headers: dict[str, str]) -> Callable[..., Watch]:
    """Give a function that shows a page with some body and these headers, and tells what was noticed.

    It waits up to so many milliseconds for a payload to run, or to be stopped.
    """
    watch, page = Watch(), stage.browser.new_context(base_url=stage.world.origin).new_page()
    stage.contexts.append(page.context)
    watch.over(page.context)

    def shown(body: str, patience_ms: int = 0) -> Watch:
        watch.ran, watch.blocked, watch.traces = [], [], []
        page.route("**/careless", lambda route: route.fulfill(body=body, content_type="text/html", headers=headers))
        page.goto("/careless")
        page.evaluate("() => document.querySelectorAll('a[href^=javascript]').forEach((link) => link.click())")
        # A field that asks for the focus has it only when the page is drawn.
        page.evaluate(DRAWN)
        for _pause in range(patience_ms // RUN_MS):
            if watch.ran or watch.blocked:
                break
            page.wait_for_timeout(RUN_MS)
        watch.look(page)
        return watch

    return shown


@pytest.mark.without_worker
@pytest.mark.parametrize("turn", [12, pytest.param(1, marks=pytest.mark.slow)], ids=["one in turn", "all"])
def test_no_field_of_any_form_runs_a_script(watched: WatchedStage, site: Site, turn: int) -> None:
    browsers: dict[str, Page] = {}
    fields: dict[tuple[str, str], tuple[str, str, dict[str, str]]] = {}
    for _endpoint, url, handle in site.pages():
        page = opened(watched, handle, browsers)
        if not shown(page, url):
            continue
        for action, values in page.evaluate(FORMS):
            act = site.app.url_map.bind("localhost").match(action.removeprefix(site.world.origin), "POST")[0]
            for name in values:
                fields.setdefault((act, name), (handle, action, values))

    assert {("join.join", "counter_name"), ("till.charge", "note"), ("till.scan", "token")} <= fields.keys()
    senders = {handle: at_rest(page) for handle, page in browsers.items()}
    led_to = set()
    for number, ((_act, name), (handle, action, values)) in enumerate(fields.items()):
        context = browsers[handle].context
        for payload in PAYLOADS[number % turn :: turn]:
            sent = values | {"key": new_key(), name: payload}
            answer = context.request.post(action, form=sent, headers={"Accept": "text/html"})
            assert answer.status < 500, sent
            if answer.url != action:
                led_to.add((handle, answer.url.partition("?")[0]))
            elif any(sign in answer.text() for sign in SIGNS):
                answered(senders[handle], answer, watched.watch)

    for handle, url in sorted(led_to):
        go(browsers[handle], url)
        watched.watch.look(browsers[handle])


def answered(page: Page, answer: APIResponse, watch: Watch) -> None:
    """Let the browser show an answer, with the headers that it came with."""
    page.route("**/answer", lambda route: route.fulfill(response=answer))
    shown = page.goto("/answer")
    assert shown is not None
    assert shown.status == answer.status, "another page is looked at"
    watch.look(page)
    page.unroute("**/answer")


def at_rest(page: Page) -> Page:
    """Give a page beside another, without our scripts: they would lead on from an answer to what was sent."""
    beside = page.context.new_page()
    beside.route("**/static/**/js/**", lambda route: route.abort())
    beside.goto("/healthz")
    return beside


def go(page: Page, url: str) -> None:
    """Open an address, also from a page that is about to go on by itself."""
    for left in reversed(range(TRIES)):
        try:
            page.goto(url)
            return
        except Error:
            if left == 0:
                raise
            page.wait_for_timeout(PAUSE_MS)


def test_no_list_of_people_runs_a_script(watched: WatchedStage, tmp_path: Path) -> None:
    page, shown = watched.page("sam"), [payload for payload in PAYLOADS if payload.isprintable()]
    for name, rows in (
        ("faulty.csv", [f"{quoted(payload)},{quoted(payload)}" for payload in PAYLOADS]),
        ("A'><img src=x onerror=ran()>.csv", [f"{quoted(payload)},worker" for payload in shown]),
    ):
        file = tmp_path / name
        file.write_text("\n".join(["name,as", *rows]), encoding="utf-8")
        page.goto("/office/bakery/invite")
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Look at the list").click()
        run_by(page, "wallet-answered")
        watched.watch.look(page)

    page.get_by_role("button", name="Invite all and show the links").click()
    expect(page.locator(".link")).to_have_count(len(shown))
    watched.watch.look(page)


def quoted(cell: str) -> str:
    """Write a cell of a CSV file."""
    return '"' + cell.replace('"', '""') + '"'


def test_no_address_runs_a_script(watched: WatchedStage, site: Site) -> None:
    page = watched.page("ana")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "wallet" / "web").glob("*.py"))
    queries = set(re.findall(r'request\.args\.get\("(\w+)"', source))
    queries |= {name for found in re.findall(r"read_query\((.*)\)", source) for name in re.findall(r"(\w+)=", found)}
    assert "next" in queries
    places = {rule.rule.split("<")[0] for rule, method in routes(site.app) if "<" in rule.rule and method == "GET"}
    for payload in PAYLOADS:
        sent = quote(payload, safe="")
        query = "&".join(f"{name}={sent}" for name in sorted(queries))
        for url in (*(f"{place}{sent}" for place in places | {"/"}), *(f"{path}?{query}" for path in READING)):
            answer = page.request.get(url, headers={"Accept": "text/html"})
            assert answer.status < 500, url
            if any(sign in answer.text() for sign in SIGNS):
                page.goto(url)
                watched.watch.look(page)


def test_no_stored_text_runs_a_script_on_any_page(watched: WatchedStage, planted: Site) -> None:
    browsers: dict[str, Page] = {}
    telling = set()
    for endpoint, url, handle in planted.pages():
        page = opened(watched, handle, browsers)
        if not shown(page, url):
            continue
        watched.watch.look(page)
        if SIGNS[0] in page.locator("body").inner_text():
            telling.add(endpoint)

    assert SHOW_WORDS - telling == set()


def test_no_screen_that_scripts_fill_runs_a_script(watched: WatchedStage, planted: Site) -> None:
    payer = planted.world.member("A\"'><img\u00a0src=x\u00a0onerror=ran()>")
    cast = cast_for(planted.world, payer)
    for screen in (each for each in SCREENS if each.name in LIVE):
        page = screen.opens(watched, cast)
        watched.watch.look(page)


def test_who_joins_by_a_name_that_is_a_script_is_greeted_by_it_as_a_name(watched: WatchedStage, site: Site) -> None:
    link = "/join/" + invitations.invite(site.world.kit, Offer("worker", coop="bakery", name=STORED[:60]))
    page = watched.page()
    Lock(page)
    page.goto(link)
    watched.watch.look(page)
    page.get_by_label("Your name", exact=True).fill(PAYLOADS[1])
    page.locator("#counter_name").fill(PAYLOADS[2])
    page.get_by_role("button", name="Make my passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write these codes down")
    for path in ("/", "/you", "/you/security"):
        page.goto(path)
        watched.watch.look(page)
    page.goto("/you")
    expect(page.locator(".who").first).to_have_text(PAYLOADS[1])
