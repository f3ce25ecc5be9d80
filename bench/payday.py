"""A payday of many lines, against the least that it could be: COPY-ing the same rows of the journal."""

import time

import sqlalchemy as sa

from wallet.config import Settings
from wallet.domain.payfile import PayfileLine
from wallet.kit import Kit
from wallet.services import members, network, paybounds, payruns
from wallet.store import bulk, migrate
from wallet.store.engine import make_engine, reading, write
from wallet.store.tables import agreements, own_set, people, transfers

COOP, MAKER, OTHER = "payday", "maker", "other"
WAGE_MINOR, WAGE_MINUTES = 240_000, 9_600
# An empty table as the journal is, with what it refers to: COPY into it does just what COPY into the journal does.
TWIN = """
DROP TABLE IF EXISTS journal_twin;
CREATE TABLE journal_twin (LIKE transfers INCLUDING ALL);
ALTER TABLE journal_twin ADD FOREIGN KEY (debit_id) REFERENCES accounts (id);
ALTER TABLE journal_twin ADD FOREIGN KEY (credit_id) REFERENCES accounts (id);
"""
TABLE = sa.Table("journal_twin", sa.MetaData())


def compared(url: str, lines: int) -> tuple[float, float]:
    """Give lines per second of posting a second payday, and of COPY-ing the transfers that it made."""
    engine = make_engine(url)
    migrate.upgrade(engine)
    kit = Kit(engine, settings=Settings(database_url=url))
    staffed(kit, lines)
    number = 0
    # The first payday begins running rows, the second adds to them.
    for _payday in range(2):
        number = approved(kit, lines)
        begun = time.perf_counter()
        assert payruns.post(kit, COOP, number) == payruns.POSTED
        took = time.perf_counter() - begun
    copied = _copied(engine, number)
    engine.dispose()
    return lines / took, lines / copied


def _copied(engine: sa.Engine, number: int) -> float:
    """Give the seconds that COPY takes for the transfers of a run, each commit waiting for the disk."""
    columns = [column.name for column in transfers.columns if column.name != "id"]
    with reading(engine) as connection:
        for statement in TWIN.strip().split(";\n"):
            connection.execute(sa.text(statement))
        of_run = (
            f"SELECT {', '.join(columns)} FROM transfers WHERE ref IN (SELECT ref FROM pay_lines WHERE run_id = :run)"
        )
        rows = [tuple(row) for row in connection.execute(sa.text(of_run), {"run": number})]
    begun = time.perf_counter()
    write(engine, lambda connection: bulk.load(connection, TABLE, columns, rows))
    return time.perf_counter() - begun


def staffed(kit: Kit, lines: int) -> None:
    """Let so many people work at a co-op, all of whom have agreed to be paid in RES."""
    network.found_federation(kit, "Bench")
    network.admit_coop(kit, COOP, 10**14)
    for handle in (MAKER, OTHER):
        members.join(kit, COOP, handle)
        members.grant(kit, handle, "steward", COOP)
    paybounds.answer_floor(kit, MAKER, COOP, None, "Bench")
    write(kit.engine, lambda connection: _people(connection, lines))


def _people(connection: sa.Connection, lines: int) -> None:
    connection.execute(
        sa.text(
            "WITH opened AS (INSERT INTO accounts (kind, rank, floor_minor) SELECT 'wallet', 0, 0"
            " FROM generate_series(1, :lines) RETURNING id)"
            " INSERT INTO people (handle, name, counter_name, account_id, joined_at)"
            " SELECT 'worker-' || id, 'Worker ' || id, 'Worker', id, 0 FROM opened"
        ),
        {"lines": lines},
    )
    who = sa.select(people.c.id).where(people.c.handle.like("worker-%"))
    at_payday = sa.text("(SELECT id FROM coops WHERE slug = 'payday')")
    works = sa.select(people.c.id, at_payday, sa.true()).where(people.c.id.in_(who))
    connection.execute(sa.insert(own_set).from_select(["person_id", "coop_id", "is_member"], works))
    agreed = sa.select(people.c.id, sa.literal(1), sa.literal(""), sa.literal(0)).where(people.c.id.in_(who))
    connection.execute(sa.insert(agreements).from_select(["person_id", "version", "words", "agreed_at"], agreed))


def approved(kit: Kit, lines: int) -> int:
    """Have a run of all of them signed by two people."""
    today = kit.clock().date().isoformat()
    with reading(kit.engine) as connection:
        found = connection.execute(sa.select(people.c.handle).where(people.c.handle.like("worker-%")).limit(lines))
        dues = [PayfileLine(0, handle, "", WAGE_MINUTES, WAGE_MINOR, 0) for handle in found.scalars()]
    number = payruns.draft(kit, MAKER, COOP, today)
    payruns.fill(kit, MAKER, COOP, number, 1, dues)
    payruns.submit(kit, MAKER, COOP, number, 2)
    payruns.approve(kit, OTHER, COOP, number, 3)
    return number
