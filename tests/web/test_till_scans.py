"""Scans over HTTP: a cashier charges the member whose code was shown."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from tests.web.phone import MemberPhone
from tests.web.till import KEY, problem, scan
from wallet.domain import paycode
from wallet.kit import Kit
from wallet.services import codes, counter, histories, network, scans
from wallet.store import codes as rows
from wallet.store.engine import write

Browsers = Callable[[str], FlaskClient]
Balances = Callable[[], dict[str, int]]


def test_a_scan_pays_at_once(bea: FlaskClient, phone: MemberPhone, balances: Balances) -> None:
    before = balances()
    answer = scan(bea, phone.link(), "4.00", cash="1.00", note="7", key=KEY)
    body = answer.get_json()
    assert answer.status_code == 201
    assert body == {
        "receipt": body["receipt"],
        "state": "paid",
        "amount": "4.00",
        "cash": "1.00",
        "payer": "Ana",
        "words": body["words"],
    }
    assert (before["ana"] - balances()["ana"], balances()["bakery-1"] - before["bakery-1"]) == (300, 300)


def test_a_scan_sent_again_with_its_key_is_a_replay(bea: FlaskClient, phone: MemberPhone, balances: Balances) -> None:
    token = phone.token()
    first = scan(bea, token, key=KEY)
    after = balances()
    again = scan(bea, token, key=KEY)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert balances() == after


def test_a_scan_is_answered_as_it_was_whatever_has_become_of_the_code_the_phone_and_the_till(
    bea: FlaskClient, phone: MemberPhone, federation: Kit, balances: Balances, clock: Clock
) -> None:
    token = phone.token()
    first, after = scan(bea, token, key=KEY), balances()
    clock.advance(120)
    codes.freeze(federation, "ana")
    counter.set_res_part(federation, "bakery", 5_000)

    again = scan(bea, token, key=KEY)

    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert balances() == after


def test_a_till_that_is_closed_spends_no_code(bea: FlaskClient, phone: MemberPhone, federation: Kit) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    network.close_till(federation, "bakery", "bakery-1")
    token = phone.token()

    problem(scan(bea, token), 409, "account_not_open")
    body = {"token": token, "amount": "2.50", "key": new_key()}
    assert bea.post("/tills/bakery-2/scans", json=body, headers=JSON).status_code == 201


def test_a_code_made_without_a_secret_names_nobody(bea: FlaskClient, clock: Clock) -> None:
    for device in (b"nobody", bytes(6)):
        token = paycode.make(scans.NO_SECRET, device, paycode.step_at(clock()))
        problem(scan(bea, token), 404, "unknown_member")


def test_a_scan_that_is_under_way_is_not_called_spent_to_who_sent_it_for_ten_seconds(
    bea: FlaskClient, phone: MemberPhone, federation: Kit, clock: Clock
) -> None:
    token = phone.token()
    code = paycode.parse_link(token, federation.settings.origin)
    took = paycode.device_name(code.device), code.step, "bakery-1", KEY, clock()
    write(federation.engine, lambda connection: rows.take(connection, *took))

    problem(scan(bea, token), 410, "code_spent")
    clock.advance(9)
    problem(scan(bea, token, key=KEY), 503, "busy")
    clock.advance(1)
    problem(scan(bea, token, key=KEY), 410, "code_spent")


def test_a_code_is_good_for_one_attempt(bea: FlaskClient, phone: MemberPhone, balances: Balances) -> None:
    token = phone.token()
    scan(bea, token)
    after = balances()
    problem(scan(bea, token), 410, "code_spent")
    assert balances() == after


def test_a_refused_scan_moves_nothing_and_spends_the_code(
    bea: FlaskClient, phone: MemberPhone, balances: Balances, clock: Clock
) -> None:
    before, token = balances(), phone.token()
    problem(scan(bea, token, "49.99"), 409, "insufficient_funds")
    problem(scan(bea, token, "1.00"), 410, "code_spent")
    assert balances() == before
    clock.advance(30)
    assert scan(bea, phone.token(), "1.00").status_code == 201


def test_the_same_sum_twice_needs_a_confirmation_and_a_fresh_code(
    bea: FlaskClient, phone: MemberPhone, balances: Balances, clock: Clock
) -> None:
    clock.advance(20)
    scan(bea, phone.token())
    after = balances()
    clock.advance(29)
    problem(scan(bea, phone.token()), 409, "looks_repeated")
    assert balances() == after
    problem(scan(bea, phone.token(), confirm=True), 410, "code_spent")
    clock.advance(30)
    assert scan(bea, phone.token(), confirm=True).status_code == 201


def test_above_the_code_limit_the_phone_is_asked(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, balances: Balances, browser_of: Browsers, clock: Clock
) -> None:
    for month in range(9):
        histories.pay(federation, "mill", "ana", 100_000, 480, key=f"pay {month}")
    before = balances()
    answer = scan(bea, phone.token(), "50.01", key=KEY)
    code = answer.get_json()["code"]
    assert (answer.status_code, answer.get_json()) == (202, {"code": code, "state": "claimed"})
    assert balances() == before
    (bill,) = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"]
    assert (bill["code"], bill["state"], bill["payer"]) == (code, "claimed", "Ana")
    clock.advance(59)
    asked = browser_of("ana").get(f"/b/{code}", headers=JSON).get_json()
    assert asked["state"] == "claimed", "as long as it waits"
    paid = browser_of("ana").post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON)
    assert paid.status_code == 201
    assert before["ana"] - balances()["ana"] == 5_001


def test_the_same_sum_twice_is_not_asked_on_the_phone_without_a_confirmation(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, browser_of: Browsers, clock: Clock
) -> None:
    for month in range(9):
        histories.pay(federation, "mill", "ana", 100_000, 480, key=f"pay {month}")
    second = MemberPhone(federation, "ana")
    clock.advance(20)
    code = scan(bea, phone.token(), "50.01").get_json()["code"]
    assert browser_of("ana").post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON).status_code == 201
    clock.advance(29)

    problem(scan(bea, phone.token(), "50.01"), 409, "looks_repeated")
    assert scan(bea, second.token(), "50.01", confirm=True).status_code == 202


def test_a_bill_asked_on_a_phone_is_unknown_to_everybody_else(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, browser_of: Browsers, clock: Clock
) -> None:
    code, cal = scan(bea, phone.token(), "50.01").get_json()["code"], browser_of("cal")
    ana = browser_of("ana")
    assert ana.get(f"/b/{code}", headers=JSON).status_code == 200

    for answer in (
        cal.get(f"/b/{code}", headers=JSON),
        cal.get(f"/b/{code}/events", headers=JSON),
        cal.post(f"/b/{code}/claim", json={}, headers=JSON),
        cal.post(f"/b/{code}/decline", json={}, headers=JSON),
        cal.post(f"/b/{code}/challenge", json={"key": new_key()}, headers=JSON),
        cal.post(f"/b/{code}/pay", json={"key": new_key()}, headers=JSON),
    ):
        problem(answer, 404, "unknown_bill")
    clock.advance(60)
    assert ana.get(f"/b/{code}", headers=JSON).get_json()["state"] == "expired", "what ended it is its member's to know"
    problem(cal.get(f"/b/{code}", headers=JSON), 404, "unknown_bill")


def test_a_bill_asked_on_the_phone_dies_after_a_minute(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, clock: Clock
) -> None:
    code = scan(bea, phone.token(), "50.01").get_json()["code"]
    clock.advance(60)
    (bill,) = bea.get("/tills/bakery-1/state", headers=JSON).get_json()["bills"]
    assert (bill["code"], bill["state"]) == (code, "expired")


def test_a_member_who_is_asked_is_told_until_when_and_no_longer_than_it_waits(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, browser_of: Browsers, clock: Clock
) -> None:
    ana, dot, asked = browser_of("ana"), 'class="news"', []
    for month in range(9):
        histories.pay(federation, "mill", "ana", 100_000, 480, key=f"pay {month}")
    for ends in ("decline", "cancel", "pay", "late"):
        asked.append(scan(bea, phone.token(), "50.01").get_json()["code"])
        until = f"{clock() + timedelta(seconds=60):%Y-%m-%dT%H:%M:%SZ}"
        assert dot in ana.get("/").text
        if ends == "late":
            clock.advance(59)
            assert dot in ana.get("/").text
            clock.advance(1)
        else:
            who, said = bea if ends == "cancel" else ana, {"key": new_key()} if ends == "pay" else {}
            status = 201 if ends == "pay" else 200
            assert who.post(f"/b/{asked[-1]}/{ends}", json=said, headers=JSON).status_code == status
            until = f"{clock():%Y-%m-%dT%H:%M:%SZ}"
        assert dot not in ana.get("/").text
        told = ana.get("/notices", headers=JSON).get_json()["notices"][0]
        assert (told["kind"], told["page"], told["until"], told["new"]) == ("asked", f"/b/{asked[-1]}", until, False)
        clock.advance(31)


def test_home_shows_a_member_who_is_asked_the_bill_while_it_waits(
    bea: FlaskClient, federation: Kit, phone: MemberPhone, browser_of: Browsers, clock: Clock
) -> None:
    histories.pay(federation, "mill", "ana", 100_000, 480, key="wages")
    ana, asks = browser_of("ana"), "The till has read your code and waits for your yes"
    for ends in ("decline", "late"):
        code = scan(bea, phone.token(), "51.01", cash="1.00").get_json()["code"]
        home = Page(ana.get("/").text)
        for words in (asks, "Bread & Roses Counter 1 50.01 RES and 1.00 in cash at the till", "Pay 50.01 RES"):
            assert words in home.text
        assert f"/b/{code}" in home.links
        assert asks not in Page(browser_of("cal").get("/").text).text
        if ends == "late":
            clock.advance(60)
        else:
            assert ana.post(f"/b/{code}/{ends}", json={}, headers=JSON).status_code == 200
        home = Page(ana.get("/").text)
        assert asks not in home.text
        assert f"/b/{code}" not in home.links
        clock.advance(31)


def test_what_is_no_code_of_ours_is_refused(bea: FlaskClient, balances: Balances) -> None:
    before = balances()
    for token in (
        "",
        "x",
        "A" * 31,
        "A" * 600,
        "A" * 601,
        "https://elsewhere.example/m/AAAA",
        "http://localhost:8000/b/K7M4PQ2X",
        "javascript:alert(1)",
        "é" * 31,
        7,
        None,
    ):
        problem(scan(bea, token), 400, "bad_form")  # type: ignore[arg-type]
    assert balances() == before


def test_only_the_tills_cashier_may_scan(browser_of: Browsers, phone: MemberPhone, balances: Balances) -> None:
    before = balances()
    problem(scan(browser_of("cal"), phone.token()), 404, "unknown_till")
    assert balances() == before
    assert scan(browser_of("bea"), phone.token()).status_code == 201, "a stranger's try leaves the code alone"
