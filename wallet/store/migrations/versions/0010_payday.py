"""Payday: runs of pay and their lines, agreements, elections, ceilings, cash floors and overpayments."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_agreements_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "version", name=op.f("pk_agreements")),
    )
    op.create_table(
        "cash_floors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("hour_minor", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("hour_minor IS NULL OR hour_minor > 0", name=op.f("ck_cash_floors_something")),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"], name=op.f("fk_cash_floors_answered_by_people")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_cash_floors_coop_id_coops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_floors")),
    )
    op.create_index(op.f("ix_cash_floors_coop_id"), "cash_floors", ["coop_id"], unique=False)
    op.create_table(
        "elections",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("from_month", sa.Text(), nullable=False),
        sa.Column("elected_bp", sa.Integer(), nullable=True),
        sa.Column("chosen_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "elected_bp IS NULL OR (elected_bp >= 0 AND elected_bp <= 10000)", name=op.f("ck_elections_part_of_pay")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_elections_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "from_month", name=op.f("pk_elections")),
    )
    op.create_table(
        "overpayments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_overpayments_something")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_overpayments_coop_id_coops")),
        sa.ForeignKeyConstraint(["noted_by"], ["people.id"], name=op.f("fk_overpayments_noted_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_overpayments_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overpayments")),
    )
    op.create_index("ix_overpayments_coop_id_person_id", "overpayments", ["coop_id", "person_id"], unique=False)
    op.create_table(
        "pay_ceilings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_bp", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "ceiling_bp IS NULL OR (ceiling_bp >= 0 AND ceiling_bp <= 10000)", name=op.f("ck_pay_ceilings_part_of_pay")
        ),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_pay_ceilings_coop_id_coops")),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name=op.f("fk_pay_ceilings_set_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_ceilings")),
    )
    op.create_index(op.f("ix_pay_ceilings_coop_id"), "pay_ceilings", ["coop_id"], unique=False)
    op.create_table(
        "pay_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("pay_on", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("ceiling_bp", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("posted_at", sa.BigInteger(), nullable=True),
        sa.Column("returned", sa.Text(), nullable=True),
        sa.Column("returned_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'posted') = (posted_at IS NOT NULL)", name=op.f("ck_pay_runs_posted")),
        sa.CheckConstraint(
            "(state IN ('submitted', 'posted')) = (submitted_by IS NOT NULL)", name=op.f("ck_pay_runs_submitted")
        ),
        sa.CheckConstraint("state <> 'posted' OR approved_by IS NOT NULL", name=op.f("ck_pay_runs_posted_by_two")),
        sa.CheckConstraint("state IN ('draft', 'submitted', 'posted', 'dropped')", name=op.f("ck_pay_runs_state")),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_pay_runs_approved")),
        sa.CheckConstraint(
            "(submitted_by IS NULL) = (submitted_at IS NULL) AND (submitted_by IS NULL) = (month IS NULL)",
            name=op.f("ck_pay_runs_signed"),
        ),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> submitted_by", name=op.f("ck_pay_runs_two_people")),
        sa.CheckConstraint(
            "ceiling_bp IS NULL OR (ceiling_bp >= 0 AND ceiling_bp <= 10000)", name=op.f("ck_pay_runs_ceiling")
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_pay_runs_approved_by_people")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_pay_runs_coop_id_coops")),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_pay_runs_made_by_people")),
        sa.ForeignKeyConstraint(["returned_by"], ["people.id"], name=op.f("fk_pay_runs_returned_by_people")),
        sa.ForeignKeyConstraint(["submitted_by"], ["people.id"], name=op.f("fk_pay_runs_submitted_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_runs")),
        sa.UniqueConstraint("key", name=op.f("uq_pay_runs_key")),
    )
    op.create_index(
        "ix_pay_runs_approved",
        "pay_runs",
        ["pay_on"],
        unique=False,
        postgresql_where=sa.text("state = 'submitted' AND approved_by IS NOT NULL"),
        sqlite_where=sa.text("state = 'submitted' AND approved_by IS NOT NULL"),
    )
    op.create_index(op.f("ix_pay_runs_coop_id"), "pay_runs", ["coop_id"], unique=False)
    op.create_table(
        "pay_lines",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("kept_back_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deductions_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("warnings", sa.Text(), server_default="", nullable=False),
        sa.Column("entitlement_bp", sa.Integer(), nullable=True),
        sa.Column("elected_bp", sa.Integer(), nullable=True),
        sa.Column("ceiling_bp", sa.Integer(), nullable=True),
        sa.Column("floor_hour_minor", sa.BigInteger(), nullable=True),
        sa.Column("share_bp", sa.Integer(), nullable=True),
        sa.Column("res_minor", sa.BigInteger(), nullable=True),
        sa.Column("cash_minor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(entitlement_bp IS NULL) = (share_bp IS NULL) AND (entitlement_bp IS NULL) = (res_minor IS NULL)"
            " AND (entitlement_bp IS NULL) = (cash_minor IS NULL)",
            name=op.f("ck_pay_lines_split"),
        ),
        sa.CheckConstraint(
            "due_minor > 0 AND kept_back_minor >= 0 AND kept_back_minor < due_minor",
            name=op.f("ck_pay_lines_something_is_due"),
        ),
        sa.CheckConstraint("minutes >= 0 AND deductions_minor >= 0", name=op.f("ck_pay_lines_not_negative")),
        sa.CheckConstraint(
            "res_minor IS NULL OR (res_minor >= 0 AND cash_minor >= 0"
            " AND res_minor + cash_minor = due_minor - kept_back_minor)",
            name=op.f("ck_pay_lines_whole"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pay_lines_person_id_people")),
        sa.ForeignKeyConstraint(["run_id"], ["pay_runs.id"], name=op.f("fk_pay_lines_run_id_pay_runs")),
        sa.PrimaryKeyConstraint("run_id", "person_id", name=op.f("pk_pay_lines")),
        sa.UniqueConstraint("ref", name=op.f("uq_pay_lines_ref")),
    )
    op.create_index("ix_pay_lines_person_id", "pay_lines", ["person_id"], unique=False)
