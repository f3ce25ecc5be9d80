"""A co-op's lists of who works there and whom it invited: a page at a time, and searched by name or handle."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import new_key
from tests.web.page import Page
from tests.web.stopped import HOW, stop
from wallet.kit import Kit
from wallet.services import invitations, members
from wallet.services.invitations import Offer
from wallet.store.views.office import INVITED_A_PAGE, WORKERS_A_PAGE

MORE = 30


def handles(page: str) -> list[str]:
    return re.findall(r'name="handle" value="([^"]+)">\s*<button[^>]*>Has left', page)


def test_many_workers_are_listed_a_page_at_a_time_by_name(
    federation: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    steward = browser_of("sam")
    assert 'type="search"' not in steward.get("/office/bakery").text
    few = len(handles(steward.get("/office/bakery").text))
    for number in range(WORKERS_A_PAGE - few + MORE):
        members.join(federation, "bakery", f"worker-{number}", name=f"Worker {number}")

    first = steward.get("/office/bakery").text
    assert f"{WORKERS_A_PAGE + MORE} members who work here" in first
    further = re.search(r'href="([^"]+)"[^>]*>Show more<', first)
    assert further is not None
    second = steward.get(further[1].replace("&amp;", "&").partition("#")[0]).text

    shown, rest = handles(first), handles(second)
    assert (len(shown), len(rest)) == (WORKERS_A_PAGE, MORE)
    assert len({*shown, *rest}) == WORKERS_A_PAGE + MORE
    numbered = [handle for handle in [*shown, *rest] if handle.startswith("worker-")]
    assert numbered == [f"worker-{number}" for number in range(len(numbered))]
    assert "Show more" not in second


def test_workers_are_found_by_a_part_of_their_name_or_handle(
    federation: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    members.join(federation, "bakery", "zk-9", name="Zoë Krämer")
    steward = browser_of("sam")

    for wanted in ("zoe kra", "KRÄM", "zk-9"):
        assert handles(steward.get("/office/bakery", query_string={"q": wanted}).text) == ["zk-9"]
    nobody = steward.get("/office/bakery?q=nobody").text
    assert "Nobody here is called that." in nobody
    assert "Show everybody" in nobody


def test_who_is_the_first_to_serve_reads_what_they_do_at_once_until_another_could_agree(
    federation: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    members.grant(federation, "fay", "steward", "mill")
    fay, pages = browser_of("fay"), ("/office/mill", "/office/mill/invite")

    for page in pages:
        text = Page(fay.get(page).text).text
        assert "Nobody else is there yet who could agree, so " in text, page
        assert "a second person agrees" not in text
    body = {"name": "Hal Orr", "kind": "worker", "serves": "cashier", "key": new_key()}
    assert fay.post("/office/mill/invite", data=body).status_code == 201, "and it does"

    members.grant(federation, "ana", "steward", "mill")
    for page in pages:
        text = Page(fay.get(page).text).text
        assert ("a second person agrees" in text, "at once" in text) == (True, False), page


@pytest.mark.parametrize("how", HOW)
def test_a_co_op_that_has_left_gives_and_ends_no_role_but_lets_its_members_go(
    federation: Kit, browser_of: Callable[[str], FlaskClient], how: str
) -> None:
    steward, role_forms = browser_of("sam"), {"/office/bakery/roles", "/office/bakery/roles/end"}
    assert role_forms < set(Page(steward.get("/office/bakery").text).forms)

    stop(federation, "bakery", how)

    forms = set(Page(steward.get("/office/bakery").text).forms)
    assert forms & role_forms == (set() if how == "left" else role_forms)
    assert "/office/bakery/members/end" in forms
    for address in role_forms:
        form = {"handle": "bea", "role": "cashier" if address.endswith("end") else "steward"}
        assert (steward.post(address, data=form).status_code == 409) == (how == "left"), address


@pytest.mark.parametrize("how", HOW)
def test_the_desk_of_a_co_op_that_is_stopped_offers_no_invitation_no_run_and_nothing_for_the_pool(
    staffed: Kit, browser_of: Callable[[str], FlaskClient], how: str
) -> None:
    sam = browser_of("sam")
    before = Page(sam.get("/office/bakery/invite").text).forms
    assert {"/office/bakery/invite", "/office/bakery/lists", "/office/bakery/recover"} <= set(before)
    for address in ("/office/bakery/pool", "/office/bakery/payday"):
        assert address in Page(sam.get(address).text).forms

    stop(staffed, "bakery", how)

    page = Page(sam.get("/office/bakery/invite").text)
    assert "Nobody is invited here at present" in page.text
    assert not {"/office/bakery/invite", "/office/bakery/lists"} & set(page.forms)
    payday = Page(sam.get("/office/bakery/payday").text)
    assert "/office/bakery/payday" not in payday.forms
    assert "Bread & Roses pays nobody at present, so no run begins." in payday.text
    # Who lost their phone finds back into their wallet as long as the co-op is in.
    assert ("/office/bakery/recover" in page.forms) == (how == "suspended")
    assert "/office/bakery/pool" not in Page(sam.get("/office/bakery/pool").text).forms


def test_who_serves_a_co_op_without_working_there_reads_how_to_work_there_too_and_does(
    federation: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    members.grant(federation, "cal", "steward", "bakery")
    cal, sam, how = browser_of("cal"), browser_of("sam"), "invite yourself and open the link in this browser"
    assert how in Page(cal.get("/office/bakery").text).text
    assert how not in Page(sam.get("/office/bakery").text).text, "he works there, and it is not about him"

    body = {"name": "Cal Dias", "kind": "worker", "serves": "", "key": new_key()}
    link = re.search(r"/join/[\w-]+", cal.post("/office/bakery/invite", data=body).text)
    assert link is not None
    assert cal.post(f"{link[0]}/accept").status_code == 303

    text = Page(cal.get("/office/bakery").text).text
    assert (how in text, "Cal Dias cal, you steward Make cashier" in text) == (False, True)


def test_who_serves_a_co_op_without_working_there_is_listed_and_let_go(
    federation: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    # As the first facilitator founds it.
    members.grant(federation, "cal", "steward", "bakery")

    shown = browser_of("sam").get("/office/bakery").text

    page = Page(shown)
    assert "2 members who work here" in page.text
    assert "Cal Dias cal, serves without working here steward" in page.text
    assert "cal" not in handles(shown)
    assert re.findall(r'name="handle" value="cal">\s*<input[^>]*name="role" value="([^"]*)"', shown) == ["steward"]
    ends = {"handle": "cal", "role": "steward"}
    assert browser_of("sam").post("/office/bakery/roles/end", data=ends).status_code == 303
    assert "Cal Dias no longer serves Bread & Roses as steward" in Page(browser_of("fay").get("/federation").text).text


def test_many_invitations_are_listed_a_page_at_a_time_and_found_by_a_part_of_the_name(
    federation: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    steward, here, many = browser_of("sam"), "/office/bakery/invite", INVITED_A_PAGE + MORE
    for number in range(many):
        invitations.invite(federation, Offer("customer", coop="bakery", name=f"Person {number:03}"))
    invitations.invite(federation, Offer("worker", coop="mill", name="Person of the mill"))

    first = steward.get(here).text
    further = re.search(r'href="([^"]+)"[^>]*>Show more<', first)
    assert further is not None
    second = steward.get(further[1].replace("&amp;", "&").partition("#")[0]).text

    pages = [re.findall(r"Person (\d{3})", page) for page in (first, second)]
    assert [len(page) for page in pages] == [INVITED_A_PAGE, MORE]
    assert [int(number) for page in pages for number in page] == list(reversed(range(many)))
    assert "Show more" not in second
    found = Page(steward.get(here, query_string={"q": "PERSON 00"}).text)
    assert re.findall(r"Person (\d{3})", found.text) == [f"{number:03}" for number in reversed(range(10))]
    assert f"{many} invitations are open, 10 of them like that." in found.text
    assert "Nobody who is invited is called that." in Page(steward.get(f"{here}?q=nobody").text).text


def test_few_invitations_need_no_search(federation: Kit, browser_of: Callable[[str], FlaskClient]) -> None:
    invitations.invite(federation, Offer("customer", coop="bakery", name="Hal Orr"))

    assert 'type="search"' not in browser_of("sam").get("/office/bakery/invite").text
