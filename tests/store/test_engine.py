"""Engines on a database that was restarted: nobody who comes after it notices."""

from contextlib import ExitStack

import pytest
import sqlalchemy as sa

import wallet.store.engine
from tests import cast
from tests.postgres import cut_off
from wallet.errors import Refusal
from wallet.kit import Kit
from wallet.services import payments
from wallet.store.engine import SILENCE, SILENCE_OF_OURS, TRIES, make_engine, reading
from wallet.store.tables import bills

pytestmark = pytest.mark.only_on("postgresql")
# More connections than an act is tried again.
MANY = TRIES + 2


def fill_pool(engine: sa.Engine) -> None:
    """Have the engine keep many connections."""
    with ExitStack() as busy:
        for _ in range(MANY):
            busy.enter_context(engine.connect())


def test_a_payment_outlives_a_restart_of_the_database(kit: Kit) -> None:
    cast.build(kit)
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=3_00, key="bill")
    fill_pool(kit.engine)
    cut_off(kit.engine)

    paid = payments.pay_bill(kit, bill.code, "ana", key="payment")

    assert (paid.amount_minor, paid.balance_minor) == (3_00, cast.WAGE_RES_MINOR - 3_00)
    assert payments.pay_bill(kit, bill.code, "ana", key="payment").replayed


def test_whoever_reads_after_a_restart_reads_as_always(engine: sa.Engine) -> None:
    fill_pool(engine)
    cut_off(engine)

    for _ in range(MANY):
        with reading(engine) as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_database_whose_host_falls_silent_is_given_up(database_url: str) -> None:
    engine = make_engine(f"{database_url}&connect_timeout=3")
    with reading(engine) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        kept = driver.info.get_parameters()
    engine.dispose()

    assert 0 < int(kept["tcp_user_timeout"]) <= 30_000, "an act that was sent waits for the kernel to give up"
    waited = int(kept["keepalives_idle"]) + int(kept["keepalives_interval"]) * int(kept["keepalives_count"])
    assert waited <= 30, "an answer that never comes is waited for"
    assert kept["connect_timeout"] == "3", "what the address says holds"
    # Hints go by connections of their own, which take what the engine's address says.
    assert set(SILENCE) <= set(engine.url.query)


def test_a_lock_that_somebody_keeps_is_waited_for_so_long_and_no_longer(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wallet.store.engine, "TRY_SECONDS", 0.2)
    monkeypatch.setattr(wallet.store.engine, "PATIENCE_SECONDS", 0.5)
    cast.build(kit)
    bill = payments.open_bill(kit, "bakery-1", "ben", amount_minor=3_00, key="bill")
    kit.engine.dispose()

    with kit.engine.execution_options(isolation_level="READ COMMITTED").connect() as keeper, keeper.begin():
        keeper.execute(sa.select(bills.c.code).with_for_update())
        with pytest.raises(Refusal, match="busy"):
            payments.pay_bill(kit, bill.code, "ana", key="payment")

    assert payments.pay_bill(kit, bill.code, "ana", key="payment").amount_minor == 3_00


def test_what_a_host_of_ours_had_locked_is_let_go_when_it_falls_silent(engine: sa.Engine) -> None:
    # By a socket of the same machine they hold nothing, so that only their being set can be seen.
    with reading(engine) as connection:
        ours = "SELECT name FROM pg_settings WHERE source = 'session'"
        assert set(connection.exec_driver_sql(ours).scalars()) >= set(SILENCE_OF_OURS)

    idle, interval, count = (int(SILENCE_OF_OURS[f"tcp_keepalives_{each}"]) for each in ("idle", "interval", "count"))
    assert idle + interval * count <= 30
    assert int(SILENCE_OF_OURS["tcp_user_timeout"]) <= 30_000, "what was answered last may not have arrived"


def test_a_connection_that_is_well_is_lent_again(database_url: str) -> None:
    engine = make_engine(database_url)
    pids = set()
    for _ in range(3):
        with reading(engine) as connection:
            pids.add(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    engine.dispose()

    assert len(pids) == 1
