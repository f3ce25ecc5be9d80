"""Event streams from a real gunicorn: admitted while threads for payments are left, woken by every change."""

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.serving import Browser, Stream, served
from tests.web.conftest import JSON, new_key
from tests.web.test_tablet import shown, signed_in
from wallet.kit import Kit
from wallet.services import members, network

THREADS = 9
MOST = 6
EVENTS = "/tills/bakery-1/events"
PATIENCE_SECONDS = 60
# What is slow is so each time; what only met with other work of the machine is not.
TRIES = 3


def charged(cashier: Browser, amount: str = "0.10") -> str:
    """Make a bill and give its code."""
    status, bill = cashier.ask("POST", "/tills/bakery-1/bills", {"amount": amount, "key": new_key()})
    assert status == 201, bill
    return str(bill["code"])


def cashiers(kit: Kit, number: int) -> list[str]:
    """Give the bakery as many more cashiers; tell who they are."""
    handles = [f"cashier-{each}" for each in range(number)]
    for handle in handles:
        members.join(kit, "bakery", handle)
        members.grant(kit, handle, "cashier", "bakery")
    return handles


def paid(payer: Browser, code: str) -> None:
    status, receipt = payer.ask("POST", f"/b/{code}/pay", {"key": new_key(), "confirm": True})
    assert status == 201, receipt


def test_with_the_cap_full_a_payment_still_goes_through_and_places_come_back(federation: Kit) -> None:
    beside = cashiers(federation, 1)
    with served(federation.settings.database_url, threads=THREADS) as port, ExitStack() as opened:
        cashier, payer = Browser(port).sign_in("bea"), Browser(port).sign_in("ana")
        each = cycle((cashier, *(Browser(port).sign_in(handle) for handle in beside)))
        streams = [opened.enter_context(next(each).stream(EVENTS)) for _ in range(MOST + 2)]

        assert len([stream for stream in streams if stream.status == 200]) == MOST
        refused = streams[-1]
        assert (refused.status, refused.headers["Retry-After"]) == (204, "2")
        # Without a thread for it, it would wait for a stream to end: they last minutes, and a browser gives up before.
        paid(payer, charged(cashier))

        opened.close()
        # Who has gone is noticed with the next thing to say.
        deadline = time.monotonic() + PATIENCE_SECONDS
        status = 204
        while status != 200 and time.monotonic() < deadline:
            cashier.ask("POST", f"/b/{charged(cashier)}/cancel", {})
            time.sleep(0.1)
            with cashier.stream(EVENTS) as again:
                status = again.status
        assert status == 200


def test_a_stream_says_what_it_is_and_begins_with_a_hint(federation: Kit) -> None:
    with served(federation.settings.database_url) as port, Browser(port).sign_in("bea").stream(EVENTS) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert (stream.headers["X-Accel-Buffering"], stream.headers["Cache-Control"]) == ("no", "no-store")
        first = stream.event()
        assert first["data"] == f'{{"rev":{first["id"]}}}'


def test_a_server_that_stops_waits_for_no_stream(federation: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    # A stream lasts three minutes, and gunicorn gives up on a busy thread after so many seconds.
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--graceful-timeout 60")
    with ExitStack() as server:
        port = server.enter_context(served(federation.settings.database_url))
        with Browser(port).sign_in("bea").stream(EVENTS) as stream:
            stream.event()
            started = time.monotonic()
            server.close()
            assert time.monotonic() - started < 30


def test_the_till_hears_of_each_payment_soon_whichever_worker_took_it(federation: Kit) -> None:
    with served(federation.settings.database_url, workers=2, threads=8) as port:
        cashier, payer = Browser(port).sign_in("bea"), Browser(port).sign_in("ana")
        with cashier.stream(EVENTS) as till:
            till.begin()
            assert any(median_heard(till, cashier, payer) < 0.25 for _try in range(TRIES))


def median_heard(till: Stream, cashier: Browser, payer: Browser) -> float:
    """Tell how long after a payer's request the till hears of it, in seconds."""
    codes = [charged(cashier) for _bill in range(9)]
    instant = now()
    codes.append(charged(cashier))
    # What is said of the last bill is no answer to a payment.
    till.event_after(instant)
    return statistics.median(heard(till, payer, code) for code in codes)


def test_a_hundred_idle_streams_leave_payments_as_they_were(federation: Kit) -> None:
    network.open_till(federation, "bakery", "bakery-2", "Counter 2")
    idle, url = cashiers(federation, 4), federation.settings.database_url
    with served(url, threads=160) as quiet, served(url, threads=160) as watched, ExitStack() as opened:
        each = cycle([Browser(watched).sign_in(handle) for handle in idle])
        streams = [opened.enter_context(next(each).stream("/tills/bakery-2/events")) for _ in range(100)]
        assert all(stream.status == 200 for stream in streams)
        there, here = ([Browser(port).sign_in(handle) for handle in ("bea", "ana")] for port in (quiet, watched))

        def are_as_quick() -> bool:
            # By turns, so that whatever else the machine does slows down both.
            both = [(took(*there), took(*here)) for _turn in range(9)]
            alone, beside = (statistics.median(times) for times in zip(*both, strict=True))
            return beside < alone * 2 + 0.05

        assert any(are_as_quick() for _try in range(TRIES))


def took(cashier: Browser, payer: Browser) -> float:
    """Charge and pay; tell how long it took, in seconds."""
    started = time.monotonic()
    paid(payer, charged(cashier))
    return time.monotonic() - started


def now() -> int:
    """Tell the instant as streams do."""
    return time.time_ns() // 1_000_000


def heard(till: Stream, payer: Browser, code: str) -> float:
    """Pay a bill and tell how long after the payer's request the till heard of it, in seconds."""
    started, instant = time.monotonic(), now()
    paid(payer, code)
    till.event_after(instant)
    return time.monotonic() - started


def to_its_end(stream: Stream) -> list[bytes]:
    """Read what a stream says until the server ends it, which it does at the next hint to whoever may not hear it."""
    return list(iter(stream.answer.readline, b""))


def test_a_payer_who_waits_hears_of_the_bill(federation: Kit) -> None:
    with served(federation.settings.database_url) as port:
        cashier, payer = Browser(port).sign_in("bea"), Browser(port).sign_in("ana")
        code = charged(cashier)
        with payer.stream(f"/b/{code}/events") as waiting:
            waiting.begin()
            cancelled_at = now()
            assert cashier.ask("POST", f"/b/{code}/cancel", {})[0] == 200
            assert waiting.event_after(cancelled_at)
        assert payer.ask("GET", f"/b/{code}")[1]["state"] == "cancelled"


def test_who_was_signed_out_everywhere_is_told_nothing_more_by_a_stream(federation: Kit) -> None:
    (beside,) = cashiers(federation, 1)
    with served(federation.settings.database_url) as port:
        cashier = Browser(port).sign_in("bea")
        with cashier.stream(EVENTS) as stream:
            assert cashier.ask("POST", "/you/security/sessions/end-all", {})[0] == 204
            out_at = now()

            charged(Browser(port).sign_in(beside))

            told = [int(line.removeprefix(b"id: ")) for line in to_its_end(stream) if line.startswith(b"id: ")]
        assert told, "it was one that tells"
        assert max(told) <= out_at


def test_only_those_concerned_may_watch(browser_of: Callable[[str], FlaskClient]) -> None:
    for who, path, status in (
        ("ana", EVENTS, 404),
        ("sam", EVENTS, 404),
        ("bea", "/tills/mill-1/events", 404),
        ("bea", "/tills/none/events", 404),
        ("ana", "/b/7K3MQ2XA/events", 404),
        ("ana", "/b/nonsense!/events", 404),
    ):
        assert browser_of(who).get(path, headers=JSON).status_code == status, (who, path)


def test_a_stranger_may_watch_nothing(stranger: FlaskClient) -> None:
    assert stranger.get(EVENTS, headers=JSON).status_code == 401
    assert stranger.get("/b/7K3MQ2XA/events", headers=JSON).status_code == 401


def test_a_stream_that_is_never_read_gives_its_place_back(app: Flask, browser_of: Callable[[str], FlaskClient]) -> None:
    browser = browser_of("bea")
    for _ in range(app.extensions["kit"].settings.threads * 2):
        answer = browser.head(EVENTS)
        assert answer.status_code == 200
        answer.close()
        unread = browser.get(EVENTS)
        assert unread.status_code == 200
        unread.close()


def test_nobody_takes_more_streams_than_their_share(
    app: Flask, federation: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    ana, bea, tablet = browser_of("ana"), browser_of("bea"), app.test_client()
    form = {"pairing": shown(tablet), "till": "bakery-1", "name": "Blue tablet"}
    assert browser_of("sam").post("/office/bakery/tablets", data=form).status_code == 303
    signed_in(tablet, browser_of)
    bills = [bea.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}).json for _ in range(5)]
    most = federation.settings.threads * 2 // 3

    with ExitStack() as opened:

        def watch(browser: FlaskClient, path: str) -> int:
            answer = browser.get(path)
            opened.callback(answer.close)
            return answer.status_code

        watched = [watch(ana, f"/b/{bills[turn % 5]['code']}/events") for turn in range(most)]
        at_tills = [watch(bea, EVENTS) for _turn in range(most)]

        assert watched == at_tills == [200] * (most // 4) + [204] * (most - most // 4)
        # The device on the counter is nobody's own.
        assert watch(tablet, EVENTS) == 200
        opened.close()
        assert watch(ana, f"/b/{bills[0]['code']}/events") == 200
