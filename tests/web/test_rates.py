"""Who tries too often waits: guesses of bills and member codes, sign-ins, enrolments; all workers count together."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.persona import sign_in
from tests.serving import Browser as Client
from tests.serving import served
from tests.web.conftest import JSON, new_key
from tests.web.phone import MemberPhone
from wallet.domain import paycode, rate
from wallet.domain.rate import Rate
from wallet.domain.secret import digest_of
from wallet.errors import Refusal
from wallet.factory import create_app
from wallet.kit import Kit, system_clock
from wallet.services import payments, rates
from wallet.store.engine import make_engine
from wallet.store.sessions import Bearer
from wallet.web.sources import address

BASE = "http://localhost:8000"
Opened = Callable[..., FlaskClient]


@pytest.fixture
def workers(federation: Kit, clock: Clock) -> Iterator[list[Flask]]:
    """Give two workers on one database, each with an engine of its own, and no demo."""
    engines = [federation.engine, make_engine(federation.settings.database_url)]
    made = [create_app(federation.settings, engine=engine, clock=clock) for engine in engines]
    yield made
    for app in made:
        app.extensions["streams"].live.close()
    engines[1].dispose()


@pytest.fixture
def at(federation: Kit, workers: list[Flask]) -> Opened:
    """Give a function that opens a browser at one of the workers, signed in or not."""

    def opened(worker: int = 0, handle: str | None = None) -> FlaskClient:
        browser = workers[worker].test_client()
        if handle is not None:
            browser.set_cookie("wallet", sign_in(federation, handle), domain="localhost")
        return browser

    return opened


def guess(browser: FlaskClient, code: str | None = None, **headers: str) -> tuple[int, str | None]:
    code = code or "".join(secrets.choice("ABCDEFGHJKMNPQRSTVWXYZ") for _letter in range(8))
    answer = browser.get(f"/b/{code}", base_url=BASE, headers={**JSON, **headers})
    return answer.status_code, answer.headers.get("Retry-After")


def bill(kit: Kit, amount_minor: int = 100) -> str:
    return payments.open_bill(kit, "bakery-1", "bea", amount_minor=amount_minor, key=new_key()).code


def test_the_eleventh_guess_of_a_bill_is_refused_by_every_worker(federation: Kit, at: Opened) -> None:
    ana, elsewhere = at(0, "ana"), at(1, "ana")

    answers = [guess((ana, elsewhere)[turn % 2])[0] for turn in range(10)]

    assert answers == [404] * 10
    assert guess(ana) == guess(elsewhere) == (429, "6")


def test_who_guessed_too_often_does_not_see_or_pay_a_right_code_either(federation: Kit, at: Opened) -> None:
    ana, code = at(0, "ana"), bill(federation)
    for _turn in range(11):
        guess(ana)

    paid = at(1, "ana").post(f"/b/{code}/pay", json={"key": new_key()}, base_url=BASE)

    assert guess(ana, code)[0] == 429
    assert (paid.status_code, paid.json["type"], paid.headers["Retry-After"]) == (429, "too_many", "6")


def test_guesses_by_paying_count_as_well(federation: Kit, at: Opened) -> None:
    ana = at(0, "ana")

    answers = [
        ana.post(f"/b/{'B' * 7}{mark}/pay", json={"key": new_key()}, base_url=BASE).status_code
        for mark in "ABCDEFGHJKMN"
    ]

    assert answers == [404] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("who", "method", "address"), [("ana", "POST", "/b/{}/challenge"), ("sam", "GET", "/office/bakery/bills/{}")]
)
def test_no_other_address_of_a_bill_can_be_guessed_at_for_ever(at: Opened, who: str, method: str, address: str) -> None:
    browser = at(0, who)

    answers = [
        browser.open(
            address.format("B" * 7 + mark), method=method, base_url=BASE, headers=JSON,
            json={"key": new_key()} if method == "POST" else None,
        ).status_code
        for mark in "ABCDEFGHJKMN"
    ]  # fmt: skip

    assert answers == [404] * 10 + [429] * 2


def test_tries_come_back_one_by_one(federation: Kit, at: Opened, clock: Clock) -> None:
    ana = at(0, "ana")
    for _turn in range(11):
        guess(ana)

    clock.advance(6)
    after = [guess(ana)[0] for _turn in range(2)]
    clock.advance(minutes=1)

    assert after == [404, 429]
    assert [guess(ana)[0] for _turn in range(11)] == [404] * 10 + [429]


def test_a_clock_set_back_locks_nobody_out(federation: Kit, at: Opened, clock: Clock) -> None:
    ana = at(0, "ana")
    for _turn in range(11):
        guess(ana)

    clock.advance(hours=-1)

    paid = ana.post(f"/b/{bill(federation)}/pay", json={"key": new_key()}, base_url=BASE)
    assert (guess(ana)[0], paid.status_code) == (404, 201)


def test_after_the_clock_was_set_back_as_many_are_let_through_as_ever(at: Opened, clock: Clock) -> None:
    ana = at(0, "ana")
    for _turn in range(11):
        guess(ana)

    clock.advance(hours=-1)

    assert [guess(ana)[0] for _turn in range(11)] == [404] * 10 + [429]


def test_strangers_share_their_network_and_members_in_it_are_never_locked_out(federation: Kit, at: Opened) -> None:
    stranger, code = at(1), bill(federation)
    # A till's page tells who is signed out how a bill stands, so a try there is a try as well.
    assert stranger.get("/tills/bakery-1?bill=AAAAAAAA", base_url=BASE).status_code == 401
    answers = [guess(stranger)[0] for _turn in range(60)]

    assert answers == [404] * 59 + [429]
    assert guess(at(0), code)[0] == 429
    assert "The bill of" not in at(0).get(f"/tills/bakery-1?bill={code}", base_url=BASE).text
    assert guess(at(0, "ana"), code)[0] == 200
    assert guess(at(1, "cal"))[0] == 404


def test_an_invented_forwarding_changes_nothing(federation: Kit, at: Opened) -> None:
    stranger = at(0)
    answers = [guess(stranger, **{"X-Forwarded-For": f"192.0.2.{turn}"})[0] for turn in range(61)]

    assert answers[-1] == 429


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("198.51.100.7", ["192.0.2.1"], (), "198.51.100.7"),
        ("198.51.100.7", ["192.0.2.1"], ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.1", ["192.0.2.1"], ("10.0.0.0/8",), "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9, 192.0.2.1"], ("10.0.0.0/8",), "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9, 192.0.2.1, 10.0.0.2"], ("10.0.0.0/8",), "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9", "192.0.2.1"], ("10.0.0.0/8",), "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, rubbish"], ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", [], ("10.0.0.0/8",), "10.0.0.1"),
        ("198.51.100.7", ["203.0.113.9, 192.0.2.1"], ("*",), "192.0.2.1"),
        ("::ffff:10.0.0.1", ["[2001:db8::1]:443"], ("10.0.0.1",), "2001:db8::1"),
        ("", ["192.0.2.1"], (), "None"),
    ],
)
def test_only_proxies_we_trust_are_believed(
    peer: str, forwarded: list[str], trusted: tuple[str, ...], found: str
) -> None:
    assert str(address(peer, forwarded, trusted)) == found


def test_who_holds_many_of_the_newer_addresses_is_one_network(at: Opened) -> None:
    stranger = at(0)

    def guessed(peer: str) -> int:
        peer_is = {"REMOTE_ADDR": peer}
        return stranger.get("/b/AAAAAAAA", base_url=BASE, headers=JSON, environ_overrides=peer_is).status_code

    assert [guessed(f"2001:db8:1:2:{number:x}::7") for number in range(61)] == [404] * 60 + [429]
    assert guessed("2001:db8:1:3::7") == 404


def test_nothing_tells_an_address_from_its_bucket(federation: Kit, at: Opened) -> None:
    guess(at(0))

    with federation.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM rate_buckets").scalars().all()

    assert len(names) == 1
    assert "127.0.0.1" not in names[0]


def test_wrong_member_codes_trip_the_limiter_and_none_succeeds(federation: Kit, at: Opened) -> None:
    guess_member_codes(federation, at(0, "bea"), times=300)


@pytest.mark.slow
def test_a_million_wrong_member_codes_succeed_never(federation: Kit) -> None:
    phone, step = MemberPhone(federation, "ana"), paycode.step_at(federation.clock())
    right = phone.token()
    wrong = (paycode.make(secrets.token_bytes(32), phone.device, step) for _turn in range(1_000_000))

    assert not any(token == right or paycode.matches(phone.secret, paycode.parse_link(token, BASE)) for token in wrong)


def test_ten_thousand_wrong_member_codes_succeed_never(federation: Kit) -> None:
    phone, step = MemberPhone(federation, "ana"), paycode.step_at(federation.clock())

    for _turn in range(10_000):
        token = paycode.make(secrets.token_bytes(32), phone.device, step)
        assert not paycode.matches(phone.secret, paycode.parse_link(token, BASE))


def guess_member_codes(kit: Kit, till: FlaskClient, times: int) -> None:
    phone, step = MemberPhone(kit, "ana"), paycode.step_at(kit.clock())
    told = []
    for _turn in range(times):
        token = paycode.make(secrets.token_bytes(32), phone.device, step)
        body = {"token": token, "amount": "0.01", "key": new_key()}
        told.append(till.post("/tills/bakery-1/scans", json=body, base_url=BASE, headers=JSON).status_code)

    assert told == [404] * 10 + [429] * (times - 10)


def test_an_unknown_phone_and_a_wrong_code_are_answered_alike(federation: Kit, at: Opened) -> None:
    phone, step, till = MemberPhone(federation, "ana"), paycode.step_at(federation.clock()), at(0, "bea")
    answers = []
    for device in (phone.device, secrets.token_bytes(6)):
        token = paycode.make(secrets.token_bytes(32), device, step)
        body = {"token": token, "amount": "0.01", "key": new_key()}
        answers.append(till.post("/tills/bakery-1/scans", json=body, base_url=BASE, headers=JSON))

    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].data == answers[1].data


def test_a_till_charges_at_most_120_times_a_minute(federation: Kit, at: Opened, clock: Clock) -> None:
    till = at(0, "bea")

    def charge() -> int:
        body = {"amount": "1.00", "key": new_key()}
        return till.post("/tills/bakery-1/bills", json=body, base_url=BASE, headers=JSON).status_code

    assert [charge() for _turn in range(121)] == [201] * 120 + [429]
    clock.advance(minutes=1)
    assert charge() == 201


def test_a_till_scans_at_most_120_times_a_minute(federation: Kit, at: Opened) -> None:
    till = at(0, "bea")

    def scan() -> int:
        body = {"token": "nothing", "amount": "1.00", "key": new_key()}
        return till.post("/tills/bakery-1/scans", json=body, base_url=BASE, headers=JSON).status_code

    assert [scan() for _turn in range(121)] == [400] * 120 + [429]


def test_who_works_elsewhere_uses_up_nothing_of_what_a_till_may_do(federation: Kit, at: Opened) -> None:
    ana, bea, token = at(0, "ana"), at(1, "bea"), MemberPhone(federation, "ana").token()

    def scanned(browser: FlaskClient) -> int:
        body = {"token": token, "amount": "1.00", "key": new_key()}
        return browser.post("/tills/bakery-1/scans", json=body, base_url=BASE).status_code

    assert {scanned(ana) for _turn in range(121)} == {404}
    assert scanned(bea) == 201


def test_wrong_recovery_codes_and_invitations_are_counted_by_network(at: Opened) -> None:
    stranger = at(0)

    def recover() -> int:
        return stranger.post("/sign-in/recovery", data={"code": "AAAA-BBBB-CCCC-DDDD"}, base_url=BASE).status_code

    def join() -> int:
        return stranger.get(f"/join/{secrets.token_urlsafe(32)}", base_url=BASE).status_code

    recovered, joined = [recover() for _turn in range(11)], [join() for _turn in range(21)]

    assert 429 not in recovered[:10] + joined[:20]
    assert recovered[10] == joined[20] == 429


def test_a_member_pays_at_most_30_times_a_minute(federation: Kit, at: Opened, clock: Clock) -> None:
    ana = at(0, "ana")

    def pay() -> int:
        body = {"key": new_key(), "confirm": True}
        return ana.post(f"/b/{bill(federation, 1)}/pay", json=body, base_url=BASE).status_code

    assert [pay() for _turn in range(31)] == [201] * 30 + [429]
    clock.advance(minutes=1)
    assert pay() == 201


def test_what_a_member_sends_is_counted_with_what_they_pay(federation: Kit, at: Opened, clock: Clock) -> None:
    ana = at(0, "ana")

    def send() -> int:
        body = {"to": "cal", "amount": "0.01", "key": new_key(), "confirm": True}
        return ana.post("/gifts", json=body, base_url=BASE).status_code

    paid = ana.post(f"/b/{bill(federation, 1)}/pay", json={"key": new_key(), "confirm": True}, base_url=BASE)
    assert paid.status_code == 201
    assert [send() for _turn in range(30)] == [201] * 29 + [429]
    clock.advance(minutes=1)
    assert send() == 201


def test_the_demo_is_a_hundred_times_wider(federation: Kit) -> None:
    demo = replace(federation, settings=replace(federation.settings, demo=True))
    for _turn in range(1_000):
        rates.count(demo, rate.SIGN_IN, "network n")

    with pytest.raises(Refusal, match="too_many"):
        rates.count(demo, rate.SIGN_IN, "network n")


def test_money_acts_too_are_a_hundred_times_wider_in_the_demo(
    federation: Kit, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    for name in ("MONEY_OF_PERSON", "MONEY_OF_TILL"):
        monkeypatch.setattr(rate, name, replace(getattr(rate, name), times=1))
    demo = replace(federation, settings=replace(federation.settings, demo=True))
    bea, ana = (Bearer(digest_of(sign_in(demo, handle))) for handle in ("bea", "ana"))

    def charge() -> str:
        return payments.open_bill(demo, "bakery-1", bea, amount_minor=1, key=new_key()).code

    codes = [charge() for _turn in range(100)]
    with pytest.raises(Refusal, match="too_many"):
        charge()
    clock.advance(seconds=60)
    codes.append(charge())

    for code in codes[:100]:
        payments.pay_bill(demo, code, ana, key=new_key(), confirm=True)
    with pytest.raises(Refusal, match="too_many"):
        payments.pay_bill(demo, codes[100], ana, key=new_key(), confirm=True)


def test_of_many_at_once_exactly_as_many_pass_as_there_are_tokens(federation: Kit) -> None:
    small = Rate("race", 7, timedelta(minutes=1))

    def once(_turn: int) -> int:
        try:
            rates.count(federation, small, "somebody")
        except Refusal:
            return 0
        return 1

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(once, range(64))) == 7


def test_two_workers_of_a_real_server_count_together(federation: Kit) -> None:
    with served(federation.settings.database_url, workers=2, demo=False) as port:
        ana = Client(port)
        ana.cookie = f"wallet={sign_in(replace(federation, clock=system_clock), 'ana')}"
        with ThreadPoolExecutor(8) as pool:
            began = time.monotonic()
            told = Counter(status for status, _answer in pool.map(lambda _: ana.ask("GET", "/b/BBBBBBBB"), range(40)))
            took = time.monotonic() - began

    # A try comes back every six seconds.
    assert told.keys() == {404, 429}
    assert 10 <= told[404] <= 10 + took / 6 + 1


@pytest.mark.slow
def test_ten_thousand_wrong_member_codes_at_a_till_succeed_never(federation: Kit, at: Opened) -> None:
    guess_member_codes(federation, at(0, "bea"), times=10_000)
