"""The wallet is upgraded while people pay and ask again with their keys: nothing is lost, and nothing is paid twice."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.crowd import PAYERS, paying, require_paid_once, town, wait_for_doubts, wait_for_more
from tests.imports import ROOT
from tests.serving import server
from wallet.kit import Kit

# So many payments go through before and after each step.
BATCH = 12
# What a version after this one changes under it: the table that everybody writes, and what the code calls by its name.
NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", "{head}", None, None


def upgrade():
    op.add_column("transfers", sa.Column("remark", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.rename_table("sessions", "next_sessions")
        return
    asked = "SELECT pg_get_functiondef('pay_bill'::regproc)"
    made = op.get_bind().exec_driver_sql(asked).scalar_one()
    op.execute("DROP FUNCTION pay_bill")
    op.execute(made.replace("pay_bill(", "next_pay_bill(", 1))
"""
RENAMED = {
    "sqlite": ("store/tables/people.py", '"sessions"', '"next_sessions"'),
    "postgresql": ("store/payments.py", '"pay_bill"', '"next_pay_bill"'),
}


@pytest.fixture
def newer(kit: Kit, tmp_path: Path) -> Path:
    """Put the next version into a folder of its own."""
    home = tmp_path / "next"
    shutil.copytree(ROOT / "wallet", home / "wallet")
    for name in ("app.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, home)
    for name in ("templates", "static"):
        (home / name).symlink_to(ROOT / name)
    versions = home / "wallet" / "store" / "migrations" / "versions"
    head = max(path.name for path in versions.glob("0*.py"))[:4]
    (versions / "next.py").write_text(NEXT.format(head=head))
    file, old, new = RENAMED[kit.engine.dialect.name]
    changed = home / "wallet" / file
    assert old in changed.read_text()
    changed.write_text(changed.read_text().replace(old, new))
    return home


def flask(kit: Kit, home: Path, *command: str) -> None:
    """Run a command of the version in `home`."""
    environment = os.environ | {"DATABASE_URL": kit.settings.database_url, "WALLET_DEMO": ""}
    subprocess.run([sys.executable, "-m", "flask", "--app", "app", *command], cwd=home, env=environment, check=True)


def test_nothing_is_lost_or_paid_twice_when_the_wallet_is_upgraded_under_payments(kit: Kit, newer: Path) -> None:
    town(kit)
    url = kit.settings.database_url
    with server(url, workers=2) as old, ExitStack() as later, paying(old.port) as crowd:
        wait_for_more(crowd, BATCH)
        flask(kit, newer, "db", "upgrade")
        # The old version meets the new schema for a while, and nobody can pay.
        wait_for_doubts(crowd, len(crowd.doubts) + len(PAYERS))
        assert set(crowd.doubts) == {"busy"}
        old.process.terminate()
        old.process.wait(timeout=30)
        later.enter_context(server(url, workers=2, port=old.port, home=newer))
        wait_for_more(crowd, BATCH)

    require_paid_once(kit.engine, crowd)
    flask(kit, newer, "verify")
