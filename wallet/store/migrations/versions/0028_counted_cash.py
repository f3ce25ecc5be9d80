"""A ballot may say whether logged cash counts for the pay share."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

COUNTED = Path(__file__).parent.parent / "functions" / "0028_counted_cash.sql"
PARAMETER = (
    "parameter IN ('sunset_months', 'dividend_on', 'pool_rate_bp', 'floor_bp', 'cap_bp', 'headroom_bp', 'rise_bp',"
    " 'fall_bp', 'window_months', 'frozen_below_minor', 'own_set_days', 'count_logged_cash',"
    " 'logged_cash_day_minor', 'rate_max_minor', 'month_minutes_max', 'ballot_days')"
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
        op.drop_constraint(op.f("ck_ballots_parameter"), "ballots")
        op.create_check_constraint(op.f("ck_ballots_parameter"), "ballots", PARAMETER)
        op.execute(COUNTED.read_text(encoding="utf-8"))
    else:
        anew()


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
