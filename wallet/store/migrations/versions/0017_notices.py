"""Notices of money beside those of ways in, and the codes by which members are found who receive RES."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("notice_amounts", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("notices", sa.Column("topic", sa.Text(), server_default="access", nullable=False))
    op.add_column("notices", sa.Column("amount_minor", sa.BigInteger(), nullable=True))
    op.add_column("notices", sa.Column("link", sa.Text(), nullable=True))
    # What was told of refunds held sum and co-op in one text.
    op.execute("UPDATE notices SET topic = 'money' WHERE kind = 'refunded'")
    op.drop_index("ix_notices_person_id", "notices")
    op.create_index("ix_notices_person_id_topic_at", "notices", ["person_id", "topic", "at"])
    new = sa.text("topic = 'money' AND seen_at IS NULL")
    op.create_index("ix_notices_new", "notices", ["person_id"], sqlite_where=new, postgresql_where=new)
    op.create_table(
        "receive_codes",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_receive_codes_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_receive_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_receive_codes_code")),
    )
