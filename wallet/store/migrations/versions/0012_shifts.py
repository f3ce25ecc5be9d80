"""Shifts are closed and signed; members make bills at a counter's sticker; a till can be closed for good."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FUNCTIONS = Path(__file__).parent.parent / "functions" / "0012_shifts.sql"
SQLITE = tuple(
    f"CREATE TRIGGER closings_stay_{act.lower()} BEFORE {act} ON closings "
    "BEGIN SELECT RAISE(ABORT, 'rows of closings are never changed'); END"
    for act in ("UPDATE", "DELETE")
)
STATES = "state IN ('open', 'paid', 'declined', 'cancelled', 'expired')"
ONE_MAKER = "(cashier_id IS NULL) = (made_by IS NOT NULL)"


def upgrade() -> None:
    op.add_column("tills", sa.Column("closed_at", sa.BigInteger(), nullable=True))
    create_closings()
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("bills", "cashier_id", nullable=True)
        op.add_column("bills", sa.Column("made_by", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f("fk_bills_made_by_people"), "bills", "people", ["made_by"], ["id"])
        op.drop_constraint(op.f("ck_bills_state"), "bills")
        op.create_check_constraint(op.f("ck_bills_state"), "bills", STATES)
        op.create_check_constraint(op.f("ck_bills_one_maker"), "bills", ONE_MAKER)
        op.execute(FUNCTIONS.read_text(encoding="utf-8"))
        return
    # SQLite keeps a table's checks for good: the table is made anew with the wider ones.
    with op.batch_alter_table("bills", copy_from=bills(), recreate="always") as batch:
        batch.add_column(sa.Column("made_by", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(batch.f("fk_bills_made_by_people"), "people", ["made_by"], ["id"])
        batch.create_check_constraint(batch.f("ck_bills_one_maker"), ONE_MAKER)
    for trigger in SQLITE:
        op.execute(trigger)


def create_closings() -> None:
    op.create_table(
        "closings",
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("sales", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sales_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunds_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_sales", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cash_sales_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_refunds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cash_refunds_minor", sa.BigInteger(), nullable=False),
        sa.Column("register_minor", sa.BigInteger(), nullable=False),
        sa.Column("register_cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sweep_id", sa.BigInteger(), nullable=True),
        sa.Column("till_seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reason IS NOT NULL OR (register_minor = sales_minor - refunds_minor"
            " AND register_cash_minor = cash_sales_minor - cash_refunds_minor)",
            name=op.f("ck_closings_reason"),
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_closings_shift_id_shifts")),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"], name=op.f("fk_closings_closed_by_people")),
        sa.ForeignKeyConstraint(["sweep_id"], ["transfers.id"], name=op.f("fk_closings_sweep_id_transfers")),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_closings")),
    )


def bills() -> sa.Table:
    bound = sa.text("bound_to IS NOT NULL")
    return sa.Table(
        "bills",
        sa.MetaData(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("till_id", sa.Text(), nullable=False),
        sa.Column("cashier_id", sa.BigInteger(), nullable=True),
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("bound_to", sa.BigInteger(), nullable=True),
        sa.Column("transfer_id", sa.BigInteger(), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("(state = 'paid') = (transfer_id IS NOT NULL)", name="ck_bills_paid_once"),
        sa.CheckConstraint(STATES, name="ck_bills_state"),
        sa.CheckConstraint(
            "amount_minor > 0 AND cash_minor >= 0 AND cash_minor <= amount_minor", name="ck_bills_amounts"
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.{key}"], name=f"fk_bills_{column}_{table}")
            for column, table, key in (
                ("bound_to", "people", "id"),
                ("cashier_id", "people", "id"),
                ("claimed_by", "people", "id"),
                ("shift_id", "shifts", "id"),
                ("till_id", "tills", "id"),
                ("transfer_id", "transfers", "id"),
            )
        ),
        sa.PrimaryKeyConstraint("code", name="pk_bills"),
        sa.Index("ix_bills_bound_to_expires_at", "bound_to", "expires_at", sqlite_where=bound),
        sa.Index("ix_bills_till_id_opened_at", "till_id", "opened_at"),
    )
