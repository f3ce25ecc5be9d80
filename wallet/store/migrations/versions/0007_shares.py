"""Pay shares: each kept with the window, the figures and the charter's version that it was computed from."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("window_from", sa.Text(), nullable=True),
        sa.Column("window_to", sa.Text(), nullable=True),
        sa.Column("income_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("spend_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ratio_bp", sa.Integer(), nullable=True),
        sa.Column("target_bp", sa.Integer(), nullable=True),
        sa.Column("charter_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("share_bp >= 0 AND share_bp <= 10000", name=op.f("ck_shares_part_of_pay")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_shares_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "month", name=op.f("pk_shares")),
    )
    # What was paid before there was a rule was paid at the floor: version 0.
    op.execute(
        "INSERT INTO shares (person_id, month, share_bp, charter_version)"
        " SELECT person_id, month, 1000, 0 FROM patronage_months WHERE income_minor > 0 GROUP BY person_id, month"
    )
