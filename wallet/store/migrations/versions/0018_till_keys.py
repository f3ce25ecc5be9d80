"""Keys of tills, by which a paired tablet checks payments without a network."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "till_keys",
        sa.Column("till_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_till_keys_till_id_tills")),
        sa.PrimaryKeyConstraint("till_id", name=op.f("pk_till_keys")),
    )
