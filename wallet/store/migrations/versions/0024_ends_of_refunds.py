"""A refund that waits may be withdrawn or declined; what a dispute gave back is a refund with a row as any other."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

CHECKS = {
    "ck_refunds_state": "state IN ('waiting', 'posted', 'withdrawn', 'declined')",
    "ck_refunds_amounts": "amount_minor >= 0 AND cash_minor >= 0 AND amount_minor + cash_minor > 0",
    "ck_refunds_posted_once": "(state = 'posted') = (transfer_id IS NOT NULL)",
    "ck_refunds_approved": "(approved_by IS NULL) = (approved_at IS NULL)",
    "ck_refunds_two_people": "approved_by IS NULL OR approved_by <> asked_by",
    "ck_refunds_waited": (
        "(lapses_at IS NULL) = (dispute_id IS NOT NULL OR (state = 'posted' AND approved_by IS NULL))"
    ),
    "ck_refunds_ended": (
        "(ended_by IS NULL) = (ended_at IS NULL) AND (ended_at IS NULL) = (state IN ('waiting', 'posted'))"
    ),
    "ck_refunds_declined": "(ended_why IS NULL) = (state <> 'declined')",
    "ck_refunds_ordered": "dispute_id IS NULL OR state = 'posted'",
}
NEW = ("ck_refunds_ended", "ck_refunds_declined", "ck_refunds_ordered")
WIDER = ("ck_refunds_state", "ck_refunds_waited")

# What disputes gave back until now: the journal, the dispute and its notes say all of it. A refund of a history bears
# that means, and one of a till has a row; of one dispute, at most one refund carried it and one ended it.
GIVEN = """
INSERT INTO refunds (ref, sale_id, coop_id, amount_minor, cash_minor, reason, asked_by, asked_at, approved_by,
                     approved_at, state, transfer_id, dispute_id)
SELECT t.ref, t.answers_id, d.coop_id, t.amount_minor, t.cash_minor, {reason}, d.person_id, t.at, {agreed}, 'posted',
       t.id, d.id
FROM transfers t JOIN disputes d ON d.transfer_id = t.answers_id {joined}
WHERE t.kind = 'refund' AND t.cashier_id IS NULL AND t.means IS NULL
  AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.transfer_id = t.id) AND {matches}
"""
CARRIED = GIVEN.format(reason="'carried'", agreed="NULL, NULL", joined="", matches="t.id = d.carried_id")
ENDED = GIVEN.format(
    reason="'disputed'",
    agreed="n.person_id, t.at",
    joined="JOIN dispute_notes n ON n.dispute_id = d.id AND n.act = 'refunded'",
    matches="t.at >= d.opened_at AND t.at <= n.at AND (d.carried_id IS NULL OR t.id <> d.carried_id)",
)


def upgrade() -> None:
    for name, kind in (("ended_by", sa.BigInteger), ("ended_at", sa.BigInteger), ("ended_why", sa.Text)):
        op.add_column("refunds", sa.Column(name, kind(), nullable=True))
    op.add_column("refunds", sa.Column("dispute_id", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        in_place()
    else:
        # SQLite keeps a table's checks for good: the table is made anew with the wider ones.
        with op.batch_alter_table("refunds", copy_from=refunds(), recreate="always"):
            pass
    for statement in (CARRIED, ENDED):
        op.execute(statement)


def in_place() -> None:
    op.create_foreign_key(op.f("fk_refunds_ended_by_people"), "refunds", "people", ["ended_by"], ["id"])
    op.create_foreign_key(op.f("fk_refunds_dispute_id_disputes"), "refunds", "disputes", ["dispute_id"], ["id"])
    for name in WIDER:
        op.drop_constraint(op.f(name), "refunds")
    for name in (*WIDER, *NEW):
        op.create_check_constraint(op.f(name), "refunds", CHECKS[name])
    op.drop_index("ix_refunds_waiting", "refunds")
    waited = sa.text("lapses_at IS NOT NULL")
    op.create_index("ix_refunds_waited", "refunds", ["coop_id", "asked_at"], postgresql_where=waited)


def refunds() -> sa.Table:
    refers = {
        "sale_id": "transfers", "coop_id": "coops", "asked_by": "people", "approved_by": "people",
        "transfer_id": "transfers", "ended_by": "people", "dispute_id": "disputes",
    }  # fmt: skip
    return sa.Table(
        "refunds",
        sa.MetaData(),
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
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.Column("dispute_id", sa.BigInteger(), nullable=True),
        *(sa.CheckConstraint(check, name=name) for name, check in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_refunds_{column}_{table}")
            for column, table in refers.items()
        ),
        sa.PrimaryKeyConstraint("ref", name="pk_refunds"),
        sa.UniqueConstraint("transfer_id", name="uq_refunds_transfer_id"),
        sa.Index("ix_refunds_sale_id", "sale_id"),
        sa.Index("ix_refunds_waited", "coop_id", "asked_at", sqlite_where=sa.text("lapses_at IS NOT NULL")),
    )
