"""The doctor: what is in order, what is worth a look, and what must be mended before members come."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result

from tests.conftest import database, on_server
from wallet import assets
from wallet.domain.demo.people import RUNS_AT
from wallet.domain.demo.places import BY_SLUG, FEDERATION
from wallet.factory import create_app
from wallet.kit import Kit
from wallet.services import invitations, network
from wallet.services.invitations import Offer
from wallet.store import halts, migrate
from wallet.store.engine import is_postgresql, make_engine, write

STRONG = "kq7Vd0mXJw4sTzB1nRfYc8LhGpUeA2xE"
Run = Callable[..., Result]


@pytest.fixture
def run(kit: Kit, elsewhere: Callable[[str], sa.Engine]) -> Run:
    """Run the doctor on a deployment in order, but for the settings that differ."""

    def doctor(url: str = "", **differing: object) -> Result:
        known = replace(kit.settings, secret_key=STRONG, origin="https://wallet.example", demo=False)
        engine = elsewhere(url) if url else kit.engine
        app = create_app(known, engine=engine, clock=kit.clock)
        # A server refuses to start with some of them, a command does not.
        app.extensions["kit"] = replace(kit, engine=engine, settings=replace(known, **differing))  # type: ignore[arg-type]
        return app.test_cli_runner().invoke(args=["doctor"])

    return doctor


def test_a_deployment_in_order_passes(kit: Kit, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallet.cli.doctor.CLOCK_MAY_DIFFER", timedelta.max)
    monkeypatch.setattr("wallet.store.health.RISKY", ())
    network.found_federation(kit, "Valley", zone="Asia/Kathmandu")
    told = run()

    assert told.exit_code == 0, told.output
    assert "The database is " + ("PostgreSQL" if is_postgresql(kit.engine) else "SQLite") in told.output
    assert "midnight in Asia/Kathmandu" in told.output
    assert "BAD" not in told.output


@pytest.mark.parametrize(
    ("differing", "said"),
    [({"secret_key": "change me"}, "SECRET_KEY is missing, weak"), ({"origin": "http://wallet.example"}, "need https")],
)
def test_what_would_hurt_members_is_bad(run: Run, differing: dict[str, object], said: str) -> None:
    told = run(**differing)

    assert told.exit_code == 1
    assert [said in line for line in told.stdout.splitlines() if line.startswith("BAD")].count(True) == 1


@pytest.mark.parametrize("origin", ["https://192.168.1.2", "https://[::1]", "http://127.0.0.1:8250"])
def test_an_origin_for_which_browsers_make_no_passkey_is_bad_where_people_are_real(run: Run, origin: str) -> None:
    said = f"BAD  WALLET_ORIGIN is {origin}: browsers make no passkey for an IP address"
    told = run(origin=origin)

    assert (told.exit_code, said in told.output, f"reach it at {origin}" in told.output) == (1, True, False)
    assert f"ok   Members reach it at {origin}." in run(origin=origin, demo=True).output


def test_stopped_payments_and_a_schema_that_is_behind_are_bad(kit: Kit, run: Run, tmp_path: Path) -> None:
    write(kit.engine, lambda connection: halts.stop(connection, "a test", kit.clock()))
    assert "BAD  Payments are stopped since 2026-03-02 12:00 UTC" in run().output

    (tmp_path / "empty.sqlite3").touch()
    empty = run(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert (empty.exit_code, f"BAD  {migrate.BEHIND}" in empty.output) == (1, True)


def test_a_database_in_the_folder_of_one_version_is_worth_a_look_outside_the_demo(
    kit: Kit, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, there = "look The database is a file in the folder of this version", f"sqlite:///{tmp_path / 'w.sqlite3'}"
    assert said not in run().output
    assert run(there).exit_code == 2
    assert said not in run(there).output

    monkeypatch.setattr("wallet.cli.doctor.ROOT", tmp_path)
    assert said in run(there).output, "before it is made"
    assert (said in run().output) == (not is_postgresql(kit.engine))
    assert said not in run(there, demo=True).output


def test_a_demo_that_was_cut_off_is_bad(kit: Kit, run: Run) -> None:
    assert "cut off" not in run(demo=True).output
    network.found_federation(kit, FEDERATION)

    told = run(demo=True)
    assert (told.exit_code, "BAD  The demo was cut off while it was filled" in told.output) == (1, True)


def test_the_demos_federation_is_bad_where_people_are_real(kit: Kit, run: Run) -> None:
    said = "BAD  The federation is the demo's"
    network.found_federation(kit, FEDERATION)
    assert said not in run().output, "a name is anybody's"
    network.admit_coop(kit, RUNS_AT, 0, name=BY_SLUG[RUNS_AT].name)

    assert (run().exit_code, said in run().output, said in run(demo=True).output) == (1, True, False)
    # Whoever tries the commands on it goes on having a demo.
    invitations.invite(kit, Offer("facilitator", handle="joy", name="Joy Abara"))
    assert "of real people" not in run(demo=True).output


def test_a_federation_of_real_people_is_bad_in_a_demo(kit: Kit, run: Run) -> None:
    said = "BAD  The federation in this database is of real people"
    network.found_federation(kit, "Valley")
    assert said not in run(demo=True).output
    invitations.invite(kit, Offer("facilitator", handle="joy", name="Joy Abara"))

    told = run(demo=True)
    assert (told.exit_code, said in told.output, said in run().output) == (1, True, False)


def test_real_people_who_call_their_federation_as_the_demos_is_called_are_no_demo_that_was_cut_off(
    kit: Kit, run: Run
) -> None:
    network.found_federation(kit, FEDERATION)
    network.admit_coop(kit, RUNS_AT, 0, name="Bread & Roses")
    invitations.invite(kit, Offer("facilitator", handle="joy", name="Joy Abara"))

    assert "the demo's, which is made up" not in run().output
    told = run(demo=True).output
    assert ("of real people" in told, "remove this database" in told) == (True, False)
    begun = create_app(kit.settings, engine=kit.engine, clock=kit.clock).test_cli_runner().invoke(args=["demo"])
    assert (begun.exit_code, begun.stderr) == (1, "There is a federation in this database already.\n")


@pytest.mark.breaks_books
def test_a_time_zone_that_is_not_known_here_is_bad(kit: Kit, run: Run) -> None:
    network.found_federation(kit, "Alder Valley", "Europe/Dublin")
    assert "ok   The federation's days begin at midnight in Europe/Dublin." in run().output
    with kit.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE federation SET zone = 'Nowhere/Land'")
    assert "BAD  The federation's time zone is not known here: Nowhere/Land." in run().output


def test_a_server_with_another_clock_or_that_does_not_wait_for_its_disk_is_bad(kit: Kit, run: Run) -> None:
    told = run()

    # The tests' own server is such a one.
    assert ("s apart" in told.output) == is_postgresql(kit.engine)
    assert ("fsync = off: a payment that was answered can be lost" in told.output) == is_postgresql(kit.engine)


def test_a_database_that_cannot_keep_every_name_or_takes_reads_alone_is_bad(kit: Kit, run: Run, cluster: str) -> None:
    assert re.search("encoding|reads alone", run().output) is None
    on_server(cluster, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    engine = make_engine(database(cluster, "latin"))
    try:
        migrate.upgrade(engine)
        runner = create_app(kit.settings, engine=engine, clock=kit.clock).test_cli_runner()
        assert "BAD  The database's encoding is LATIN1" in runner.invoke(args=["doctor"]).output
        told = runner.invoke(args=["init", "--name", "Łódź"])
        assert (told.exit_code, told.output.count("\n")) == (1, 1), told.output
        assert "not founded: character with byte sequence" in told.output
        on_server(cluster, "ALTER DATABASE latin SET default_transaction_read_only = on")
        engine.dispose()
        assert "BAD  The database takes reads alone" in runner.invoke(args=["doctor"]).output
    finally:
        engine.dispose()
        on_server(cluster, "DROP DATABASE latin WITH (FORCE)")


def test_more_processes_than_the_database_has_connections_for_are_worth_a_look(kit: Kit, run: Run) -> None:
    said = "look The processes of this host may want {} connections; the database allows {}."
    if not is_postgresql(kit.engine):
        assert "connections" not in run(processes=100).output
        return
    # The tests' server has 200, and keeps 3 of them for who looks after it.
    assert said.format(4200, 197) in run(processes=100).output
    assert "connections" not in run(processes=4).output
    with kit.engine.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE {name} CONNECTION LIMIT 160")
    assert said.format(168, 160) in run(processes=4).output


def test_a_missing_package_is_worth_a_look_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "COPIED", {"qr": ("nowhere.js",)})

    assert "look The package qr is missing: scanning uses the browser" in run().output


def test_a_database_that_is_not_there_could_not_be_looked_at(run: Run, tmp_path: Path) -> None:
    told = run(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")

    assert (told.exit_code, "Could not look at the database: " in told.stderr) == (2, True)
    assert "SECRET_KEY is long enough." in told.stdout
