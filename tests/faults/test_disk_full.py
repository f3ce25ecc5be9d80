"""A disk that is full: who pays hears that the wallet is busy, and the same goes through once there is room again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests import cast
from tests.clock import Clock
from tests.persona import sign_in
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.store.engine import is_postgresql, snapshot
from wallet.store.verify import check

# SQLite has some room left in the pages that it has; PostgreSQL is told to have none.
MANY = 400
NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION no_room();
"""


@pytest.fixture
def app(kit: Kit) -> Iterator[Flask]:
    """Give the application of the cast."""
    cast.build(kit)
    made = create_app(kit.settings, engine=kit.engine, clock=kit.clock)
    yield made
    made.extensions["streams"].live.close()


@contextmanager
def full(engine: sa.Engine) -> Iterator[None]:
    """Let the database have no room for more than it holds."""

    def no_more(raw: Any, *_others: object) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        assert raw.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0] == pages

    with engine.begin() as connection:
        if is_postgresql(engine):
            connection.exec_driver_sql(NO_ROOM)
    engine.dispose()
    if not is_postgresql(engine):
        event.listen(engine, "connect", no_more)
    try:
        yield
    finally:
        engine.dispose()
        if is_postgresql(engine):
            with engine.begin() as connection:
                connection.exec_driver_sql("DROP TRIGGER no_room ON transfers")
        else:
            event.remove(engine, "connect", no_more)


def signed_in(app: Flask, kit: Kit, handle: str) -> FlaskClient:
    browser = app.test_client()
    browser.set_cookie("wallet", sign_in(kit, handle), domain="localhost")
    return browser


def sold(kit: Kit) -> int:
    with kit.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT COUNT(*) FROM transfers WHERE kind = 'sale'")).scalar_one())


def test_nothing_is_half_done_on_a_full_disk_and_it_goes_on_when_there_is_room(
    app: Flask, kit: Kit, clock: Clock
) -> None:
    ana, ben = signed_in(app, kit, "ana"), signed_in(app, kit, "ben")
    base = {"base_url": "http://localhost:8000"}

    def one(bill: str, payment: str) -> tuple[int, str, str | None]:
        answer = ben.post("/tills/bakery-1/bills", json={"amount": "0.01", "key": bill}, **base)
        if answer.status_code == 201:
            code = answer.get_json()["code"]
            answer = ana.post(f"/b/{code}/pay", json={"key": payment, "confirm": True}, **base)
        return answer.status_code, answer.get_json().get("type", ""), answer.headers.get("Retry-After")

    with full(kit.engine):
        keys, done = (str(uuid4()), str(uuid4())), 0
        while done < MANY and (said := one(*keys))[0] == 201:
            clock.advance(minutes=1)
            keys, done = (str(uuid4()), str(uuid4())), done + 1

        assert said == (503, "busy", "1"), "it was full in the end"
        assert sold(kit) == done
        assert ana.get("/activity", **base).status_code == 200
        with snapshot(kit.engine) as connection:
            assert check(connection) == []

    assert [one(*keys)[0], one(*keys)[0]] == [201, 201]
    assert sold(kit) == done + 1
