"""Live hints: they reach watchers in this process and in others, outlive a cut, and rest when nobody watches."""

import threading
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.web.conftest import new_key
from wallet.kit import Kit
from wallet.live import Live
from wallet.live.postgres import MESSAGE_BYTES, _messages
from wallet.services import payments
from wallet.store.engine import is_postgresql, make_engine

TOPIC = "till:bakery-1"
SOON = 3.0


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


def quiet(live: Live) -> None:
    """Wait until the first wake-up of a new listener is over."""
    with_first = live.subscribe("till:nothing")
    while with_first.wait(0.3):
        pass
    with_first.close()


def test_a_hint_wakes_who_watches_its_topic_and_nobody_else(here: Live) -> None:
    mine, other = here.subscribe(TOPIC), here.subscribe("till:mill-1")
    quiet(here)
    mine.wait(0.1), other.wait(0.1)

    here.hint(TOPIC, "bill:7K3MQ2XA")

    assert mine.wait(SOON) is not None
    assert other.wait(0.2) is None


def test_hints_that_come_close_together_are_one_and_revisions_grow(here: Live) -> None:
    mine = here.subscribe(TOPIC)
    quiet(here)
    while mine.wait(0.1):
        pass
    before = mine.rev
    for _ in range(50):
        here.hint(TOPIC)
    first = mine.wait(SOON)
    assert first is not None
    assert first > before
    count = 1
    while mine.wait(0.2):
        count += 1
    assert count <= 10


def test_a_bill_made_by_another_process_wakes_the_till_here(here: Live, elsewhere: Kit) -> None:
    mine, other = here.subscribe(TOPIC), here.subscribe("till:mill-1")
    quiet(here)
    mine.wait(0.1), other.wait(0.1)

    started = time.monotonic()
    payments.open_bill(elsewhere, "bakery-1", "bea", amount_minor=1250, cash_minor=0, note="", key=new_key())

    assert mine.wait(SOON) is not None
    assert time.monotonic() - started < 1.0
    assert other.wait(0.3) is None


def test_listening_goes_on_after_the_database_cut_the_connection(here: Live, elsewhere: Kit) -> None:
    if not is_postgresql(elsewhere.engine):
        return
    mine = here.subscribe(TOPIC)
    quiet(here)
    while mine.wait(0.2):
        pass
    with elsewhere.engine.connect() as connection:
        cut = connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'res-wallet live'")
        ).all()
    assert cut
    # Who comes back wakes everyone: something may have been missed.
    assert mine.wait(SOON) is not None
    while mine.wait(0.3):
        pass
    elsewhere.hint(TOPIC)
    assert mine.wait(SOON) is not None


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
