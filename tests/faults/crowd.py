"""A crowd that pays one bill after another and asks again with the same key until it is answered."""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import sqlalchemy as sa

from tests import cast
from tests.serving import Browser
from wallet.kit import Kit
from wallet.services import network
from wallet.store.engine import snapshot
from wallet.store.verify import check

PAYERS = ("ana", "dee", "ben", "ana")
TILLS = (("bakery-1", "ben"), ("bakery-2", "ben"), ("mill-1", "dee"), ("bakery-1", "ben"))
# Nothing is stuck for longer than this: on a busy machine it takes minutes to stop a server and start the next.
PATIENCE_SECONDS = 240
SALES = sa.text("SELECT ref FROM transfers WHERE kind = 'sale'")


def town(kit: Kit) -> None:
    """Build the cast under another name: a demo's own federation would be taken for one that was cut off."""
    network.found_federation(kit, "Town")
    cast.build(kit)


class Crowd:
    """Let several people pay one bill after another, each asking again with the same key until it is paid."""

    def __init__(self, port: int) -> None:
        self.port, self.over = port, False
        self.receipts: list[str] = []
        self.doubts: list[str] = []

    def insist(self, browser: Browser, path: str, body: dict[str, object]) -> dict[str, str]:
        """Send a request until it is answered by what was done."""
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE_SECONDS:
            try:
                status, said = browser.ask("POST", path, body)
            except (OSError, http.client.HTTPException) as error:
                self.doubts.append(type(error).__name__)
            else:
                if status == 201:
                    assert time.monotonic() < began + PATIENCE_SECONDS
                    return dict(said)
                assert (status, said.get("type")) == (503, "busy"), said
                self.doubts.append("busy")
            time.sleep(0.05)
        raise AssertionError(f"no answer to {path} for {PATIENCE_SECONDS} s")

    def pay(self, till: str, at_till: Browser, payer: Browser) -> None:
        """Pay one cent after another until it is over."""
        while not self.over:
            made = self.insist(at_till, f"/tills/{till}/bills", {"amount": "0.01", "key": str(uuid4())})
            payment = {"key": str(uuid4()), "confirm": True}
            first = self.insist(payer, f"/b/{made['code']}/pay", payment)
            assert self.insist(payer, f"/b/{made['code']}/pay", payment) == first
            self.receipts.append(first["receipt"])


@contextmanager
def paying(port: int) -> Iterator[Crowd]:
    """Have the crowd pay meanwhile; afterwards each of them must have come to an end by themselves."""
    crowd = Crowd(port)
    # Nobody is still about to sign in, which is done without a key, when the server goes.
    everybody = [
        (till, Browser(port).sign_in(cashier), Browser(port).sign_in(payer))
        for (till, cashier), payer in zip(TILLS, PAYERS, strict=True)
    ]
    with ThreadPoolExecutor(len(everybody)) as pool:
        ends = [pool.submit(crowd.pay, *each) for each in everybody]
        try:
            yield crowd
        finally:
            crowd.over = True
        for end in ends:
            end.result()


def wait_for_more(crowd: Crowd, receipts: int) -> None:
    """Wait until so many more payments have gone through."""
    until, wanted = time.monotonic() + PATIENCE_SECONDS, len(crowd.receipts) + receipts
    while len(crowd.receipts) < wanted:
        assert time.monotonic() < until, f"payments stand still: {crowd.doubts[-5:]}"
        time.sleep(0.02)


def wait_for_doubts(crowd: Crowd, doubts: int) -> None:
    """Wait until so many requests have been answered by nothing or by busy."""
    until = time.monotonic() + PATIENCE_SECONDS
    while len(crowd.doubts) < doubts:
        assert time.monotonic() < until, "nobody noticed"
        time.sleep(0.02)


def require_paid_once(engine: sa.Engine, crowd: Crowd) -> None:
    """Expect that the journal holds just the payments that were answered, and that the books are sound."""
    with snapshot(engine) as connection:
        assert sorted(connection.execute(SALES).scalars()) == sorted(crowd.receipts)
        assert check(connection) == []
