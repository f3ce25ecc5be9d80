"""Live hints: they reach watchers in this process and in others, outlive a cut, and rest when nobody watches."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
import sqlalchemy as sa

from tests.web.conftest import new_key
from wallet.kit import Kit
from wallet.live import Live, worker
from wallet.live.postgres import MESSAGE_BYTES, _messages
from wallet.services import payments
from wallet.store.engine import is_postgresql, make_engine

TOPIC = "till:bakery-1"
PATIENCE_SECONDS = 60.0
# What is slow is so each time; what only met with other work of the machine is not.
TRIES = 3
Settle = Callable[[], None]


@pytest.fixture
def here(federation: Kit) -> Iterator[Live]:
    """Give the live hints of this process."""
    live = Live(federation.engine)
    yield live
    live.close()


@pytest.fixture
def elsewhere(federation: Kit) -> Iterator[Kit]:
    """Give a kit as another process has it: an engine and live hints of its own."""
    engine = make_engine(federation.settings.database_url)
    live = Live(engine)
    yield Kit(engine, federation.clock, federation.settings, hint=live.hint)
    live.close()
    engine.dispose()


def live_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("live-")}


@pytest.fixture
def settle(here: Live, elsewhere: Kit) -> Settle:
    """Give a function that waits until a listener has told everybody what it tells when it has just begun."""
    # A listener tells one thing after another; PostgreSQL's tells what others say, SQLite's what is said here, too.
    say = elsewhere.hint if is_postgresql(elsewhere.engine) else here.hint

    def settled() -> None:
        fence = here.subscribe("till:nothing")
        until = time.monotonic() + PATIENCE_SECONDS
        # The first may be what it begins with, of which others have not heard yet.
        for _turn in range(2):
            say("till:nothing")
            while fence.wait(0.1) is None:
                assert time.monotonic() < until, "nobody listens"
                say("till:nothing")
        fence.close()

    return settled


def test_a_hint_wakes_who_watches_its_topic_and_nobody_else(here: Live, settle: Settle) -> None:
    mine, other = here.subscribe(TOPIC), here.subscribe("till:mill-1")
    settle()
    mine.wait(0), other.wait(0)

    here.hint(TOPIC, "bill:7K3MQ2XA")

    assert mine.wait(PATIENCE_SECONDS) is not None
    assert other.wait(0.2) is None


def test_hints_that_come_close_together_are_one_and_revisions_grow(here: Live, settle: Settle) -> None:
    mine = here.subscribe(TOPIC)
    settle()
    mine.wait(0)
    before = mine.rev
    for _ in range(50):
        here.hint(TOPIC)
    first = mine.wait(PATIENCE_SECONDS)
    assert first is not None
    assert first > before
    count = 1
    while mine.wait(0.2):
        count += 1
    assert count <= 10


def test_a_bill_made_by_another_process_wakes_the_till_here(here: Live, elsewhere: Kit, settle: Settle) -> None:
    mine, other = here.subscribe(TOPIC), here.subscribe("till:mill-1")

    def waited() -> float:
        settle()
        mine.wait(0), other.wait(0)
        started = time.monotonic()
        payments.open_bill(elsewhere, "bakery-1", "bea", amount_minor=1250, cash_minor=0, note="", key=new_key())
        assert mine.wait(PATIENCE_SECONDS) is not None
        return time.monotonic() - started

    assert any(waited() < 1.0 for _try in range(TRIES))
    assert other.wait(0.3) is None


@pytest.mark.only_on("postgresql")
def test_listening_goes_on_after_the_database_cut_the_connection(here: Live, elsewhere: Kit, settle: Settle) -> None:
    mine = here.subscribe(TOPIC)
    settle()
    mine.wait(0)
    with elsewhere.engine.connect() as connection:
        cut = connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'res-wallet live'")
        ).all()
    assert cut
    # Who comes back wakes everyone: something may have been missed.
    assert mine.wait(PATIENCE_SECONDS) is not None
    settle()
    mine.wait(0)
    elsewhere.hint(TOPIC)
    assert mine.wait(PATIENCE_SECONDS) is not None


def test_threads_end_when_they_are_closed(federation: Kit) -> None:
    before = live_threads()
    live = Live(federation.engine)
    subscription = live.subscribe(TOPIC)
    live.hint(TOPIC)
    assert live_threads() - before
    subscription.close()
    live.close()
    assert not live_threads() - before


def test_a_hint_that_nobody_watches_starts_no_listener(here: Live) -> None:
    before = live_threads()
    here.hint(TOPIC)
    assert {thread.name for thread in live_threads() - before} <= {"live-sender"}


def test_many_topics_go_in_messages_that_the_database_takes() -> None:
    topics = {f"till:{number:060d}é" for number in range(500)}
    messages = list(_messages("mark", topics))
    assert all(len(message.encode()) <= MESSAGE_BYTES for message in messages)
    assert {line for message in messages for line in message.split("\n")[1:]} == topics


def test_a_thread_goes_on_after_an_error_that_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    tries, worked = count(1), threading.Event()

    def work() -> None:
        if next(tries) == 1:
            raise OSError("too many open files")
        worked.set()

    thread = worker.BackgroundThread("live-test", work, lambda: not worked.is_set())
    thread.ensure()

    assert worked.wait(PATIENCE_SECONDS)
    thread.join()


def test_a_thread_that_cannot_start_fails_nobody_and_starts_when_it_is_needed_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    worked = threading.Event()
    thread = worker.BackgroundThread("live-test", worked.set, lambda: False)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        thread.ensure()
    assert not worked.is_set()

    thread.ensure()

    assert worked.wait(PATIENCE_SECONDS)
    thread.join()
