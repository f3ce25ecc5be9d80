"""What bounds people: buckets of rates, what a session alone has paid in a day, and members' own limits."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTER = Path(__file__).parent.parent / "functions" / "0005_limits.sql"


def upgrade() -> None:
    op.create_table(
        "rate_buckets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rate_buckets")),
    )
    op.create_table(
        "phone_days",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_phone_days_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_phone_days")),
    )
    op.create_table(
        "limit_raises",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("payment_minor", sa.BigInteger(), nullable=False),
        sa.Column("day_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("means IN ('phone', 'code')", name=op.f("ck_limit_raises_means")),
        sa.CheckConstraint("payment_minor >= 0 AND day_minor >= 0", name=op.f("ck_limit_raises_amounts")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_limit_raises_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "means", name=op.f("pk_limit_raises")),
    )
    op.add_column("people", sa.Column("phone_payment_minor", sa.BigInteger(), server_default="5000", nullable=False))
    op.add_column("people", sa.Column("phone_day_minor", sa.BigInteger(), server_default="15000", nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(COUNTER.read_text(encoding="utf-8"))
