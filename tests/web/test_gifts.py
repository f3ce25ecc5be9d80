"""Sending RES to a member: by handle, by a code that lives for minutes, or to whom one sent before."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, for_real_people, new_key
from tests.web.doors import Resident, begin, code_of, resident
from tests.web.page import Page
from tests.web.phone import MemberPhone
from wallet.kit import Kit
from wallet.services import histories, payments
from wallet.store import notices
from wallet.store.notices import Notice

Browser = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


def sends(browser: FlaskClient, to: str = "cal", amount: str = "2.50", **more: Any) -> Any:
    whom = {"to": to} if to else {}
    return browser.post("/gifts", json={**whom, "amount": amount, "key": new_key(), **more}, headers=JSON)


def told(browser: FlaskClient) -> list[dict[str, Any]]:
    return list(browser.get("/notices", headers=JSON).get_json()["notices"])


def test_a_gift_is_sent_once_and_both_have_its_receipt(browser_of: Browser, balances: Balances) -> None:
    ana, cal, key = browser_of("ana"), browser_of("cal"), new_key()
    first = sends(ana, note="soup", key=key)
    again = sends(ana, note="soup", key=key)

    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert first.get_json() | {"receipt": ""} == {"receipt": "", "amount": "2.50", "balance": "7.50", "to": "cal"}
    assert (balances()["ana"], balances()["cal"]) == (750, 250)
    assert code_of(sends(ana, note="bread", key=key)) == "key_reused"
    for reader in (ana, cal):
        seen = reader.get(f"/receipts/{first.get_json()['receipt']}", headers=JSON).get_json()
        assert (seen["kind"], seen["amount"], seen["note"]) == ("gift", "2.50", "soup")
    assert code_of(browser_of("sam").get(f"/receipts/{first.get_json()['receipt']}", headers=JSON)) == "unknown_receipt"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"to": "ana"}, "not_allowed"),
        ({"to": "nobody"}, "unknown_member"),
        ({"to": None, "code": "7K3M9QRX"}, "unknown_member"),
        ({"to": None, "code": "no code"}, "unknown_member"),
        ({"amount": "10.01"}, "insufficient_funds"),
        ({"amount": "0.00"}, "bad_amount"),
        ({"amount": "-1.00"}, "bad_amount"),
        ({"to": None}, "bad_form"),
        ({"code": "7K3M9QRX"}, "bad_form"),
        ({"key": "again"}, "bad_form"),
        ({"note": "x" * 41}, "bad_form"),
        ({"from": "cal"}, "bad_form"),
    ],
)
def test_what_cannot_be_sent_moves_nothing(
    browser_of: Browser, balances: Balances, sent: dict[str, Any], code: str
) -> None:
    body = {"to": "cal", "amount": "1.00", "key": new_key()} | sent
    before = balances()

    assert code_of(browser_of("ana").post("/gifts", json={k: v for k, v in body.items() if v}, headers=JSON)) == code
    assert balances() == before


def test_the_same_sum_to_the_same_person_at_once_is_asked_about(
    browser_of: Browser, balances: Balances, clock: Clock
) -> None:
    ana, key = browser_of("ana"), new_key()
    sends(ana)
    assert code_of(sends(ana, key=key)) == "looks_repeated"
    assert sends(ana, "sam").status_code == 201
    assert balances()["ana"] == 500
    assert sends(ana, key=key, confirm=True).status_code == 201
    clock.advance(29)
    assert code_of(sends(ana)) == "looks_repeated"
    clock.advance(1)

    assert sends(ana).status_code == 201


def test_a_code_to_receive_lives_ten_minutes_and_only_the_newest_finds(
    browser_of: Browser, balances: Balances, clock: Clock
) -> None:
    ana, cal = browser_of("ana"), browser_of("cal")
    cal.post("/receive")
    former = cal.get("/receive", headers=JSON).get_json()["code"]
    cal.post("/receive")
    code = cal.get("/receive", headers=JSON).get_json()["code"]
    page = ana.get(f"/to/{code.lower()[:4]}-{code.lower()[4:]}", follow_redirects=True).get_data(as_text=True)

    # The name for counters, and neither the full name nor the handle, which could be used again.
    assert '<h2 class="name">Cal</h2>' in page
    assert "Cal Dias" not in page
    assert not re.search(r"\bcal\b", Page(page).text)
    assert code_of(sends(ana, "", code=former)) == "unknown_member"
    key = new_key()
    assert sends(ana, "", code=code, key=key).status_code == 201
    assert sends(ana, "", code=code, amount="1.00").status_code == 201
    clock.advance(minutes=10)
    assert code_of(sends(ana, "", code=code, amount="1.50")) == "unknown_member"
    assert sends(ana, "", code=code, key=key).headers["Idempotent-Replay"] == "true"
    assert balances()["cal"] == 350


def test_everybody_is_shown_their_own_code_to_receive_while_it_lives(browser_of: Browser, clock: Clock) -> None:
    ana, cal = browser_of("ana"), browser_of("cal")

    def shown(browser: FlaskClient) -> str | None:
        code: str | None = browser.get("/receive", headers=JSON).get_json()["code"]
        return code

    ana.post("/receive")
    before = shown(ana)
    cal.post("/receive")

    assert shown(ana) == before != shown(cal)
    clock.advance(minutes=10)
    assert shown(ana) is None


@pytest.mark.parametrize("path", ["/", "/send"])
def test_who_looks_at_their_code_to_receive_again_ends_it_for_nobody(
    browser_of: Browser, clock: Clock, path: str
) -> None:
    ana, cal = browser_of("ana"), browser_of("cal")

    def pressed() -> str:
        asked = Page(cal.get(path).text).forms["/receive"]
        assert cal.post("/receive", data=asked).location == "/receive"
        code: str = cal.get("/receive", headers=JSON).get_json()["code"]
        return code

    first = pressed()
    clock.advance(minutes=9)
    assert pressed() == first
    assert ana.post(f"/to/{first}", data={"amount": "3.00", "key": new_key()}).status_code == 200
    clock.advance(minutes=1)
    assert pressed() != first


def test_a_key_that_paid_a_bill_is_no_gift_that_was_sent(browser_of: Browser, federation: Kit) -> None:
    ana, key = browser_of("ana"), new_key()
    bill = payments.open_bill(federation, "bakery-1", "bea", amount_minor=1_00, key=new_key())
    assert ana.post(f"/b/{bill.code}/pay", json={"key": key}, headers=JSON).status_code == 201

    assert ana.get(f"/send/cal?key={key}").status_code == 200
    assert code_of(sends(ana, key=key)) == "key_reused"


def test_a_code_to_receive_says_nothing_to_who_is_signed_out_and_charges_nobody(
    browser_of: Browser, stranger: FlaskClient, balances: Balances, federation: Kit
) -> None:
    cal = browser_of("cal")
    cal.post("/receive")
    code = cal.get("/receive", headers=JSON).get_json()["code"]
    answer = stranger.get(f"/to/{code}")
    assert (answer.status_code, "Cal" in answer.get_data(as_text=True)) == (401, False)
    before = balances()
    charge = {"token": code, "amount": "1.00", "key": new_key()}

    assert code_of(browser_of("bea").post("/tills/bakery-1/scans", json=charge, headers=JSON)) == "bad_form"
    # And the code that a till charges names nobody to whoever would send to it.
    token = MemberPhone(federation, "cal").token()
    assert code_of(sends(browser_of("ana"), "", code=token[:20])) == "unknown_member"
    assert balances() == before


def test_pages_lead_from_whom_to_how_much_to_sent(browser_of: Browser, balances: Balances) -> None:
    ana = browser_of("ana")
    assert ana.post("/send", data={"who": "cal"}).location == "/send/cal"
    assert "Cal Dias" in ana.get("/send/cal", follow_redirects=True).get_data(as_text=True)
    sheet = Page(ana.post("/send/cal", data={"amount": "2,5", "note": "soup"}).get_data(as_text=True))
    assert "Send 2.50 RES" in sheet.text
    assert balances()["ana"] == 1_000
    sent = ana.post("/gifts", data=sheet.forms["/gifts"])

    assert (sent.status_code, balances()["cal"]) == (303, 250)
    receipt = Page(ana.get(sent.location).text)
    assert "Sent: 2.50 RES to Cal Dias They have it already." in receipt.text
    assert receipt.links.count("/") == 2, "Done, and home"
    for reader, address in ((ana, sent.location.partition("?")[0]), (browser_of("cal"), sent.location)):
        assert "They have it already" not in reader.get(address).text
    assert "/send/cal" in Page(ana.get("/send").get_data(as_text=True)).links


@pytest.mark.parametrize("by_code", [False, True])
def test_who_does_not_send_yet_changes_what_was_typed_and_whoever_has_sent_reads_the_receipt(
    browser_of: Browser, balances: Balances, by_code: bool
) -> None:
    ana, cal, key = browser_of("ana"), browser_of("cal"), new_key()
    cal.post("/receive")
    whom = f"/to/{cal.get('/receive', headers=JSON).get_json()['code']}" if by_code else "/send/cal"
    sheet = Page(ana.post(whom, data={"amount": "25,5", "note": "soup", "key": key}).text)
    assert "That is more than you have No money moved. Send a smaller sum. Change the sum" in sheet.text

    asked = ana.post(whom, data=sheet.forms[whom]).text

    assert 'value="25.50"' in asked
    assert 'value="soup"' in asked
    assert Page(asked).forms[whom]["key"] == key
    sheet = Page(ana.post(whom, data={"amount": "2.50", "note": "soup", "key": key}).text)
    sent = ana.post("/gifts", data=sheet.forms["/gifts"]).location
    assert (ana.post(whom, data=sheet.forms[whom]).location, balances()["cal"]) == (sent, 250)


@pytest.mark.parametrize("by_code", [False, True])
def test_a_gift_in_doubt_is_not_sent_again_after_a_reload_nor_after_the_way_back(
    browser_of: Browser, balances: Balances, clock: Clock, by_code: bool
) -> None:
    ana, cal = browser_of("ana"), browser_of("cal")
    cal.post("/receive")
    whom = f"/to/{cal.get('/receive', headers=JSON).get_json()['code']}" if by_code else "/send/cal"
    asked = ana.get(whom).location
    typed = Page(ana.get(asked).get_data(as_text=True)).forms[whom] | {"amount": "3", "note": ""}
    once = Page(ana.post(whom, data=typed).get_data(as_text=True)).forms["/gifts"]
    reloaded = Page(ana.post(whom, data=typed).get_data(as_text=True)).forms["/gifts"]
    sent = ana.post("/gifts", data=once).location
    # By now the code has run out, and the same sum would be asked about no more.
    clock.advance(minutes=11)

    assert ana.post("/gifts", data=reloaded).location == sent
    assert ana.post(whom, data=typed).location == sent
    assert ana.get(asked).location == sent
    assert balances()["cal"] == 300


def test_another_sum_from_the_form_of_a_gift_that_was_sent_says_so_and_is_one_more(
    browser_of: Browser, balances: Balances
) -> None:
    ana = browser_of("ana")
    form = Page(ana.get("/send/cal", follow_redirects=True).get_data(as_text=True)).forms["/send/cal"]
    three, four = (
        Page(ana.post("/send/cal", data=form | {"amount": amount}).get_data(as_text=True)) for amount in ("3", "4")
    )
    ana.post("/gifts", data=three.forms["/gifts"])
    refused = ana.post("/gifts", data=four.forms["/gifts"])
    assert (refused.status_code, "Another gift was sent" in refused.get_data(as_text=True)) == (422, True)

    again = ana.post("/send/cal", data=form | {"amount": "4"})
    assert (again.status_code, "Another gift was sent" in again.get_data(as_text=True)) == (422, True)
    assert balances()["cal"] == 300
    form = Page(again.get_data(as_text=True)).forms["/send/cal"]
    further = Page(ana.post("/send/cal", data=form | {"amount": "4"}).get_data(as_text=True))
    ana.post("/gifts", data=further.forms["/gifts"])
    assert balances()["cal"] == 700


def test_what_cannot_go_on_says_why_on_its_own_page(browser_of: Browser) -> None:
    ana = browser_of("ana")
    nobody = ana.post("/send", data={"who": "nobody"})
    assert (nobody.status_code, "That finds nobody" in nobody.get_data(as_text=True)) == (404, True)
    wrong = ana.post("/send/cal", data={"amount": "much"})
    assert (wrong.status_code, "Nothing was sent" in wrong.get_data(as_text=True)) == (400, True)
    short = Page(ana.post("/send/cal", data={"amount": "11"}).get_data(as_text=True))
    assert "That is more than you have" in short.text
    assert "/gifts" not in short.forms
    ana.post("/gifts", data={"to": "cal", "amount": "1.00", "note": "", "key": new_key()})
    twice = ana.post("/gifts", data={"to": "cal", "amount": "1.00", "note": "", "key": new_key()})
    assert (twice.status_code, Page(twice.get_data(as_text=True)).forms["/gifts"]["confirm"]) == (409, "1")


def test_a_pasted_link_to_receive_finds_its_member_and_anothers_finds_nobody(browser_of: Browser) -> None:
    ana, cal = browser_of("ana"), browser_of("cal")
    cal.post("/receive")
    mine = cal.get("/receive", headers=JSON).get_json()

    for typed in (mine["url"], f" {mine['url']}/ ", f"{mine['code'][:4]}–{mine['code'][4:]}"):
        assert ana.post("/send", data={"who": typed}).location == f"/to/{mine['code']}"
    for foreign in (f"https://elsewhere.example/to/{mine['code']}", mine["url"].replace("/to/", "/b/")):
        assert ana.post("/send", data={"who": foreign}).status_code == 404


def test_names_are_not_tried_one_after_another(federation: Kit, clock: Clock) -> None:
    app = for_real_people(federation, clock)
    eva = resident(app, federation).browser
    answers = {code_of(eva.post("/send", json={"who": f"nobody{number}"}, headers=JSON)) for number in range(20)}
    assert answers == {"unknown_member"}

    assert code_of(eva.get("/send/cal", headers=JSON)) == "too_many"
    app.extensions["streams"].live.close()


def test_who_receives_is_told_once_and_without_the_sum_unless_it_is_wanted(browser_of: Browser) -> None:
    ana, cal = browser_of("ana"), browser_of("cal")
    sends(ana)
    assert "Notices, some are new" in cal.get("/").get_data(as_text=True)
    shown = cal.get("/notices").get_data(as_text=True)

    assert "Ana Reis sent you RES" in shown
    assert "2.50" not in shown
    assert "some are new" not in cal.get("/").get_data(as_text=True)
    cal.post("/notices/amounts", data={"wanted": "1"})
    assert "2.50 RES" in cal.get("/notices").get_data(as_text=True)
    assert [(one["kind"], one["amount"], one["new"]) for one in told(cal)] == [("received", "2.50", False)]
    # What moved does not frighten: the way-in notices are another list.
    assert "ways in changed" not in cal.get("/activity").get_data(as_text=True)


def test_what_comes_while_the_notices_are_read_is_new_until_it_is_shown(
    browser_of: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, cal, read = browser_of("ana"), browser_of("cal"), notices.last

    def read_before_a_gift(*asked: Any) -> tuple[Notice, ...]:
        found = read(*asked)
        monkeypatch.setattr(notices, "last", read)
        clock.advance(seconds=1)
        with ThreadPoolExecutor(1) as elsewhere:
            assert elsewhere.submit(sends, ana, amount="1.00").result().status_code == 201
        clock.advance(seconds=1)
        return found

    assert sends(ana).status_code == 201
    monkeypatch.setattr(notices, "last", read_before_a_gift)
    assert [(one["amount"], one["new"]) for one in told(cal)] == [("2.50", True)]
    assert [(one["amount"], one["new"]) for one in told(cal)] == [("1.00", True), ("2.50", False)]
    assert [one["new"] for one in told(cal)] == [False, False]


def test_a_charged_code_and_one_that_asks_are_told(federation: Kit, browser_of: Browser, clock: Clock) -> None:
    histories.pay(federation, "mill", "ana", 700_000, 9_600, key="much")
    phone, bea = MemberPhone(federation, "ana"), browser_of("bea")
    for amount, status in (("3.00", 201), ("60.00", 202)):
        charge = {"token": phone.token(), "amount": amount, "key": new_key()}
        assert bea.post("/tills/bakery-1/scans", json=charge, headers=JSON).status_code == status
        clock.advance(30)

    asked, charged = told(browser_of("ana"))
    assert (asked["kind"], asked["about"], charged["kind"]) == ("asked", "Bread & Roses", "charged")
    assert asked["page"].startswith("/b/")
    assert charged["page"].startswith("/receipts/")


@pytest.fixture
def eva(federation: Kit, clock: Clock) -> Iterator[tuple[Flask, Resident]]:
    """Give Eva, who is no persona, with 900.00 RES."""
    app = for_real_people(federation, clock)
    made = resident(app, federation, kind="worker", coop="mill")
    histories.pay(federation, "mill", made.handle, 9_000_00, 9_600, key="pay of eva")
    yield app, made
    app.extensions["streams"].live.close()


def proof(eva: Resident, key: str, amount: str = "80.00", **whom: str) -> dict[str, Any]:
    return eva.passkey.prove(begin(eva.browser, "/gifts/challenge", amount=amount, key=key, **(whom or {"to": "cal"})))


def test_a_large_gift_takes_a_proof_of_just_this_gift(
    eva: tuple[Flask, Resident], clock: Clock, balances: Balances
) -> None:
    _app, member = eva
    key = new_key()
    assert code_of(sends(member.browser, amount="80.00", key=key)) == "step_up_required"
    for other in (
        proof(member, key, "79.99"),
        proof(member, new_key()),
        proof(member, key, to="ana"),
        member.passkey.prove(begin(member.browser, "/you/confirm/challenge")),
    ):
        assert code_of(sends(member.browser, amount="80.00", key=key, assertion=other)) == "step_up_required"
    old = proof(member, key)
    clock.advance(seconds=60.001)
    assert code_of(sends(member.browser, amount="80.00", key=key, assertion=old)) == "step_up_required"
    assert balances()["eva"] == 900_00
    given = proof(member, key)

    assert sends(member.browser, amount="80.00", key=key, assertion=given).status_code == 201
    assert sends(member.browser, amount="80.00", key=key, assertion=given).headers["Idempotent-Replay"] == "true"
    again = sends(member.browser, amount="80.00", confirm=True, assertion=given)
    assert (code_of(again), balances()["eva"]) == ("step_up_required", 820_00)


def test_one_session_alone_sends_no_more_than_its_day_however_it_hurries(
    eva: tuple[Flask, Resident], balances: Balances
) -> None:
    app, member = eva
    session = member.browser.get_cookie("wallet")
    assert session is not None
    barrier, answers = threading.Barrier(8), []

    def race() -> None:
        browser = app.test_client()
        browser.set_cookie("wallet", session.value, domain="localhost")
        barrier.wait()
        answers.append(code_of(sends(browser, amount="40.00", confirm=True)))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["201"] * 3 + ["step_up_required"] * 5
    assert balances()["cal"] == 120_00


def test_a_notice_of_another_year_tells_which(browser_of: Browser, clock: Clock) -> None:
    sends(browser_of("ana"))
    assert "Ana Reis sent you RES Mon 2 Mar, 12:00" in Page(browser_of("cal").get("/notices").text).text

    clock.advance(days=365)

    assert "Ana Reis sent you RES Mon 2 Mar 2026, 12:00" in Page(browser_of("cal").get("/notices").text).text
