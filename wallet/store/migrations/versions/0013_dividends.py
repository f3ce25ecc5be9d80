"""Dividend runs with their lines; from when to when co-ops were in and people were members.

What had ended before is not known any more: terms begin with what stands now. No dividend was ever posted before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    terms()
    runs()
    lines()
    late = sa.text("kind = 'refund'")
    op.create_index("ix_transfers_refunds_at", "transfers", ["at"], postgresql_where=late, sqlite_where=late)


def identity() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def terms() -> None:
    still = sa.text("until_at IS NULL")
    op.create_table(
        "coop_terms",
        identity(),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_coop_terms_coop_id_coops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coop_terms")),
    )
    op.create_index(
        "uq_coop_terms_open", "coop_terms", ["coop_id"], unique=True, postgresql_where=still, sqlite_where=still
    )
    op.create_table(
        "member_terms",
        identity(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_member_terms_coop_id_coops")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_member_terms_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_terms")),
    )
    op.create_index(
        "uq_member_terms_open",
        "member_terms",
        ["person_id", "coop_id"],
        unique=True,
        postgresql_where=still,
        sqlite_where=still,
    )
    op.execute(
        "INSERT INTO coop_terms (coop_id, from_at, until_at) SELECT id, admitted_at, left_at FROM coops ORDER BY id"
    )
    op.execute(
        "INSERT INTO member_terms (person_id, coop_id, from_at)"
        " SELECT person_id, coop_id, member_since FROM own_set WHERE is_member ORDER BY member_since, person_id"
    )


def runs() -> None:
    op.create_table(
        "dividend_runs",
        identity(),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Text(), nullable=False),
        sa.Column("cutoff_at", sa.BigInteger(), nullable=False),
        sa.Column("pot_minor", sa.BigInteger(), nullable=False),
        sa.Column("history_minor", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("sunset_months", sa.Integer(), nullable=False),
        sa.Column("charter_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.BigInteger(), nullable=True),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'posted', 'withdrawn')", name=op.f("ck_dividend_runs_state")),
        sa.CheckConstraint(
            "pot_minor > 0 AND history_minor >= 0 AND history_minor <= pot_minor", name=op.f("ck_dividend_runs_pot")
        ),
        sa.CheckConstraint("(state = 'draft') = (closed_at IS NULL)", name=op.f("ck_dividend_runs_closed")),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_dividend_runs_approved")),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> drafted_by", name=op.f("ck_dividend_runs_two_people")
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_dividend_runs_approved_by_people")),
        sa.ForeignKeyConstraint(["drafted_by"], ["people.id"], name=op.f("fk_dividend_runs_drafted_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dividend_runs")),
    )
    stands, draft = sa.text("state <> 'withdrawn'"), sa.text("state = 'draft'")
    for name, column, where in (("label", "label", stands), ("ends_on", "ends_on", stands), ("draft", "state", draft)):
        op.create_index(
            f"uq_dividend_runs_{name}",
            "dividend_runs",
            [column],
            unique=True,
            postgresql_where=where,
            sqlite_where=where,
        )


def lines() -> None:
    op.create_table(
        "dividend_lines",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("basis_minor", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("new_minutes", sa.BigInteger(), nullable=False),
        sa.Column("by_basis_minor", sa.BigInteger(), nullable=False),
        sa.Column("by_hours_minor", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.CheckConstraint("by_basis_minor >= 0 AND by_hours_minor >= 0", name=op.f("ck_dividend_lines_not_negative")),
        sa.CheckConstraint(
            "(ref IS NULL) = (by_basis_minor + by_hours_minor = 0)", name=op.f("ck_dividend_lines_paid")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_dividend_lines_person_id_people")),
        sa.ForeignKeyConstraint(["run_id"], ["dividend_runs.id"], name=op.f("fk_dividend_lines_run_id_dividend_runs")),
        sa.PrimaryKeyConstraint("run_id", "person_id", name=op.f("pk_dividend_lines")),
        sa.UniqueConstraint("ref", name=op.f("uq_dividend_lines_ref")),
    )
