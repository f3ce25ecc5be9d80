"""Disputes, and what is said and done about them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("waits_since", sa.BigInteger(), nullable=True),
        sa.Column("carried_id", sa.BigInteger(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('not_me', 'wrong', 'line')", name=op.f("ck_disputes_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'passed', 'refunded', 'settled', 'owed')", name=op.f("ck_disputes_state")
        ),
        sa.CheckConstraint("ruling IS NULL OR ruling IN ('member', 'coop')", name=op.f("ck_disputes_ruling")),
        sa.CheckConstraint("state <> 'owed' OR carried_id IS NOT NULL", name=op.f("ck_disputes_owed")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_disputes_transfer_id_transfers")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_disputes_coop_id_coops")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_disputes_person_id_people")),
        sa.ForeignKeyConstraint(["carried_id"], ["transfers.id"], name=op.f("fk_disputes_carried_id_transfers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("ref", name=op.f("uq_disputes_ref")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_disputes_transfer_id")),
        sa.UniqueConstraint("carried_id", name=op.f("uq_disputes_carried_id")),
    )
    op.create_index(op.f("ix_disputes_coop_id"), "disputes", ["coop_id"])
    op.create_index(op.f("ix_disputes_person_id"), "disputes", ["person_id"])
    op.create_table(
        "dispute_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("side IN ('member', 'coop', 'federation')", name=op.f("ck_dispute_notes_side")),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_notes_dispute_id_disputes")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_dispute_notes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_notes")),
    )
    op.create_index(op.f("ix_dispute_notes_dispute_id"), "dispute_notes", ["dispute_id"])
