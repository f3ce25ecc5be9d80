"""The least SQL that a payment needs, by pgbench: what this machine's PostgreSQL can do at most."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import sqlalchemy as sa

from tests.postgres import found_programs
from wallet.store.engine import make_engine

SCHEMA = """
CREATE TABLE least_accounts (id int PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE least_transfers (id bigserial PRIMARY KEY, debit int, credit int, amount bigint);
INSERT INTO least_accounts SELECT n, 1000000000000 FROM generate_series(1, 32) n;
"""
SCRIPT = """
\\set payer :client_id + 1
\\set payee :client_id + 17
BEGIN;
UPDATE least_accounts SET balance = balance - 1 WHERE id = :payer AND balance >= 1;
UPDATE least_accounts SET balance = balance + 1 WHERE id = :payee;
INSERT INTO least_transfers (debit, credit, amount) VALUES (:payer, :payee, 1);
COMMIT;
"""


def rate(url: str, clients: int, seconds: float) -> float:
    """Give the transactions per second of the least SQL with `clients` clients."""
    engine = make_engine(url)
    with engine.connect() as connection:
        for statement in SCHEMA.strip().split(";\n"):
            connection.execute(sa.text(statement))
    made = sa.engine.make_url(url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        pgbench = Path(found_programs()) / "pgbench"
        command = [str(pgbench), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(int(seconds)), "-f"]
        command += [script.name, "-h", str(made.query["host"]), "-U", str(made.username), str(made.database)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])
