"""A week at five tills by chance: what was signed equals the ledger's sums, and so does every sheet of lines."""

import csv
import shutil
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import cast
from tests.clock import Clock
from tests.conftest import DATABASES, database, on_server
from tests.counter_week import KINDS, TILLS, Week
from wallet.config import Settings
from wallet.domain.money import format_amount, parse_amount
from wallet.domain.transfer import Circumstance, Order
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import histories, members, network
from wallet.store import keys, ledger, tills, verify
from wallet.store.engine import make_engine, reading, snapshot, write
from wallet.store.keys import Made

JSON = {"Accept": "application/json"}
# 2.00 is what spreadsheets love to turn into 2; a sum of one unit and one above every limit stand beside it.
SUMS = st.sampled_from([1, 2_00, 2_50, 9_99, 130_00, 1_234_56])
ACTS = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "sell", "sell", "close"]),
        st.sampled_from(TILLS),
        SUMS,
        st.integers(0, 100),
        st.integers(1, 36 * 60),
    ),
    min_size=20,
    max_size=60,
)
Act = tuple[str, str, int, int, int]
# Each kind, with sums below and above what one person may do alone, with somebody who agrees and with nobody in time.
EVERYTHING: list[Act] = [
    (kind, TILLS[number % 3], total, part, 2)
    for number, (kind, total, part) in enumerate((
        ("sell", 1_234_56, 0), ("sell", 2_00, 0), ("cash", 2_00, 0), ("sticker", 2_50, 0),
        ("code", 9_99, 0), ("code", 130_00, 0), ("code", 130_00, 1), ("outage", 2_00, 0),
        ("refund", 130_00, 0), ("refund", 130_00, 1), ("refund", 2_00, 2), ("correct", 2_50, 3),
        ("dispute", 9_99, 4), ("dispute", 2_00, 6), ("close", 1, 0), ("fund", 1, 0),
        ("supply", 2_00, 0), ("supply", 1_234_56, 0), ("supply", 1_234_56, 1), ("buy", 2_00, 0),
    ))
]  # fmt: skip
Shops = Callable[[], AbstractContextManager[tuple[Kit, Clock, Flask]]]


@pytest.fixture(scope="module")
def built_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the shop once in an SQLite file, which every week then copies."""
    path = shutil.copyfile(migrated_sqlite, tmp_path_factory.mktemp("shop") / "wallet.sqlite3")
    build(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def built_postgres(cluster: str, migrated_postgres: str) -> Iterator[str]:
    """Build the shop once in PostgreSQL; give the name and the quickest way to copy it."""
    on_server(cluster, f"CREATE DATABASE shop TEMPLATE {migrated_postgres}")
    build(database(cluster, "shop"))
    yield migrated_postgres.replace("migrated", "shop", 1)
    on_server(cluster, "DROP DATABASE shop WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def shops(request: pytest.FixtureRequest, tmp_path: Path) -> Shops:
    """Give a function that opens a shop in a fresh database of each kind."""
    built = request.getfixturevalue("built_sqlite" if request.param == "sqlite" else "built_postgres")

    @contextmanager
    def opened() -> Iterator[tuple[Kit, Clock, Flask]]:
        name = f"week_{uuid.uuid4().hex}"
        if request.param == "sqlite":
            url = f"sqlite:///{shutil.copyfile(built, tmp_path / name)}"
        else:
            cluster = request.getfixturevalue("cluster")
            on_server(cluster, f"CREATE DATABASE {name} TEMPLATE {built}")
            url = database(cluster, name)
        kit, clock = kit_of(url)
        app = create_app(kit.settings, engine=kit.engine, clock=clock)
        try:
            yield kit, clock, app
        finally:
            app.extensions["streams"].live.close()
            kit.engine.dispose()
            if request.param == "postgresql":
                on_server(cluster, f"DROP DATABASE {name} WITH (FORCE)")

    return opened


def kit_of(url: str) -> tuple[Kit, Clock]:
    clock = Clock()
    here = Settings(database_url=url, secret_key="for tests only: a secret of more than 32 letters", demo=True)
    return Kit(make_engine(url), clock, here), clock


def build(url: str) -> None:
    """Build the cast, five tills at the bakery, two stewards of the mill, and RES enough for Ana."""
    kit, _clock = kit_of(url)
    cast.build(kit)
    for till in TILLS[2:]:
        network.open_till(kit, "bakery", till, f"Counter {till[-1]}")
    for handle in ("ana", "dee"):
        members.grant(kit, handle, "steward", "mill")
    histories.pay(kit, "clinic", "ana", 60_000_00, 9_600, key="second pay of ana")
    kit.engine.dispose()


def sums_of_the_ledger(kit: Kit) -> dict[int, tuple[int, int, int]]:
    """Sum up by shift what the journal says, in Python: lines, RES and cash."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    asked = sa.text(
        "SELECT shift_id, kind, amount_minor, cash_minor FROM transfers"
        " WHERE kind IN ('sale', 'refund', 'supply') AND shift_id IS NOT NULL"
    )
    with reading(kit.engine) as connection:
        for shift, kind, res, cash in connection.execute(asked):
            sign = -1 if kind == "refund" else 1
            found[shift][0] += 1
            found[shift][1] += sign * res
            found[shift][2] += sign * cash
    return {shift: (lines, res, cash) for shift, (lines, res, cash) in found.items()}


def check(kit: Kit, app: Flask, week: Week) -> int:
    """Hold each report and each sheet against the ledger; give how many lines the longest sheet has."""
    browsers = {who: signed_in(app, who) for who in ("ben", "dee")}
    ledger_says, most, listed = sums_of_the_ledger(kit), 0, set[str]()
    for till, shift in week.closed:
        browser = browsers[week.cashier(till)]
        told = browser.get(f"/tills/{till}/shifts/{shift}", headers=JSON).get_json()
        rows = list(csv.DictReader(StringIO(browser.get(f"/tills/{till}/shifts/{shift}/lines.csv").text)))
        lines, res, cash = ledger_says.pop(shift, (0, 0, 0))
        assert told["taken"] == {"res": format_amount(res), "cash": format_amount(cash)}
        parts = [(minor(row["res"]), minor(row["cash"])) for row in rows]
        assert (len(rows), sum(part[0] for part in parts), sum(part[1] for part in parts)) == (lines, res, cash)
        assert all(not row["note"].startswith("=") for row in rows)
        listed |= {row["receipt"] for row in rows}
        most = max(most, len(rows))
    assert ledger_says == {}, "a sale is in no shift that was closed"
    assert week.confirmed <= listed, "a line that a tablet has confirmed after an outage is in a sheet"
    with snapshot(kit.engine) as connection:
        assert verify.check(connection) == []
        held = sa.text("SELECT SUM(a.balance_minor) FROM accounts a JOIN tills t ON t.account_id = a.id")
        assert connection.execute(held).scalar_one() == 0
    return most


def signed_in(app: Flask, who: str) -> FlaskClient:
    browser = app.test_client()
    browser.post("/demo/sign-in", json={"handle": who})
    return browser


def minor(written: str) -> int:
    return -parse_amount(written[1:]) if written.startswith("-") else parse_amount(written)


def live_through(shops: Shops, acts: list[Act]) -> Counter[str]:
    """Live through a week and hold its reports against the ledger; count what came of each kind of act."""
    with shops() as (kit, clock, app):
        week = Week(kit, clock)
        for act in acts:
            week.act(*act)
        week.end()
        check(kit, app, week)
        return week.done


def test_the_closing_reports_of_a_week_in_which_everything_happens_are_the_ledgers_sums(shops: Shops) -> None:
    done = live_through(shops, EVERYTHING)

    assert set(done) == {*KINDS, "agreed", "not agreed", "approved", "not approved"} - {"lapse"}
    assert (done["code"], done["refund"], done["supply"], done["dispute"]) == (3, 3, 3, 2), "none was refused"


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_closing_reports_of_a_week_with_five_tills_are_the_ledgers_sums(shops: Shops, acts: list[Act]) -> None:
    live_through(shops, acts)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_closing_reports_of_many_weeks_are_the_ledgers_sums(shops: Shops, acts: list[Act]) -> None:
    live_through(shops, acts)


@pytest.mark.parametrize("shops", ["sqlite"], indirect=True)
def test_a_sheet_of_more_than_a_thousand_lines_is_complete(shops: Shops) -> None:
    with shops() as (kit, clock, app):
        week = Week(kit, clock)
        week.act("sell", "bakery-1", 2_00, 1, 1)

        def many(connection: sa.Connection) -> None:
            place = tills.at_till(connection, "bakery-1", "ben")
            shift = tills.shift_of(connection, place, clock())
            first = ledger.find_sale(connection, next(iter(week.sold)))
            for number in range(1_200):
                where = Circumstance("bakery-1", shift, place.cashier_id, None, f"slip {number}", None)
                order = Order(ledger.new_ref(), clock(), first.debit_id, first.credit_id, 2, 1, place.coop_id, where)
                posted = ledger.post_sale(connection, order, kit.charter)
                keys.claim(connection, "ref", f"many {number}", "", Made("sale", posted.ref), clock())

        write(kit.engine, many)
        week.end()

        assert check(kit, app, week) == 1_201
