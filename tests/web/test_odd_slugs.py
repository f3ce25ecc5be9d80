"""Whatever a history calls a co-op: every link of its pages leads to a page, and every form to an act."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web import polls
from tests.web.conftest import JSON
from tests.web.page import Page
from wallet.domain.payfile import PayfileLine
from wallet.kit import Kit
from wallet.services import histories, members, network, paybounds, payruns, proposals
from wallet.store import payruns as rows
from wallet.store.engine import reading
from wallet.web.addresses import unescaped

HOST = "http://localhost"
SLUGS = ("a/stewards", "//sol/é 100%? #1;&=+")


@pytest.fixture(params=SLUGS)
def coop(request: pytest.FixtureRequest, federation: Kit, clock: Clock) -> str:
    """Give the slug of a co-op where Eva and Ivo are stewards and cashiers: with a till, a sale, two runs, a vote."""
    slug: str = request.param
    network.admit_coop(federation, slug, 100_000, name="Sol e Mar")
    network.open_next_till(federation, slug, "Bar")
    members.grant(federation, "sam", "facilitator")
    for handle in ("eva", "ivo"):
        members.join(federation, slug, handle, name=handle.title(), counter_name=handle.title())
        members.grant(federation, handle, "steward", slug)
        members.grant(federation, handle, "cashier", slug)
    histories.pay(federation, slug, "eva", 10_000, 480, key="pay of eva")
    histories.sell(federation, slug, "ana", 100, 0, key="a sale")
    clock.advance(days=2)
    paybounds.answer_floor(federation, "eva", slug, None, "Eva")
    today = clock().date()
    for handle, day in (("eva", today), ("ivo", today + timedelta(days=1))):
        run = payruns.draft(federation, handle, slug, day.isoformat())
        payruns.fill(
            federation, handle, slug, run, revision(federation, slug, run), [PayfileLine(0, "eva", "", 480, 10_000, 0)]
        )
    payruns.submit(federation, "ivo", slug, run, revision(federation, slug, run))
    proposals.declare(federation, "eva", slug, 100_000, today)
    polls.opened(polls.chartered(federation))
    return slug


def revision(kit: Kit, coop: str, run: int) -> int:
    with reading(kit.engine) as connection:
        return rows.find(connection, coop, run).rev


def test_who_serves_no_more_is_led_nowhere_and_asked_for_nothing_whatever_signs_are_in_the_slug(
    federation: Kit, browser_of: Callable[[str], FlaskClient], coop: str
) -> None:
    eva = browser_of("eva")
    told = eva.get("/notices", headers=JSON).get_json()["notices"]
    assert [one["new"] for one in told if one["kind"] == "approve_run"] == [True]

    members.leave(federation, coop, "eva")

    told = eva.get("/notices", headers=JSON).get_json()["notices"]
    assert [(one["page"], one["new"]) for one in told if one["kind"] == "approve_run"] == [(None, False)]


@pytest.mark.parametrize(
    ("handle", "first", "pages", "forms"),
    [("eva", "/", 16, 17), ("fay", "/federation", 1, 3), ("ana", "/places", 1, 0)],
)
def test_every_link_and_form_of_a_co_op_leads_there_whatever_signs_are_in_its_slug(
    app: Flask, browser_of: Callable[[str], FlaskClient], coop: str, handle: str, first: str, pages: int, forms: int
) -> None:
    browser, routes = browser_of(handle), app.url_map.bind("localhost")
    todo, seen, actions = [first], set(), set()
    while todo:
        seen.add(address := todo.pop())
        with closing(browser.get(address)) as answer:
            assert answer.status_code in {200, 302, 303}, address
            page = Page(answer.text if answer.mimetype == "text/html" else "")
        actions |= {action for action in page.forms if action}
        found = {
            urldefrag(urljoin(f"{HOST}{address}", link)).url for link in filter(None, [answer.location, *page.links])
        }
        ours = {link.removeprefix(HOST) for link in found if link.startswith(f"{HOST}/")}
        todo += sorted(ours - seen - set(todo))

    def of_coop(addresses: set[str], method: str) -> int:
        paths = {unescaped(urlsplit(address).path) for address in addresses}
        told = [routes.match(path, method=method)[1] for path in paths if method in routes.allowed_methods(path)]
        return sum(arguments.get("coop") == coop for arguments in told)

    assert all(routes.allowed_methods(unescaped(urlsplit(action).path)) for action in actions)
    assert of_coop(seen, "GET") >= pages
    assert of_coop(actions, "POST") >= forms


def test_who_signs_in_to_pay_at_a_sticker_comes_back_to_it_whatever_signs_its_till_has(
    app: Flask, stranger: FlaskClient, coop: str
) -> None:
    with app.test_request_context():
        sticker = url_for("sticker.show", counter=f"{coop}-1")

    door = next(link for link in Page(stranger.get(sticker).text).links if link.startswith("/demo"))

    assert Page(stranger.get(door).text).forms["/demo/sign-in"]["next"] == sticker
