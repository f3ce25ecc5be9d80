"""Ballots on any parameter of the charter; runs say the version of the charter that they went by."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

PARAMETER = (
    "parameter IN ('sunset_months', 'dividend_on', 'pool_rate_bp', 'floor_bp', 'cap_bp', 'headroom_bp', 'rise_bp',"
    " 'fall_bp', 'window_months', 'frozen_below_minor', 'own_set_days', 'logged_cash_day_minor', 'rate_max_minor',"
    " 'month_minutes_max', 'ballot_days')"
)
VALUE = "to_value >= 0 AND to_value <> from_value"
# What points at a ballot, with the order in which its rows were written at the close.
CHILDREN = {
    "ballot_coops": "ballot_id, coop_id",
    "ballot_places": "ballot_id, coop_id, person_id",
    "ballot_papers": "id",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, check in (("parameter", PARAMETER), ("value", VALUE)):
            op.drop_constraint(op.f(f"ck_ballots_{name}"), "ballots")
            op.create_check_constraint(op.f(f"ck_ballots_{name}"), "ballots", check)
    else:
        anew()
    versions()


def anew() -> None:
    """Make the table with the wider checks: SQLite keeps a table's for good, and drops none that rows point at."""
    for table in CHILDREN:
        op.execute(f"CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608
        op.execute(f"DELETE FROM {table}")  # noqa: S608
    with op.batch_alter_table("ballots", copy_from=ballots(), recreate="always"):
        pass
    for table, order in CHILDREN.items():
        op.execute(f"INSERT INTO {table} SELECT * FROM kept_{table} ORDER BY {order}")  # noqa: S608
        op.execute(f"DROP TABLE kept_{table}")


def versions() -> None:
    """Say which version a run went by: one more for each ballot that had passed before its period began."""
    bind = op.get_bind()
    found = bind.execute(sa.text("SELECT zone, charter_on FROM federation")).first()
    if found is None or found.charter_on is None:
        return
    last = date.fromisoformat(found.charter_on)
    runs = sa.text("SELECT id, ends_on, state FROM dividend_runs WHERE state <> 'withdrawn' ORDER BY ends_on, id")
    for run, ends_on, state in bind.execute(runs).all():
        begun = datetime(last.year, last.month, last.day, tzinfo=ZoneInfo(found.zone))
        at = (begun - datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))) // timedelta(microseconds=1)
        bind.execute(
            sa.text(
                "UPDATE dividend_runs SET charter_version = 1 + (SELECT COUNT(*) FROM ballots"
                " WHERE state = 'passed' AND closes_at <= :at) WHERE id = :run"
            ),
            {"at": at, "run": run},
        )
        if state == "posted":
            last = date.fromisoformat(ends_on)


def ballots() -> sa.Table:
    stands = sa.text("state IN ('proposed', 'open')")
    return sa.Table(
        "ballots",
        sa.MetaData(),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parameter", sa.Text(), nullable=False),
        sa.Column("from_value", sa.Integer(), nullable=False),
        sa.Column("to_value", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("open_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closes_at", sa.BigInteger(), nullable=True),
        sa.Column("roll_hash", sa.Text(), nullable=True),
        sa.CheckConstraint(PARAMETER, name="ck_ballots_parameter"),
        sa.CheckConstraint(VALUE, name="ck_ballots_value"),
        sa.CheckConstraint("state IN ('proposed', 'withdrawn', 'open', 'passed', 'failed')", name="ck_ballots_state"),
        sa.CheckConstraint(
            "(state IN ('proposed', 'withdrawn')) = (opened_at IS NULL) AND (opened_at IS NULL) = (opened_by IS NULL)"
            " AND (opened_at IS NULL) = (closes_at IS NULL) AND (opened_at IS NULL) = (roll_hash IS NULL)",
            name="ck_ballots_opened",
        ),
        sa.CheckConstraint("opened_by IS NULL OR opened_by <> proposed_by", name="ck_ballots_two_people"),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name="fk_ballots_proposed_by_people"),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name="fk_ballots_opened_by_people"),
        sa.PrimaryKeyConstraint("id", name="pk_ballots"),
        sa.Index("uq_ballots_stands", "parameter", unique=True, sqlite_where=stands),
    )
