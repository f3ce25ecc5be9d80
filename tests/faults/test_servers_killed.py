"""Servers are killed while people pay and ask again with their keys: nothing is lost and nothing is paid twice."""

import os
import signal

import pytest
import sqlalchemy as sa

from tests import postgres
from tests.conftest import settings
from tests.faults.crowd import PAYERS, paying, require_paid_once, town, wait_for_doubts, wait_for_more
from tests.serving import server
from wallet.kit import Kit, system_clock
from wallet.store import migrate
from wallet.store.engine import make_engine

# So many payments go through before and after each kill.
BATCH = 12
# A worker may have been between two requests.
MOST_KILLS = 8
# Ends everybody else's connection; tells how many were in the middle of something.
CUT = """
    SELECT count(*) FILTER (WHERE state = 'active' AND gone) FROM (
      SELECT state, pg_terminate_backend(pid) AS gone FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()) AS cut
"""
MANY_CUTS = 8


def test_workers_are_killed_under_payments(kit: Kit) -> None:
    town(kit)
    with server(kit.settings.database_url, workers=2) as serving, paying(serving.port) as crowd:
        for kills in range(1, MOST_KILLS + 1):
            wait_for_more(crowd, BATCH)
            os.kill(serving.workers()[0], signal.SIGKILL)
            wait_for_more(crowd, BATCH)
            if kills > 1 and crowd.doubts:
                break

    assert crowd.doubts, "nobody was in the middle of anything"
    require_paid_once(kit.engine, crowd)


@pytest.mark.only_on("postgresql")
def test_connections_are_cut_under_payments(kit: Kit, database_url: str) -> None:
    town(kit)
    apart = sa.create_engine(database_url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with server(database_url, workers=2) as serving, paying(serving.port) as crowd, apart.connect() as operator:
        in_the_middle = 0
        while in_the_middle < MANY_CUTS:
            wait_for_more(crowd, 3)
            in_the_middle += operator.exec_driver_sql(CUT).scalar_one()
        wait_for_more(crowd, BATCH)

    require_paid_once(kit.engine, crowd)


def test_the_whole_database_server_is_killed_under_payments() -> None:
    with postgres.running_postgres(durable=True) as url:
        engine = make_engine(url)
        migrate.upgrade(engine)
        town(Kit(engine, system_clock, settings(url)))
        with server(url) as serving, paying(serving.port) as crowd:
            wait_for_more(crowd, BATCH)
            postgres.kill(url)
            wait_for_doubts(crowd, len(crowd.doubts) + len(PAYERS))
            postgres.start(url)
            wait_for_more(crowd, BATCH)

        require_paid_once(engine, crowd)
        engine.dispose()
