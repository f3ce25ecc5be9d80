"""Basis is found by the month of its sales, whoever's it is."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_basis_months_month", "basis_months", ["month"])
