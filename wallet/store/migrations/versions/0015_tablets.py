"""Shared tablets at counters, the codes by which phones vouch for them, and the sessions opened on them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LIVE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "tablets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("till_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_tablets_till_id_tills")),
        sa.ForeignKeyConstraint(["registered_by"], ["people.id"], name=op.f("fk_tablets_registered_by_people")),
        sa.ForeignKeyConstraint(["revoked_by"], ["people.id"], name=op.f("fk_tablets_revoked_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tablets")),
    )
    op.create_index("uq_tablets_live", "tablets", ["token_hash"], unique=True, postgresql_where=LIVE, sqlite_where=LIVE)
    op.create_index("ix_tablets_till_id", "tablets", ["till_id"])
    op.create_table(
        "pairings",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("tablet_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_pairings_approved")),
        sa.CheckConstraint("used_at IS NULL OR approved_at IS NOT NULL", name=op.f("ck_pairings_used")),
        sa.ForeignKeyConstraint(["tablet_id"], ["tablets.id"], name=op.f("fk_pairings_tablet_id_tablets")),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_pairings_approved_by_people")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pairings")),
    )
    op.create_index("ix_pairings_token_hash", "pairings", ["token_hash"])
    # Spelled out: SQLite takes a reference with a new column, but Alembic does not ask it for one.
    op.execute(
        "ALTER TABLE sessions ADD COLUMN tablet_id BIGINT "
        "CONSTRAINT fk_sessions_tablet_id_tablets REFERENCES tablets (id)"
    )
    op.create_index("ix_sessions_tablet_id", "sessions", ["tablet_id"])
