"""An invitation to serve a co-op, and the end of a facilitator, are kinds of proposals of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('admit', 'line', 'suspend', 'lift', 'leave', 'facilitator', 'end_facilitator', 'invite', 'role',"
    " 'end_role', 'end_work', 'recover', 'supply', 'fund', 'declare')"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_proposals_kind"), "proposals")
        told_apart()
        op.create_check_constraint(op.f("ck_proposals_kind"), "proposals", KINDS)
    else:
        # SQLite keeps a table's checks for good: the table is made anew with the wider one.
        with op.batch_alter_table("proposals", copy_from=proposals(), recreate="always"):
            pass
        told_apart()


def told_apart() -> None:
    # A quote within a name is escaped, so that only the content's own key reads like this.
    op.execute("""UPDATE proposals SET kind = 'invite' WHERE kind = 'role' AND content NOT LIKE '%"handle":%'""")
    op.execute(
        "UPDATE proposals SET kind = 'end_facilitator', subject = REPLACE(subject, ' facilitator', '')"
        " WHERE kind = 'end_role' AND coop_id IS NULL"
    )


def proposals() -> sa.Table:
    waiting = sa.text("state = 'waiting'")
    return sa.Table(
        "proposals",
        sa.MetaData(),
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
        sa.CheckConstraint(KINDS, name="ck_proposals_kind"),
        sa.CheckConstraint("state IN ('waiting', 'done', 'declined', 'withdrawn')", name="ck_proposals_state"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="ck_proposals_decided"),
        sa.CheckConstraint(
            "state <> 'done' OR decided_by IS NULL OR decided_by <> proposed_by", name="ck_proposals_two_people"
        ),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name="fk_proposals_coop_id_coops"),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name="fk_proposals_proposed_by_people"),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name="fk_proposals_decided_by_people"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.Index("ix_proposals_coop_id", "coop_id"),
        sa.Index("uq_proposals_waiting", "kind", "subject", unique=True, sqlite_where=waiting),
    )
