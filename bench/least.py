"""The least SQL that a payment needs, by pgbench and behind a bare Flask: what this machine can do at most."""

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
CREATE TABLE least_bills (code text PRIMARY KEY, amount bigint);
INSERT INTO least_accounts SELECT n, 1000000000000 FROM generate_series(1, 1040) n
"""
# The same as functions, so that a bill and a payment are one journey to the database each, as the wallet's are; there
# are as many payers and payees as members and tills at the wallet, so that they meet on a row no more often than there.
FUNCTIONS = (
    """
CREATE FUNCTION least_bill(code text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO least_bills VALUES (code, 1);
  RETURN code;
END $$""",
    """
CREATE FUNCTION least_payment(payer int) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE made bigint; BEGIN
  UPDATE least_accounts SET balance = balance - 1 WHERE id = payer AND balance >= 1;
  UPDATE least_accounts SET balance = balance + 1 WHERE id = 1001 + mod(payer, 40);
  INSERT INTO least_transfers (debit, credit, amount) VALUES (payer, 1001 + mod(payer, 40), 1) RETURNING id INTO made;
  RETURN made;
END $$""",
)
SCRIPT = """
\\set payer :client_id + 1
\\set payee :client_id + 17
BEGIN;
UPDATE least_accounts SET balance = balance - 1 WHERE id = :payer AND balance >= 1;
UPDATE least_accounts SET balance = balance + 1 WHERE id = :payee;
INSERT INTO least_transfers (debit, credit, amount) VALUES (:payer, :payee, 1);
COMMIT;
"""


def prepare(url: str) -> None:
    """Make the tables and the functions in the database at `url`."""
    engine = make_engine(url)
    with engine.connect() as connection:
        for statement in (*SCHEMA.strip().split(";\n"), *FUNCTIONS):
            connection.exec_driver_sql(statement)
    engine.dispose()


def rate(url: str, clients: int, seconds: float) -> float:
    """Give the transactions per second of the least SQL with `clients` clients, once it is prepared."""
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
