"""A database that does not answer: everybody reads that the wallet is busy, on a page or as a problem."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

import wallet.store.engine
from tests.clock import Clock
from tests.web.conftest import JSON, new_key
from tests.web.page import Page
from wallet.kit import Kit
from wallet.services import payments
from wallet.store.engine import is_postgresql
from wallet.web.current import public

HTML = {"Accept": "text/html"}
READ = ("/", "/growth", "/notices", "/you/security", "/activity")


@pytest.fixture
def ana(browser_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """Give the browser of a member who is signed in."""
    return browser_of("ana")


@pytest.fixture
def bill(federation: Kit) -> str:
    """Open a bill at the bakery; give its code."""
    return payments.open_bill(federation, "bakery-1", "bea", amount_minor=1_00, key=new_key()).code


@contextmanager
def gone(engine: sa.Engine) -> Iterator[list[int]]:
    """Let nobody connect to the database any more; give a list that grows with every try."""
    tries: list[int] = []

    def refused(*_given: object) -> None:
        tries.append(len(tries))
        raise engine.dialect.loaded_dbapi.OperationalError("nobody there")

    engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.pool, "_creator", refused)
        yield tries


@contextmanager
def failing_at(engine: sa.Engine, number: int) -> Iterator[list[str]]:
    """Have the statement `number` from now on fail; give a list that holds it once it did."""
    left, fired = [number], list[str]()

    def before(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            fired.append(statement)
            raise sa.exc.OperationalError(statement, {}, engine.dialect.loaded_dbapi.OperationalError("cut"))

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield fired
    finally:
        event.remove(engine, "before_cursor_execute", before)


@contextmanager
def reads_only(engine: sa.Engine) -> Iterator[None]:
    """Let the database take reads alone, as a standby does after the first one is gone."""
    sets = "SET default_transaction_read_only = on" if is_postgresql(engine) else "PRAGMA query_only = on"

    def checked_out(raw: Any, *_others: object) -> None:
        raw.execute(sets)

    event.listen(engine, "checkout", checked_out)
    try:
        yield
    finally:
        event.remove(engine, "checkout", checked_out)
        engine.dispose()


@contextmanager
def written_elsewhere(engine: sa.Engine) -> Iterator[None]:
    """Let another process be in the middle of a write to SQLite, and nobody wait for it as long as in production."""
    engine.dispose()
    with pytest.MonkeyPatch.context() as patch, closing(sqlite3.connect(str(engine.url.database))) as other:
        patch.setattr(wallet.store.engine, "TRY_SECONDS", 0.4)
        patch.setattr(wallet.store.engine, "PATIENCE_SECONDS", 0.6)
        other.execute("BEGIN IMMEDIATE")
        yield
    engine.dispose()


@pytest.mark.parametrize("address", ["/", "/activity", "/b/{bill}", "/sign-in", "/outage", "/readyz"])
def test_who_is_signed_in_reads_a_page_that_says_the_wallet_is_busy(
    kit: Kit, ana: FlaskClient, bill: str, address: str
) -> None:
    with gone(kit.engine) as tries:
        answer = ana.get(address.format(bill=bill), headers=HTML)

    assert tries
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, "text/html", "1")
    page = Page(answer.text)
    assert "cannot reach its books right now Load the page again" in page.text or "Looking changes nothing" in page.text
    assert "?" in page.links


@pytest.mark.parametrize("address", ["/b/{bill}/pay", "/sign-out", "/gifts"])
def test_what_was_sent_is_on_the_page_and_can_be_sent_again(
    kit: Kit, ana: FlaskClient, bill: str, address: str
) -> None:
    path, sent = address.format(bill=bill), {"key": new_key(), "to": "cal", "amount": "1.00"}
    with gone(kit.engine):
        answer = ana.post(path, data=sent, headers=HTML)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert Page(answer.text).forms[path] == sent
    assert "We do not know whether this was done. Send the same again" in Page(answer.text).text


def test_the_log_says_what_the_database_said(kit: Kit, ana: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with gone(kit.engine):
        ana.get("/activity")

    assert "The database does not answer: OperationalError: nobody there" in caplog.text


def test_scripts_read_a_problem(kit: Kit, ana: FlaskClient, bill: str) -> None:
    with gone(kit.engine):
        answers = [ana.get("/activity", headers=JSON), ana.post(f"/b/{bill}/pay", json={"key": new_key()})]

    assert [(answer.status_code, answer.get_json()["type"]) for answer in answers] == [(503, "busy")] * 2
    assert {answer.headers["Retry-After"] for answer in answers} == {"1"}


@pytest.mark.parametrize("address", ["/nowhere", "/static/x"])
def test_an_unknown_address_is_unknown_without_the_database(kit: Kit, ana: FlaskClient, address: str) -> None:
    with gone(kit.engine) as tries:
        answer = ana.get(address, headers=HTML)

    assert tries
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_fault_of_ours_is_said_on_a_page_without_the_database(app: Flask, kit: Kit, ana: FlaskClient) -> None:
    @public
    def broken() -> str:
        raise ZeroDivisionError

    app.view_functions["outage.show"] = broken
    with gone(kit.engine) as tries:
        answer = ana.get("/outage", headers=HTML)

    assert tries
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "Something went wrong here" in Page(answer.text).text


@pytest.mark.parametrize(
    ("revision", "said"), [("9999", "newer version of the wallet"), ("0037", "database is behind")]
)
def test_what_fails_on_the_schema_of_another_version_is_busy_until_they_fit(
    app: Flask, kit: Kit, ana: FlaskClient, caplog: pytest.LogCaptureFixture, revision: str, said: str
) -> None:
    @public
    def changed() -> str:
        raise AttributeError("a column that is not there")

    app.view_functions["outage.show"] = changed
    with kit.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    answer = ana.get("/outage", headers=HTML)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert said in caplog.text
    assert "AttributeError" in caplog.text


def test_wherever_the_database_fails_under_a_payment_that_is_refused_it_is_busy_or_refused(
    kit: Kit, ana: FlaskClient, bill: str
) -> None:
    payments.cancel_bill(kit, bill, "bea")
    found = []
    for number in range(1, 40):
        with failing_at(kit.engine, number) as fired:
            answer = ana.post(f"/b/{bill}/pay", json={"key": new_key()}, headers=JSON)
        found.append((answer.status_code, answer.get_json()["type"]))
        if not fired:
            break

    assert found[-1] == (410, "bill_cancelled"), "the last round was without a fault"
    assert len(found) > 1
    assert set(found[:-1]) == {(503, "busy")}


def test_a_database_that_takes_reads_alone_is_busy_for_who_writes(
    kit: Kit, browser_of: Callable[[str], FlaskClient], bill: str, balances: Callable[[], dict[str, int]]
) -> None:
    ana, bea, before = browser_of("ana"), browser_of("bea"), balances()
    with reads_only(kit.engine):
        answers = [
            ana.post("/gifts", json={"to": "cal", "amount": "1.00", "key": new_key()}),
            ana.post(f"/b/{bill}/pay", json={"key": new_key()}),
            ana.post("/you/security/sessions/end-all", json={}),
            ana.post("/sign-out", json={}),
            bea.post("/tills/bakery-1/bills", json={"amount": "1.00", "key": new_key()}),
        ]
        page = ana.post(f"/b/{bill}/pay", data={"key": new_key()}, headers=HTML)
        read = ana.get("/activity", headers=HTML)

    assert [(answer.status_code, answer.get_json()["type"]) for answer in answers] == [(503, "busy")] * 5
    assert (page.status_code, page.mimetype, page.headers["Retry-After"]) == (503, "text/html", "1")
    assert read.status_code == 200
    assert balances() == before
    assert ana.post(f"/b/{bill}/pay", json={"key": new_key()}).status_code == 201


@pytest.mark.parametrize("without_writes", [reads_only, written_elsewhere])
def test_whoever_reads_is_answered_by_a_database_that_takes_no_writes(
    kit: Kit, clock: Clock, browser_of: Callable[[str], FlaskClient], without_writes: Any
) -> None:
    if without_writes is written_elsewhere and is_postgresql(kit.engine):
        pytest.skip("who reads there waits for nobody")
    clock.advance(hours=1)
    given = browser_of("ana").post("/gifts", json={"to": "cal", "amount": "1.00", "key": new_key()})
    assert given.status_code == 201
    # A month is over whose figures nobody has kept yet.
    clock.advance(days=40)
    cal = browser_of("cal")
    with without_writes(kit.engine):
        found = {page: cal.get(page, headers=HTML).status_code for page in READ}

    assert found == dict.fromkeys(READ, 200)
    assert '<span class="news">' in cal.get("/", headers=HTML).text


@pytest.mark.only_on("sqlite")
def test_nobody_waits_long_for_a_writer_that_does_not_come_to_an_end(
    kit: Kit, browser_of: Callable[[str], FlaskClient]
) -> None:
    browsers = [browser_of("ana") for _ in range(6)]
    sent = [{"to": "cal", "amount": f"0.1{number}", "key": new_key()} for number in range(6)]

    def give(number: int) -> tuple[int, str | None, float]:
        began = time.monotonic()
        answer = browsers[number].post("/gifts", json=sent[number])
        return answer.status_code, answer.headers.get("Retry-After"), time.monotonic() - began

    with written_elsewhere(kit.engine), ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(give, range(6)))
        read = browsers[0].get("/activity", headers=HTML)

    assert {answer[:2] for answer in answers} == {(503, "1")}
    assert min(answer[2] for answer in answers) >= 0.6
    assert max(answer[2] for answer in answers) < 10, (
        "without an end in all everybody waits for eight tries of each of the others"
    )
    assert read.status_code == 200
    assert [give(number)[0] for number in range(6)] == [201] * 6
