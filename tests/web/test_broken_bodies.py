"""A body that did not come whole is refused by a real server: nothing is made of half of it, and its key stays free."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.serving import Browser, served
from tests.web.conftest import new_key
from wallet.kit import Kit

# How a body arrives is the same to every kind of database.
pytestmark = pytest.mark.only_on("sqlite")

FORM, SCRIPT = "application/x-www-form-urlencoded", "application/json"
Send = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def send(federation: Kit) -> Iterator[Send]:
    """Give a function that sends bytes of a body to Bea's till, hangs up its side, and reads the answer."""
    with served(federation.settings.database_url) as port:
        bea = Browser(port).sign_in("bea")

        def sent(body: bytes, kind: str, *headers: str) -> tuple[int, dict[str, str]]:
            head = [
                "POST /tills/bakery-1/bills HTTP/1.1", f"Host: localhost:{port}", f"Cookie: {bea.cookie}",
                f"Accept: {SCRIPT}", f"Content-Type: {kind}", *headers,
            ]  # fmt: skip
            with socket.create_connection(("127.0.0.1", port), timeout=15) as line:
                line.sendall("\r\n".join([*head, "\r\n"]).encode() + body)
                line.shutdown(socket.SHUT_WR)
                answer = b""
                while part := line.recv(65_536):
                    answer += part
            status, _, rest = answer.partition(b"\r\n")
            return int(status.split()[1]), json.loads(rest.partition(b"\r\n\r\n")[2])

        yield sent


@pytest.fixture
def hurried(federation: Kit, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Serve with three threads and little patience; give the port."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--worker-class tests.hurried.Hurried")
    with served(federation.settings.database_url, threads=3) as port:
        yield port


def whole(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


@pytest.mark.parametrize("cut", [len("2.50"), len("50"), len("0")])
def test_a_form_that_is_cut_off_charges_no_smaller_sum_and_can_be_sent_again(send: Send, cut: int) -> None:
    body = f"key={new_key()}&amount=12.50".encode()

    status, refused = send(body[:-cut], FORM, whole(body))
    assert (status, refused["type"]) == (400, "bad_form")

    status, made = send(body, FORM, whole(body))
    assert (status, made["amount"]) == (201, "12.50")


def test_json_that_is_complete_before_its_body_is_does_not_count(send: Send) -> None:
    body = json.dumps({"amount": "12.50", "key": new_key()}).encode()

    status, refused = send(body, SCRIPT, f"Content-Length: {len(body) + 1}")
    assert (status, refused["type"]) == (400, "bad_form")
    assert send(body, SCRIPT, whole(body))[0] == 201


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-5\r\nabcde", b"5\r\nabcdeXX0\r\n\r\n", b"0\r\nfoo\r\n\r\n"])
def test_chunks_that_are_none_are_no_failure_of_the_wallet(send: Send, chunks: bytes) -> None:
    status, refused = send(chunks, SCRIPT, "Transfer-Encoding: chunked")
    assert (status, refused["type"]) == (400, "bad_form")


def test_requests_that_stop_arriving_give_their_threads_back(hurried: int) -> None:
    post = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
    head, body = b"GET / HTTP/1.1\r\nHost: loc", post + b"Content-Length: 50\r\n\r\n{"
    chunk = post + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"
    with ExitStack() as open_lines:
        for begun in (head, body, chunk):
            line = open_lines.enter_context(socket.create_connection(("127.0.0.1", hurried)))
            line.sendall(begun)
        time.sleep(0.5)

        assert Browser(hurried).ask("GET", "/healthz")[0] == 200


def test_answers_that_nobody_takes_give_their_threads_back(hurried: int) -> None:
    _status, page = Browser(hurried).ask("GET", "/")
    (styles,) = re.findall(rb'"(/static/\S+/wallet.css)"', page)
    get = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % styles
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(socket.create_connection(("127.0.0.1", hurried))) for _ in range(3)]
        # More than the machine itself keeps for who does not read; on a busy one they are hung up on meanwhile.
        for line in lines * 100:
            with suppress(ConnectionError):
                line.sendall(get)
            time.sleep(0.002)

        assert Browser(hurried).ask("GET", "/healthz")[0] == 200


def test_a_stream_stays_open_for_longer_than_a_request_may_take_to_arrive(hurried: int) -> None:
    bea = Browser(hurried).sign_in("bea")
    with bea.stream("/tills/bakery-1/events") as stream:
        stream.begin()
        time.sleep(3)
        instant = time.time_ns() // 1_000_000
        bea.ask("POST", "/tills/bakery-1/bills", {"amount": "2.00", "key": new_key()})
        assert stream.event_after(instant)
