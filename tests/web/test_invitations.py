"""Invitations of a co-op: one by one and from a list, each once for a key, and what becomes of their links."""

import csv
import io
from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.races.rush import rush
from tests.web.conftest import JSON, new_key
from tests.web.doors import LINK
from tests.web.page import Page
from tests.web.stopped import let_go_on, stop
from wallet.kit import Kit
from wallet.services import invitations
from wallet.services.invitations import Offer
from wallet.store import tables
from wallet.store.engine import reading
from wallet.store.views import office

Browser = Callable[[str], FlaskClient]


def send(browser: FlaskClient, content: bytes) -> TestResponse:
    head = b'--part\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n'
    body = head + content + b"\r\n--part--\r\n"
    kind = "multipart/form-data; boundary=part"
    return browser.post("/office/bakery/lists", data=body, content_type=kind, headers=JSON)


def invited(kit: Kit) -> list[str]:
    with reading(kit.engine) as connection:
        return [one.name for one in office.invited(connection, "bakery", kit.clock())]


def offered(name: str, kind: str = "worker", serves: str = "") -> dict[str, str]:
    return {"name": name, "kind": kind, "serves": serves, "key": new_key()}


def test_a_steward_invites_one_by_one(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")

    answer = sam.post("/office/bakery/invite", data=offered("Hal Orr", kind="customer"))

    (token,) = set(LINK.findall(answer.text))
    assert answer.status_code == 201
    assert invitations.look_up(federation, token).kind == "customer"
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="qr"' in answer.text
    assert invited(federation) == ["Hal Orr"]


def test_a_second_press_gives_the_link_of_the_first_and_another_name_one_of_its_own(
    browser_of: Browser, federation: Kit
) -> None:
    sam, form = browser_of("sam"), offered("Hal Orr")

    first, again, another = (
        sam.post("/office/bakery/invite", data=form | {"name": name}) for name in ("Hal Orr", "Hal Orr", "Noor Haddad")
    )

    links = [set(LINK.findall(answer.text)) for answer in (first, again, another)]
    assert links[0] == links[1] != links[2]
    assert ["Idempotent-Replay" in answer.headers for answer in (first, again, another)] == [False, True, False]
    offer = partial(invitations.invite_once, federation, Offer("customer", coop="bakery", name="Zoë"), invited_by="sam")
    rushed = rush([partial(offer, key=form["key"])] * 4)
    assert sorted(link.again for link in rushed.answers) == [False, True, True, True]
    assert sorted(invited(federation)) == ["Hal Orr", "Noor Haddad", "Zoë"]


def test_a_second_press_for_a_link_that_was_taken_back_shows_it_no_more(browser_of: Browser, federation: Kit) -> None:
    sam, form = browser_of("sam"), offered("Hal Orr")
    sam.post("/office/bakery/invite", data=form)
    (withdraw,) = [action for action in Page(sam.get("/office/bakery/invite").text).forms if "withdraw" in action]
    sam.post(withdraw)

    again = sam.post("/office/bakery/invite", data=form)

    assert again.status_code == 410
    assert "You invited Hal Orr by this form before, and that link works no more" in Page(again.text).text
    assert invited(federation) == []


def test_who_invites_somebody_to_serve_reads_that_it_waits_for_a_second_person(browser_of: Browser) -> None:
    sam = browser_of("sam")

    answer = sam.post("/office/bakery/invite", data=offered("Hal Orr", serves="cashier"))

    assert answer.status_code == 303
    assert "Invite Hal Orr to Bread & Roses as cashier" in Page(sam.get(answer.location).text).text


def test_who_invites_a_customer_to_serve_reads_what_does_not_go_together(browser_of: Browser) -> None:
    answer = browser_of("sam").post("/office/bakery/invite", data=offered("Hal Orr", kind="customer", serves="cashier"))

    assert answer.status_code == 400
    assert "Who is to serve works here: choose a member, or nothing further." in Page(answer.text).text
    assert "malformed" not in answer.text
    assert answer.text.partition('<span id="serves-wrong">')[2]
    assert "Back to Invite" not in answer.text
    assert 'value="Hal Orr"' in answer.text


def test_an_invitation_is_taken_back(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")
    sam.post("/office/bakery/invite", data=offered("Hal Orr"))
    (withdraw,) = [action for action in Page(sam.get("/office/bakery/invite").text).forms if "withdraw" in action]

    assert sam.post(withdraw.replace("bakery", "mill"), headers=JSON).status_code == 404
    assert sam.post(withdraw).status_code == 303
    assert invited(federation) == []


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "boss"},
        {"name": "=1"},
        {"name": "Hal\u202e"},
        {"kind": "customer", "serves": "cashier"},
        {"serves": "facilitator"},
        {"serves": "owner"},
        {"key": "1"},
    ],
)
def test_a_malformed_invitation_is_refused(browser_of: Browser, federation: Kit, form: dict[str, str]) -> None:
    assert browser_of("sam").post("/office/bakery/invite", data=offered("Hal") | form).status_code == 400
    assert invited(federation) == []


def test_a_list_invites_nobody_until_it_has_been_looked_at(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")
    looked = sam.post(
        "/office/bakery/lists",
        data={"file": (io.BytesIO("name,as\nHal Orr,worker\nZoë,customer\n".encode()), "list.csv")},
    )
    assert looked.status_code == 201
    assert invited(federation) == []
    (go, fields), *_file = [form for form in Page(looked.text).forms.items() if "/lists/" in form[0]]

    sent = sam.post(go, data=fields | {"how": "file"})

    rows = list(csv.reader(io.StringIO(sent.text)))
    assert [row[:2] for row in rows] == [["name", "as"], ["Hal Orr", "worker"], ["Zoë", "customer"]]
    assert all(LINK.fullmatch(row[2]) for row in rows[1:])
    assert sorted(invited(federation)) == ["Hal Orr", "Zoë"]
    assert sam.post(go, data={"how": "page", "key": new_key()}).status_code == 410
    assert len(invited(federation)) == 2


def test_a_second_press_shows_the_links_of_the_first(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")
    looked = send(sam, "name,as\nHal Orr,worker\nZoë,customer\n".encode())
    go = f"/office/bakery/lists/{looked.get_json()['list']}"
    form = {"how": "page", "key": new_key()}

    first, again = sam.post(go, data=form), sam.post(go, data=form)
    as_file = sam.post(go, data=form | {"how": "file"})

    links = LINK.findall(first.text)
    assert len(set(links)) == 2
    assert (LINK.findall(again.text), LINK.findall(as_file.text)) == (links, links)
    assert ("Idempotent-Replay" in first.headers, again.headers["Idempotent-Replay"]) == (False, "true")
    assert sorted(invited(federation)) == ["Hal Orr", "Zoë"]
    assert [invitations.look_up(federation, token).name for token in links] == ["Hal Orr", "Zoë"]
    # What the database keeps of it opens nothing.
    with reading(federation.engine) as connection:
        kept = str(connection.execute(sa.select(tables.invitation_lists)).one())
    assert form["key"] not in kept
    assert not any(token in kept for token in links)


def test_a_list_that_is_sent_off_again_hands_out_the_links_that_work_alone(
    browser_of: Browser, federation: Kit, clock: Clock
) -> None:
    sam = browser_of("sam")
    listed = send(sam, "name,as\nHal Orr,worker\nZoë,customer\n".encode()).get_json()["list"]
    go = f"/office/bakery/lists/{listed}"
    form = {"how": "page", "key": new_key()}
    hal, zoe = LINK.findall(sam.post(go, data=form).text)
    with reading(federation.engine) as connection:
        (number,) = (one.id for one in office.invited(connection, "bakery", clock()) if one.name == "Hal Orr")
    sam.post(f"/office/bakery/invitations/{number}/withdraw")

    again, as_file = sam.post(go, data=form), sam.post(go, data=form | {"how": "file"})

    assert (LINK.findall(again.text), LINK.findall(as_file.text)) == ([zoe], [zoe])
    assert "1 invitation 1 of the list works no more and is left out" in Page(again.text).text
    assert not invitations.look_up(federation, hal).stands
    clock.advance(days=8)
    assert browser_of("sam").post(go, data=form, headers=JSON).get_json()["type"] == "invitation_spent"


def test_a_list_with_a_fault_invites_nobody_and_names_the_line(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")
    content = b"name,as\nHal Orr,worker\n=1,worker\n"

    answer = send(sam, content)

    assert answer.status_code == 400
    assert answer.get_json()["rows"] == [{"line": 3, "fault": "name"}]
    page = sam.post("/office/bakery/lists", data={"file": (io.BytesIO(content), "list.csv")})
    assert "Line 3" in Page(page.text).text
    assert invited(federation) == []


def test_a_large_file_is_taken_here_alone_and_a_larger_one_nowhere(browser_of: Browser) -> None:
    sam = browser_of("sam")
    people = b"".join(b"Person %d,customer\n" % number for number in range(20_000))

    assert send(sam, b"name,as\n" + people).status_code == 201
    assert send(sam, bytes(10 * 1024 * 1024 + 1)).status_code == 413
    assert send(sam, b"\n" * 100_002).status_code == 413
    assert sam.post("/office/bakery/tills", data=b"name=" + b"x" * 70_000).status_code == 413


@pytest.mark.parametrize("field", ["file", "other"])
def test_a_form_without_its_file_is_refused(browser_of: Browser, field: str) -> None:
    data = {field: "text" if field == "file" else (io.BytesIO(b"name,as\n"), "list.csv")}
    answer = browser_of("sam").post("/office/bakery/lists", data=data, content_type="multipart/form-data")

    assert answer.status_code == 400


def test_what_a_desk_did_before_is_told_as_that_and_not_as_money(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")
    sam.post("/office/bakery/invite", data=offered("Hal"))
    with reading(federation.engine) as connection:
        (hal,) = office.invited(connection, "bakery", federation.clock())
    listed = send(sam, b"name,as\nAda Lo,worker\n").get_json()["list"]
    for address, form, says in (
        (f"invitations/{hal.id}/withdraw", {}, "It was taken back or taken up before, or has run out"),
        (f"lists/{listed}", {"key": ""}, "This list was sent off before, or is gone Nobody was invited again."),
        ("tills/close", {"till": "mill-1"}, "There is no such till at this co-op Nothing was changed."),
        ("counter/tills/mill-1/limit", {"limit": "1.00"}, "There is no such till at this co-op Nothing was changed."),
    ):
        keyed = [{name: new_key() if name == "key" else value for name, value in form.items()} for _press in range(2)]
        _first, again = (sam.post(f"/office/bakery/{address}", data=each) for each in keyed)
        assert again.status_code in (404, 410)
        assert says in Page(again.text).text
        assert "No money moved" not in again.text


@pytest.mark.parametrize(
    ("who", "offer", "says"),
    [
        ("bea", Offer("worker", coop="bakery", handle="x", name="X"), "You work there already"),
        ("bea", Offer("customer", coop="bakery", handle="x", name="X"), "You have a wallet already"),
        ("fay", Offer("facilitator", handle="x", name="X"), "You facilitate already"),
    ],
)
def test_who_is_already_what_an_invitation_offers_reads_that_it_still_works_for_another(
    browser_of: Browser, federation: Kit, who: str, offer: Offer, says: str
) -> None:
    link = f"/join/{invitations.invite(federation, offer)}"
    page = Page(browser_of(who).get(link).text)
    assert f"{link}/accept" not in page.forms
    assert "This link is for somebody new." in page.text
    assert (f"{says}. This link is for somebody new." in page.text) == (offer.kind != "customer")
    answer = browser_of(who).post(f"{link}/accept")

    assert answer.status_code == 403
    assert f"{says} Nothing was changed. This invitation still works" in Page(answer.text).text
    assert invitations.look_up(federation, link.rpartition("/")[2]).is_open


def test_who_works_there_is_offered_what_they_do_not_serve_as_yet(browser_of: Browser, federation: Kit) -> None:
    offer = Offer("worker", coop="bakery", handle="x", name="X", roles=("steward",))
    link = f"/join/{invitations.invite(federation, offer)}"
    assert f"{link}/accept" in Page(browser_of("bea").get(link).text).forms
    assert f"{link}/accept" not in Page(browser_of("sam").get(link).text).forms


@pytest.mark.parametrize("kind", ["worker", "customer"])
def test_a_link_of_a_co_op_that_has_left_works_no_more_once_it_is_admitted_again(
    browser_of: Browser, federation: Kit, kind: str
) -> None:
    token = invitations.invite(federation, Offer(kind, coop="bakery", name="Nia"))
    other = invitations.invite(federation, Offer(kind, coop="mill", name="Ole"))
    stop(federation, "bakery", "left")
    assert "Bread & Roses has left the federation" in Page(browser_of("fay").get(f"/join/{token}").text).text

    let_go_on(federation, "bakery", "left")

    assert browser_of("fay").get(f"/join/{token}").status_code == 410
    assert invited(federation) == []
    assert invitations.look_up(federation, other).is_open
