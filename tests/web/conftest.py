"""The fixtures of the web tests: a small federation behind the application, and browsers for its people."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.clock import Clock
from tests.conftest import database, on_server, settings
from tests.once import Engines
from tests.web.phone import MemberPhone
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import histories, members, network
from wallet.store import migrate, verify
from wallet.store.engine import snapshot

JSON = {"Accept": "application/json"}
# What our own scripts send that go on to the page: it comes with the answer, and refusals are JSON.
WITH_PAGE = {"Accept": "application/problem+json, text/html;q=0.9"}


@pytest.fixture(scope="session")
def migrated_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, engines: Engines) -> Path:
    """Found the small federation in one SQLite file that every web test then copies."""
    path = shutil.copyfile(migrated_sqlite, tmp_path_factory.mktemp("founded") / "wallet.sqlite3")
    founded(f"sqlite:///{path}", engines)
    return path


@pytest.fixture(scope="session")
def migrated_postgres(migrated_postgres: str, cluster: str, engines: Engines) -> str:
    """Found the small federation in one PostgreSQL database that every web test then copies."""
    on_server(cluster, f"CREATE DATABASE founded TEMPLATE {migrated_postgres}")
    founded(database(cluster, "founded"), engines)
    return migrated_postgres.replace("migrated", "founded")


@pytest.fixture
def federation(kit: Kit) -> Kit:
    """Give the small federation, which is in the database already."""
    return kit


def founded(url: str, engines: Engines) -> None:
    """Found the small federation in the migrated database at `url` and close it."""
    engine = engines.open(url)
    try:
        found(Kit(engine, Clock(), settings(url)))
    finally:
        engine.dispose()


def found(kit: Kit) -> None:
    """Found a federation: bakery and mill, Ana who works at the mill and has 10.00 RES, Bea who is the bakery's
    cashier, Sam its steward, Fay who facilitates, Cal who only shops."""
    network.found_federation(kit, "Valley", zone="Europe/Lisbon")
    for slug, name in (("bakery", "Bread & Roses"), ("mill", "The Mill")):
        network.admit_coop(kit, slug, 100_000, name=name)
        network.open_till(kit, slug, f"{slug}-1", "Counter 1")
    members.join(kit, "mill", "ana", name="Ana Reis", counter_name="Ana")
    members.join(kit, "bakery", "bea", name="Bea Luz", counter_name="Bea")
    members.join(kit, "bakery", "sam", name="Sam Vaz", counter_name="Sam")
    members.join(kit, "mill", "fay", name="Fay Cruz", counter_name="Fay")
    members.accept_customer(kit, "cal", name="Cal Dias", counter_name="Cal")
    members.grant(kit, "bea", "cashier", "bakery")
    members.grant(kit, "sam", "steward", "bakery")
    members.grant(kit, "fay", "facilitator")
    histories.pay(kit, "mill", "ana", 10_000, 480, key="first pay of ana")


@pytest.fixture
def staffed(federation: Kit) -> Kit:
    """Give Ana 300.00 RES, and the bakery a second steward, Tim, and a second cashier, Joy; Sam is a cashier, too."""
    histories.pay(federation, "mill", "ana", 290_000, 9_600, key="second pay of ana")
    members.grant(federation, "sam", "cashier", "bakery")
    for handle, role in (("tim", "steward"), ("joy", "cashier")):
        members.join(federation, "bakery", handle, name=handle.title(), counter_name=handle.title())
        members.grant(federation, handle, role, "bakery")
    return federation


def for_real_people(kit: Kit, clock: Clock) -> Flask:
    """Make the application of a federation that is no demo."""
    made = create_app(replace(kit.settings, secret_key=secrets.token_urlsafe(48)), engine=kit.engine, clock=clock)
    made.testing = True
    # Outside the demo one host is ours alone.
    made.config["SERVER_NAME"] = "localhost:8000"
    return made


@pytest.fixture
def app(request: pytest.FixtureRequest, federation: Kit, clock: Clock) -> Iterator[Flask]:
    """Give the application of the small federation: a demo, or one for real people where a test is marked so."""
    if request.node.get_closest_marker("for_real_people"):
        made = for_real_people(federation, clock)
    else:
        made = create_app(replace(federation.settings, demo=True), engine=federation.engine, clock=clock)
        made.testing = True
    yield made
    made.extensions["streams"].live.close()


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Give a browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def browser_of(app: Flask) -> Callable[[str], FlaskClient]:
    """Give a function that opens a browser in which the named person is signed in."""

    def opened(handle: str) -> FlaskClient:
        browser = app.test_client()
        assert browser.post("/demo/sign-in", json={"handle": handle}).status_code == 204
        return browser

    return opened


@pytest.fixture
def gus(federation: Kit, browser_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """Give the browser of a second facilitator."""
    members.join(federation, "mill", "gus", name="Gus Orth")
    members.grant(federation, "gus", "facilitator")
    return browser_of("gus")


@pytest.fixture
def brought(
    clock: Clock, tmp_path: Path, elsewhere: Callable[[str], sa.Engine]
) -> Iterator[tuple[Kit, Callable[[str], FlaskClient]]]:
    """Give the kit of an empty database, into which a history can be brought, and what opens a browser there."""
    there = settings(f"sqlite:///{tmp_path / 'brought.sqlite3'}")
    engine = elsewhere(there.database_url)
    migrate.upgrade(engine)
    made = create_app(replace(there, demo=True), engine=engine, clock=clock)
    made.testing = True

    def opened(handle: str) -> FlaskClient:
        browser = made.test_client()
        assert browser.post("/demo/sign-in", json={"handle": handle}).status_code == 204
        return browser

    yield Kit(engine, clock, there), opened
    made.extensions["streams"].live.close()
    with snapshot(engine) as connection:
        assert verify.check(connection) == [], "the books are broken after this test"


@pytest.fixture
def bea(browser_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """Give the browser of the bakery's cashier."""
    return browser_of("bea")


@pytest.fixture
def phone(federation: Kit) -> MemberPhone:
    """Give Ana's phone; she has 80.00 RES at the most of what she was paid."""
    return MemberPhone(federation, "ana")


def new_key() -> str:
    """Make the key of a money request, as a client does."""
    return str(uuid4())
