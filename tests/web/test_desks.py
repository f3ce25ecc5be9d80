"""The desks of the federation and of a co-op: what two people decide, whom they invite, and what a list may hold."""

import csv
import io
import re
from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clock import Clock
from tests.races.rush import rush
from tests.resting import rest
from tests.web import polls
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import invitations, members, network
from wallet.services import proposals as services
from wallet.services.invitations import Offer
from wallet.store import office_view, proposals, tables
from wallet.store.engine import reading

Browser = Callable[[str], FlaskClient]
LINK = re.compile(r"http://localhost:8000/join/([\w-]{43})")


@pytest.fixture
def gus(federation: Kit, browser_of: Browser) -> FlaskClient:
    """Give the browser of a second facilitator."""
    members.join(federation, "mill", "gus", name="Gus Orth")
    members.grant(federation, "gus", "facilitator")
    return browser_of("gus")


def send(browser: FlaskClient, content: bytes) -> TestResponse:
    head = b'--part\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n'
    body = head + content + b"\r\n--part--\r\n"
    kind = "multipart/form-data; boundary=part"
    return browser.post("/office/bakery/lists", data=body, content_type=kind, headers=JSON)


def invited(kit: Kit) -> list[str]:
    with reading(kit.engine) as connection:
        return [one.name for one in office_view.invited(connection, "bakery", kit.clock())]


def waiting(kit: Kit) -> int:
    """Give the newest proposal that waits."""
    with reading(kit.engine) as connection:
        return next(one.id for one in proposals.recent(connection) if one.state == "waiting")


def offered(name: str, kind: str = "worker", serves: str = "") -> dict[str, str]:
    return {"name": name, "kind": kind, "serves": serves, "key": new_key()}


def test_a_co_op_is_in_once_a_second_facilitator_has_agreed(browser_of: Browser, gus: FlaskClient) -> None:
    fay = browser_of("fay")
    form = {"name": "Hill  Farm", "need": "food", "place": "Hill Road 1", "line": "5000"}
    assert fay.post("/federation/coops", data=form).status_code == 303

    own, other = Page(fay.get("/federation").text), Page(gus.get("/federation").text)
    assert "Waits for Gus Orth." in own.text
    (agree,) = [action for action in other.forms if action.endswith("/agree")]
    assert not [action for action in own.forms if action.endswith("/agree")]
    assert gus.post(agree).status_code == 303

    page = Page(gus.get("/federation/coops/hill-farm").text)
    assert "Hill Farm" in page.text
    assert "5,000.00" in page.text


def test_a_first_steward_gets_a_link_when_a_second_has_agreed(
    browser_of: Browser, gus: FlaskClient, federation: Kit
) -> None:
    fay = browser_of("fay")
    asked = fay.post("/federation/coops/mill/stewards", data={"name": "Nia Roth"})
    assert asked.status_code == 303
    (agree,) = [action for action in Page(gus.get("/federation").text).forms if action.endswith("/agree")]

    agreed = gus.post(agree)

    (token,) = set(LINK.findall(agreed.text))
    invitation = invitations.look_up(federation, token)
    assert (invitation.kind, invitation.coop, invitation.roles) == ("worker", "mill", ("steward",))
    assert gus.post(agree, headers=JSON).get_json()["type"] == "already_decided"


def test_who_agrees_twice_is_shown_the_same_link_and_nobody_else_is(
    browser_of: Browser, gus: FlaskClient, federation: Kit
) -> None:
    members.grant(federation, "ana", "facilitator")
    browser_of("fay").post("/federation/coops/mill/stewards", data={"name": "Nia Roth"})
    page = Page(gus.get("/federation").text)
    (agree,) = [action for action in page.forms if action.endswith("/agree")]
    form = page.forms[agree]

    first, again = gus.post(agree, data=form), gus.post(agree, data=form)

    assert [set(LINK.findall(answer.text)) for answer in (first, again)] == [set(LINK.findall(first.text))] * 2
    assert ["Idempotent-Replay" in answer.headers for answer in (first, again)] == [False, True]
    for who, key in ((browser_of("ana"), form["key"]), (gus, new_key())):
        assert who.post(agree, data={"key": key}, headers=JSON).get_json()["type"] == "already_decided"
    (withdraw,) = [action for action in Page(gus.get("/federation/people").text).forms if action.endswith("/withdraw")]
    gus.post(withdraw)
    assert gus.post(agree, data=form, headers=JSON).get_json()["type"] == "invitation_spent"


def test_of_two_presses_on_agree_at_once_both_give_the_link(federation: Kit, gus: FlaskClient) -> None:
    services.invite_to_serve(federation, "fay", "mill", "Nia Roth", "steward")

    outcome = rush([partial(services.agree, federation, "gus", waiting(federation), key=new_key())] * 4)

    assert len({made.token for made in outcome.answers}) == 1
    assert sorted(made.replayed for made in outcome.answers) == [False, True, True, True]


def test_who_is_the_only_facilitator_makes_one_link_pressed_twice(federation: Kit, browser_of: Browser) -> None:
    fay, here = browser_of("fay"), "/federation/people"
    form = Page(fay.get(here).text).forms[here] | {"name": "Hal Orr"}

    first, again = fay.post(here, data=form), fay.post(here, data=form)

    assert set(LINK.findall(first.text)) == set(LINK.findall(again.text)) != set()
    assert "Idempotent-Replay" in again.headers
    add = partial(services.add_facilitator, federation, "fay", "Ike Lund", key=form["key"])
    rushed = rush([add] * 4)
    assert sorted(made.replayed for made in rushed.answers) == [False, True, True, True]
    with reading(federation.engine) as connection:
        names = [one.name for one in office_view.invited_to_serve(connection, federation.clock())]
        done = [one for one in proposals.recent(connection) if one.state == "done"]
    assert (sorted(names), len(done)) == (["Hal Orr", "Ike Lund"], 2)


def test_who_is_invited_to_serve_can_be_taken_back_by_a_facilitator_and_nobody_else_can(
    federation: Kit, browser_of: Browser, gus: FlaskClient
) -> None:
    fay, sam = browser_of("fay"), browser_of("sam")
    customer = invitations.invite(federation, Offer("customer", coop="bakery", name="Hal Orr"), invited_by="sam")
    for address, name in (("/federation/people", "Ike Lund"), ("/federation/coops/mill/stewards", "Nia Wald")):
        assert fay.post(address, data={"name": name}).status_code == 303
        (agree,) = [action for action in Page(gus.get("/federation").text).forms if action.endswith("/agree")]
        (token,) = LINK.findall(gus.post(agree).text)
        page = Page(gus.get("/federation/people").text)
        assert name in page.text
        (withdraw,) = [action for action in page.forms if action.endswith("/withdraw")]

        assert sam.post(withdraw).status_code == 404
        assert invitations.look_up(federation, token).is_open
        assert gus.post(withdraw).status_code == 303

        assert not invitations.look_up(federation, token).is_open
        assert gus.post(withdraw, headers=JSON).status_code == 410
    assert "Not yet joined" not in Page(gus.get("/federation/people").text).text
    number = invitations.look_up(federation, customer).id
    assert gus.post(f"/federation/invitations/{number}/withdraw", headers=JSON).status_code == 404
    assert invitations.look_up(federation, customer).is_open


def test_who_is_the_only_facilitator_is_told_to_invite_a_second(browser_of: Browser) -> None:
    fay = browser_of("fay")

    assert "/federation/people" in Page(fay.get("/federation").text).links
    assert "/federation/coops" not in Page(fay.get("/federation").text).forms
    assert LINK.search(fay.post("/federation/people", data={"name": "Hal Orr"}).text)


@pytest.mark.parametrize(
    ("path", "offers"),
    [
        ("/federation", "Propose to admit"),
        ("/federation/coops/bakery", "Propose to suspend"),
        ("/federation/dividend", "Show the draft to everybody"),
        ("/federation/ballots", "Propose another value"),
        ("/federation/ballots/new/floor_bp", "Open for how many days"),
    ],
)
def test_while_the_other_facilitator_rests_nothing_that_takes_two_is_offered_and_why(
    federation: Kit, browser_of: Browser, path: str, offers: str
) -> None:
    polls.chartered(federation)
    fay = browser_of("fay")
    assert offers in Page(fay.get(path).text).text

    rest(federation, "gus")

    page = Page(fay.get(path).text)
    assert offers not in page.text
    assert "No other facilitator serves at present" in page.text
    assert "Gus Paz serves from" in page.text.replace("\u2068", "").replace("\u2069", "")


def test_a_facilitator_who_rests_is_marked_and_an_invitation_waits_for_them(
    federation: Kit, browser_of: Browser
) -> None:
    polls.chartered(federation)
    rest(federation, "gus")
    fay = browser_of("fay")
    assert "Another facilitator agrees" in Page(fay.get("/federation/people").text).text

    assert fay.post("/federation/people", data={"name": "Hal Orr"}).status_code == 303

    page = Page(fay.get("/federation/people").text)
    assert "Waits until Gus Paz can agree" in page.text
    assert re.search(r"Gus Paz gus serves from \d", page.text)


def test_a_facilitator_who_is_gone_is_let_go_at_the_desk(federation: Kit, browser_of: Browser) -> None:
    polls.chartered(federation)
    fay, end = browser_of("fay"), "/federation/people/end"
    alone_with_gus = Page(fay.get("/federation/people").text)
    assert "facilitators --end" in alone_with_gus.text
    # Fay herself may stop, for Gus can agree.
    assert alone_with_gus.forms[end] == {"handle": "fay", "drawn_for": "fay"}
    members.grant(federation, "ana", "facilitator")
    page = fay.get("/federation/people").text
    assert page.count(f'action="{end}"') == 3
    assert "facilitators --end" not in Page(page).text

    assert fay.post(end, data={"handle": "gus"}).location == "/federation/people?proposed=1"
    shown = Page(browser_of("ana").get("/federation/people").text)
    assert "Gus Paz no longer serves the federation as facilitator" in shown.text
    assert (
        browser_of("ana")
        .post(f"/proposals/{waiting(federation)}/agree")
        .location.startswith("/federation/people?saved=1#")
    )

    with reading(federation.engine) as connection:
        assert [one.id for one in office_view.facilitators(connection)] == ["ana", "fay"]


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
        (number,) = (one.id for one in office_view.invited(connection, "bakery", clock()) if one.name == "Hal Orr")
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


def test_a_till_opens_under_the_next_number(browser_of: Browser) -> None:
    sam = browser_of("sam")
    sam.post("/office/bakery/tills", data={"name": "Counter 2"})

    assert "bakery-2" in Page(sam.get("/office/bakery/tills").text).text
    assert "/tills/bakery-2" in Page(browser_of("bea").get("/you").text).links


def test_a_till_of_the_longest_slug_has_an_id_that_every_form_takes(brought: tuple[Kit, Browser]) -> None:
    kit, opened = brought
    network.found_federation(kit, "Valley")
    # Alike as far as there is room for them.
    for slug in ("c" * 64, "c" * 63 + "d"):
        network.admit_coop(kit, slug, 0)
        members.join(kit, slug, "ana")
        members.grant(kit, "ana", "steward", slug)
        made = [network.open_next_till(kit, slug, f"Counter {number}") for number in range(1, 11)]
        assert {len(till) for till in made} == {64}
        assert opened("ana").post(f"/office/{slug}/tills/close", data={"till": made[-1]}).status_code == 303


def test_who_presses_twice_opens_one_till_and_who_opens_two_at_once_opens_both(
    browser_of: Browser, federation: Kit
) -> None:
    sam, here = browser_of("sam"), "/office/bakery/tills"
    assert sam.post(here, data={"name": "Counter 2"}).status_code == 303

    again = sam.post(here, data={"name": "COUNTER 2"})

    assert (again.status_code, here in Page(again.text).forms) == (409, True)
    assert "A counter of this name is open here already." in again.text.partition('<span id="name-wrong">')[2]
    sam.post("/office/bakery/tills/close", data={"till": "bakery-2"})
    assert sam.post(here, data={"name": "Counter 2"}).status_code == 303, "the other one is closed"
    outcome = rush([partial(network.open_next_till, federation, "bakery", f"Stall {number}") for number in range(4)])
    assert sorted(outcome.answers) == ["bakery-4", "bakery-5", "bakery-6", "bakery-7"]


def test_a_counter_is_not_opened_again_beside_one_of_its_name(browser_of: Browser, federation: Kit) -> None:
    network.open_till(federation, "bakery", "bakery-9", "Front")
    network.close_till(federation, "bakery", "bakery-9")
    sam, here = browser_of("sam"), "/office/bakery/tills"
    assert sam.post(here, data={"name": "FRONT"}).status_code == 303

    refused = sam.post(f"{here}/open-again", data={"till": "bakery-9"})

    assert (refused.status_code, here in Page(refused.text).forms) == (409, True)
    assert "A counter of this name is open here already Nothing was opened again." in Page(refused.text).text
    script = sam.post(f"{here}/open-again", json={"till": "bakery-9"}, headers=JSON)
    assert (script.status_code, script.get_json()["type"]) == (409, "name_taken")
    assert Page(browser_of("bea").get("/tills/").text).text.upper().count("FRONT") == 1
    sam.post(f"{here}/close", data={"till": "bakery-2"})
    for _ in range(2):
        assert sam.post(f"{here}/open-again", data={"till": "bakery-9"}).status_code == 303, "twice is once"


def test_of_two_counters_of_one_name_that_are_opened_again_at_once_one_is_open(federation: Kit) -> None:
    names = ("bakery-8", "bakery-9")
    for till in names:
        network.open_till(federation, "bakery", till, "Front")
        network.close_till(federation, "bakery", till)

    outcome = rush([partial(network.open_till_again, federation, "bakery", till) for till in names])

    assert dict(outcome.refused) == {"name_taken": 1}


def test_a_role_begins_when_a_facilitator_agrees(browser_of: Browser, federation: Kit) -> None:
    members.join(federation, "bakery", "ivo", name="Ivo Brand")
    browser_of("sam").post("/office/bakery/roles", data={"handle": "ivo", "role": "cashier"})
    fay = browser_of("fay")
    (agree,) = [action for action in Page(fay.get("/federation").text).forms if action.endswith("/agree")]

    fay.post(agree)

    assert "/tills/bakery-1" in Page(browser_of("ivo").get("/you").text).links


def test_an_act_of_a_desk_is_answered_where_it_was_done(browser_of: Browser, gus: FlaskClient, federation: Kit) -> None:
    members.join(federation, "bakery", "ivo", name="Ivo Brand")
    members.grant(federation, "bea", "steward", "bakery")
    saved, proposed = (
        "Saved What stands here holds from now on.",
        "Proposed It waits for a second person. Nothing has changed yet.",
    )
    sam, fay = browser_of("sam"), browser_of("fay")
    for browser, path, form, said in (
        (sam, "/office/bakery/roles", {"handle": "ivo", "role": "cashier"}, proposed),
        (sam, "/office/bakery/tills", {"name": "Front"}, saved),
        (sam, "/office/bakery/tills/close", {"till": "bakery-2"}, saved),
        (sam, "/office/bakery/tills/open-again", {"till": "bakery-2"}, saved),
        (sam, "/office/bakery/declarations", {"worth": "5000", "meeting": "2026-02-01"}, proposed),
        (sam, "/office/bakery/pool", {"amount": "1", "key": new_key()}, proposed),
        (sam, "/office/bakery/payday/floor", {"applies": "no", "name": "Sam Vaz"}, saved),
        (fay, "/federation/coops/bakery/line", {"line": "5000"}, proposed),
        (fay, "/federation/people", {"name": "Hal Orr"}, proposed),
    ):
        answer = browser.post(path, data=form)
        assert answer.status_code == 303, (path, answer.text)
        assert said in Page(browser.get(answer.location).text).text, path
    agree = next(action for action in Page(gus.get("/federation/coops/bakery").text).forms if "/agree" in action)
    assert saved in Page(gus.get(gus.post(agree).location).text).text


def test_who_is_to_lose_a_role_is_not_offered_to_decline_it(browser_of: Browser, federation: Kit) -> None:
    members.join(federation, "bakery", "sol", name="Sol Rey")
    members.grant(federation, "sol", "steward", "bakery")
    sol, sam, fay = (browser_of(handle) for handle in ("sol", "sam", "fay"))
    sol.post("/office/bakery/roles/end", data={"handle": "sam", "role": "steward"})
    drop = f"/proposals/{waiting(federation)}/drop"

    offered_to = [drop in Page(each.get(page).text).forms for each, page in (
        (sol, "/office/bakery"), (sam, "/office/bakery"), (fay, "/federation")
    )]  # fmt: skip
    assert offered_to == [True, False, True]
    assert sam.post(drop, headers=JSON).get_json()["type"] == "second_person"


def test_whoever_has_left_is_gone_from_the_list_once_a_second_person_agrees_and_is_told(
    browser_of: Browser, federation: Kit
) -> None:
    sam, bea = browser_of("sam"), browser_of("bea")
    sam.post("/office/bakery/members/end", data={"handle": "bea"})
    office = Page(sam.get("/office/bakery").text)
    assert "Bea Luz no longer works at Bread & Roses" in office.text
    (agree,) = [action for action in Page(browser_of("fay").get("/federation").text).forms if action.endswith("/agree")]
    browser_of("fay").post(agree)

    assert "/office/bakery/members/end" in Page(sam.get("/office/bakery").text).forms, "others still work there"
    assert "You no longer work at Bread & Roses: what you have stays yours" in Page(bea.get("/notices").text).text
    assert bea.get("/tills/bakery-1").status_code == 404


@pytest.mark.parametrize("path", ["/office/bakery", "/office/bakery/invite", "/office/bakery/tills", "/office/nowhere"])
def test_another_co_ops_office_does_not_exist(browser_of: Browser, path: str) -> None:
    answers = {who: browser_of(who).get(path, headers=JSON).get_json()["type"] for who in ("ana", "bea", "fay")}

    assert set(answers.values()) == {"unknown_coop"}


def test_you_leads_to_the_desks_that_are_ones_own(browser_of: Browser) -> None:
    assert "/office/bakery" in Page(browser_of("sam").get("/you").text).links
    assert "/federation" in Page(browser_of("fay").get("/you").text).links
    assert not {"/office/bakery", "/federation"} & set(Page(browser_of("ana").get("/you").text).links)


@pytest.mark.parametrize(
    ("who", "path", "back"),
    [
        ("fay", "/federation/coops/bakery", ("/federation", "Back to Co-ops")),
        ("fay", "/federation/ballots/new/cap_bp", ("/federation/ballots", "Back to Ballots")),
        ("sam", "/office/bakery/payday/settings", ("/office/bakery/payday", "Back to Payday")),
    ],
)
def test_a_page_below_one_of_a_desk_leads_back_to_it(
    browser_of: Browser, who: str, path: str, back: tuple[str, str]
) -> None:
    address, words = back
    below, above = (Page(browser_of(who).get(each).text) for each in (path, address))

    assert words in below.text
    assert below.links.count(address) == 2
    assert "Back to" not in above.text


@pytest.mark.parametrize(
    ("act", "form", "says"),
    [
        ("/roles", {"handle": "bea", "role": "steward"}, "bea does not work here"),
        ("/members/end", {"handle": "bea"}, "bea does not work here"),
        ("/roles/end", {"handle": "bea", "role": "cashier"}, "bea does not serve as that here"),
    ],
)
def test_who_presses_on_a_list_that_others_changed_meanwhile_reads_what_became_of_the_one_on_it(
    browser_of: Browser, federation: Kit, act: str, form: dict[str, str], says: str
) -> None:
    members.leave(federation, "bakery", "bea")
    pressed = browser_of("sam").post(f"/office/bakery{act}", data=form)

    assert pressed.status_code == 404
    assert f"{says} Nothing was changed." in Page(pressed.text).text
    assert "No money moved" not in pressed.text


def test_who_admits_a_co_op_again_that_is_in_by_now_reads_that_it_is(browser_of: Browser, gus: FlaskClient) -> None:
    pressed = browser_of("fay").post("/federation/coops/mill/again", data={"line": "5"})

    assert pressed.status_code == 403
    assert "The Mill is in the federation already Nothing was changed." in Page(pressed.text).text


def test_what_a_desk_did_before_is_told_as_that_and_not_as_money(browser_of: Browser, federation: Kit) -> None:
    sam = browser_of("sam")
    sam.post("/office/bakery/invite", data=offered("Hal"))
    with reading(federation.engine) as connection:
        (hal,) = office_view.invited(connection, "bakery", federation.clock())
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


def test_a_co_op_whose_last_steward_has_ended_gets_one_of_its_workers(federation: Kit, browser_of: Browser) -> None:
    polls.chartered(federation)
    sam, fay, gus, bea = (browser_of(handle) for handle in ("sam", "fay", "gus", "bea"))
    sam.post("/office/bakery/roles/end", data={"handle": "sam", "role": "steward"})
    assert fay.post(f"/proposals/{waiting(federation)}/agree").status_code == 303
    fay.post("/federation/coops/bakery/stewards", data={"name": "Bea Luz"})
    (token,) = LINK.findall(gus.post(f"/proposals/{waiting(federation)}/agree").text)
    assert "Accept as Bea Luz" in bea.get(f"/join/{token}").text

    assert bea.post(f"/join/{token}/accept").status_code == 303

    with reading(federation.engine) as connection:
        (bea_there,) = [one for one in office_view.workers(connection, "bakery") if one.handle == "bea"]
    assert set(bea_there.roles) == {"cashier", "steward"}


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
    answer = browser_of(who).post(f"{link}/accept")

    assert answer.status_code == 403
    assert f"{says} Nothing was changed. This invitation still works" in Page(answer.text).text
    assert invitations.look_up(federation, link.rpartition("/")[2]).is_open
