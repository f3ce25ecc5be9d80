"""Acts that wait for a second person, and lists of people who are to be invited."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('admit', 'line', 'leave', 'facilitator', 'role', 'end_role')", name=op.f("ck_proposals_kind")
        ),
        sa.CheckConstraint("state IN ('waiting', 'done', 'declined', 'withdrawn')", name=op.f("ck_proposals_state")),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_proposals_decided")),
        sa.CheckConstraint(
            "state <> 'done' OR decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_proposals_two_people")
        ),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_proposals_coop_id_coops")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_proposals_proposed_by_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_proposals_decided_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_coop_id"), "proposals", ["coop_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_proposals_waiting", "proposals", ["kind", "subject"], unique=True,
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
    op.create_table(
        "invitation_lists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_invitation_lists_coop_id_coops")),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_invitation_lists_made_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_lists")),
    )
    op.create_index(op.f("ix_invitation_lists_coop_id"), "invitation_lists", ["coop_id"])
