"""A dividend of many members: how long it takes, and that it does not take longer for the sales behind it."""

import time
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from wallet.config import Settings
from wallet.domain.charter import Charter
from wallet.kit import Kit
from wallet.services import dividends, histories, members, network
from wallet.store import migrate
from wallet.store.engine import make_engine, write

COOP, FIRST, SECOND = "pool", "first", "second"
POT_MINOR = 10_000_000
STARTS = datetime(2026, 1, 1, tzinfo=UTC)
ENDS_ON = date(2027, 1, 1)
AFTER = datetime(2027, 1, 15, tzinfo=UTC)
# Wallets that have spent: a basis of their own, and so many sales of a year behind it.
PEOPLE = """
WITH opened AS (
  INSERT INTO accounts (kind, rank, floor_minor, balance_minor, basis_minor, qualified_minutes)
  SELECT 'wallet', 0, 0, 0, 100000 + n, 6000 + n FROM generate_series(1, :members) n RETURNING id
)
INSERT INTO people (handle, name, counter_name, account_id, joined_at)
  SELECT 'worker-' || id, 'Worker ' || id, 'Worker', id, 0 FROM opened;
INSERT INTO member_terms (person_id, coop_id, from_at)
  SELECT p.id, c.id, c.admitted_at FROM people p, coops c WHERE p.handle LIKE 'worker-%';
INSERT INTO basis_months (person_id, month, basis_minor, minutes)
  SELECT p.id, '2026-' || lpad(CAST(m AS text), 2, '0'), a.basis_minor / 12, a.qualified_minutes / 12
  FROM people p JOIN accounts a ON a.id = p.account_id, generate_series(1, 12) m WHERE p.handle LIKE 'worker-%'
"""
SALES = """
INSERT INTO transfers (ref, kind, at, debit_id, credit_id, amount_minor, debit_seq, credit_seq, debit_balance_minor,
  credit_balance_minor, qualifies, basis_minor, basis_minutes)
SELECT 'S' || n, 'sale', :starts + CAST(n AS bigint) * :step, w.ids[1 + n % cardinality(w.ids)], c.account_id, 500,
  n, n, 0, 0, true, 500, 30 FROM generate_series(1, :sales) n, coops c,
  (SELECT array_agg(account_id) AS ids FROM people WHERE handle LIKE 'worker-%') w
"""


def taken(url: str, people: int, sales: int) -> float:
    """Give the seconds of drafting and posting a dividend of so many members with so many sales behind it."""
    engine = make_engine(url)
    migrate.upgrade(engine)
    now = [STARTS]
    kit = Kit(engine, lambda: now[0], Settings(database_url=url), Charter())
    network.found_federation(kit, "Bench", charter_on="2026-01-01")
    network.admit_coop(kit, COOP, POT_MINOR)
    for handle in (FIRST, SECOND):
        members.join(kit, COOP, handle)
        members.grant(kit, handle, "facilitator")
    histories.fund(kit, COOP, POT_MINOR, key="pool")
    write(kit.engine, lambda connection: _history(connection, people, sales))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
    now[0] = AFTER
    begun = time.perf_counter()
    run = dividends.draft(kit, FIRST, ENDS_ON, POT_MINOR)
    drafted = time.perf_counter() - begun
    dividends.approve(kit, SECOND, run)
    now[0] = AFTER + timedelta(days=7)
    begun = time.perf_counter()
    paid = dividends.post(kit)
    assert paid is not None, "nothing was posted"
    assert paid.members == people, f"{paid.members} of {people} were paid"
    took = drafted + time.perf_counter() - begun
    engine.dispose()
    return took


def _history(connection: sa.Connection, people: int, sales: int) -> None:
    for statement in PEOPLE.split(";\n"):
        connection.execute(sa.text(statement), {"members": people} if ":members" in statement else {})
    year = int((datetime(2027, 1, 1, tzinfo=UTC) - STARTS) / timedelta(microseconds=1))
    starts = int(STARTS.timestamp()) * 1_000_000
    connection.execute(sa.text(SALES), {"starts": starts, "step": year // (sales + 1), "sales": sales})
