"""Broken books stop payments: while a halt stands, the database itself adds nothing to the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

POSTGRESQL = """
CREATE FUNCTION refuse_while_halted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM halts WHERE lifted_at IS NULL) THEN
    RAISE EXCEPTION 'payments_stopped' USING ERRCODE = 'RW001';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER transfers_halted BEFORE INSERT ON transfers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();
"""
# wallet/store/engine.py takes what follows the first word for a refusal's code.
SQLITE = """
CREATE TRIGGER transfers_halted BEFORE INSERT ON transfers
WHEN EXISTS (SELECT 1 FROM halts WHERE lifted_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'RW001 payments_stopped'); END
"""


def upgrade() -> None:
    op.create_table(
        "halts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_halts"),
    )
    op.execute(POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE)
