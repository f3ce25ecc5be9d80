"""Refunds at a counter, with their reasons; above the till's limit they wait for a steward."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tills", sa.Column("refund_limit_minor", sa.BigInteger(), server_default="10000", nullable=False))
    op.create_table(
        "refunds",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("lapses_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'posted')", name=op.f("ck_refunds_state")),
        sa.CheckConstraint(
            "amount_minor >= 0 AND cash_minor >= 0 AND amount_minor + cash_minor > 0", name=op.f("ck_refunds_amounts")
        ),
        sa.CheckConstraint("(state = 'posted') = (transfer_id IS NOT NULL)", name=op.f("ck_refunds_posted_once")),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_refunds_approved")),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> asked_by", name=op.f("ck_refunds_two_people")),
        sa.CheckConstraint(
            "(lapses_at IS NULL) = (state = 'posted' AND approved_by IS NULL)", name=op.f("ck_refunds_waited")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["transfers.id"], name=op.f("fk_refunds_sale_id_transfers")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_refunds_coop_id_coops")),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_refunds_asked_by_people")),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_refunds_approved_by_people")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_refunds_transfer_id_transfers")),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_refunds")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_refunds_transfer_id")),
    )
    op.create_index("ix_refunds_sale_id", "refunds", ["sale_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_refunds_waiting", "refunds", ["coop_id"], sqlite_where=waiting, postgresql_where=waiting)
