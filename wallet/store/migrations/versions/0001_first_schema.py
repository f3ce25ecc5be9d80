"""The first schema: people, co-ops, tills, the ledger, bills and member codes."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTER = Path(__file__).parent.parent / "functions" / "0001_counter.sql"
# The journal is added to and never changed: a correction is a new transfer.
POSTGRESQL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
END $$;
CREATE TRIGGER transfers_stay BEFORE UPDATE OR DELETE ON transfers
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_stay_all BEFORE TRUNCATE ON transfers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
SQLITE = (
    "CREATE TRIGGER transfers_stay_update BEFORE UPDATE ON transfers "
    "BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END",
    "CREATE TRIGGER transfers_stay_delete BEFORE DELETE ON transfers "
    "BEGIN SELECT RAISE(ABORT, 'rows of transfers are never changed'); END",
)


def upgrade() -> None:
    create_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL)
        op.execute(COUNTER.read_text(encoding="utf-8"))
    else:
        for trigger in SQLITE:
            op.execute(trigger)


def create_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("floor_minor", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("eligible_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("eligible_minutes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("basis_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("qualified_minutes", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "kind <> 'wallet' OR eligible_minor <= balance_minor", name=op.f("ck_accounts_eligible_within_balance")
        ),
        sa.CheckConstraint("kind IN ('wallet', 'till', 'coop', 'pool')", name=op.f("ck_accounts_kind")),
        sa.CheckConstraint(
            "kind NOT IN ('wallet', 'pool') OR balance_minor >= 0", name=op.f("ck_accounts_never_below_zero")
        ),
        sa.CheckConstraint(
            "eligible_minor >= 0 AND eligible_minutes >= 0 AND basis_minor >= 0",
            name=op.f("ck_accounts_running_figures"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "federation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("charter_on", sa.Text(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_federation_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation")),
    )
    op.create_table(
        "keys",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("made", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_keys")),
    )
    op.create_table(
        "coops",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("admitted_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended', 'left')", name=op.f("ck_coops_status")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_coops_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coops")),
        sa.UniqueConstraint("account_id", name=op.f("uq_coops_account_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_coops_slug")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("counter_name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("code_payment_minor", sa.BigInteger(), server_default="5000", nullable=False),
        sa.Column("code_day_minor", sa.BigInteger(), server_default="15000", nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_people_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("account_id", name=op.f("uq_people_account_id")),
        sa.UniqueConstraint("handle", name=op.f("uq_people_handle")),
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("debit_id", sa.BigInteger(), nullable=False),
        sa.Column("credit_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("debit_seq", sa.BigInteger(), nullable=False),
        sa.Column("credit_seq", sa.BigInteger(), nullable=False),
        sa.Column("debit_balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("credit_balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("qualifies", sa.Boolean(), nullable=True),
        sa.Column("basis_minor", sa.BigInteger(), nullable=True),
        sa.Column("basis_minutes", sa.BigInteger(), nullable=True),
        sa.Column("answers_id", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("counted_minutes", sa.BigInteger(), nullable=True),
        sa.Column("share_bp", sa.Integer(), nullable=True),
        sa.Column("till_id", sa.Text(), nullable=True),
        sa.Column("shift_id", sa.BigInteger(), nullable=True),
        sa.Column("cashier_id", sa.BigInteger(), nullable=True),
        sa.Column("bill", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("means", sa.Text(), nullable=True),
        sa.Column("xact", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "amount_minor > 0 OR kind = 'pay' OR (kind IN ('sale', 'refund') AND cash_minor > 0)",
            name=op.f("ck_transfers_zero"),
        ),
        sa.CheckConstraint(
            "kind IN ('pay', 'sale', 'refund', 'gift', 'supply', 'fund', 'dividend', 'sweep')",
            name=op.f("ck_transfers_kind"),
        ),
        sa.CheckConstraint("kind IN ('sale', 'refund', 'pay') OR cash_minor = 0", name=op.f("ck_transfers_cash")),
        sa.CheckConstraint("amount_minor >= 0 AND cash_minor >= 0", name=op.f("ck_transfers_not_negative")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_transfers_two_accounts")),
        sa.ForeignKeyConstraint(["answers_id"], ["transfers.id"], name=op.f("fk_transfers_answers_id_transfers")),
        sa.ForeignKeyConstraint(["credit_id"], ["accounts.id"], name=op.f("fk_transfers_credit_id_accounts")),
        sa.ForeignKeyConstraint(["debit_id"], ["accounts.id"], name=op.f("fk_transfers_debit_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("ref", name=op.f("uq_transfers_ref")),
    )
    op.create_index(
        "ix_transfers_answers_id",
        "transfers",
        ["answers_id"],
        unique=False,
        postgresql_where=sa.text("answers_id IS NOT NULL"),
        sqlite_where=sa.text("answers_id IS NOT NULL"),
    )
    op.create_index("ix_transfers_credit_id_at", "transfers", ["credit_id", "at"], unique=False)
    op.create_index("ix_transfers_debit_id_at", "transfers", ["debit_id", "at"], unique=False)
    op.create_table(
        "basis_months",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("basis_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("minutes", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_basis_months_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "month", name=op.f("pk_basis_months")),
    )
    op.create_table(
        "code_days",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_code_days_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_code_days")),
    )
    op.create_table(
        "code_keys",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("public_key_hash", sa.Text(), nullable=False),
        sa.Column("server_public_key", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_code_keys_person_id_people")),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_code_keys")),
        sa.UniqueConstraint("public_key_hash", name=op.f("uq_code_keys_public_key_hash")),
    )
    op.create_index(op.f("ix_code_keys_person_id"), "code_keys", ["person_id"], unique=False)
    op.create_table(
        "own_set",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("is_member", sa.Boolean(), nullable=False),
        sa.Column("member_since", sa.BigInteger(), nullable=True),
        sa.Column("last_paid_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_own_set_coop_id_coops")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_own_set_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "coop_id", name=op.f("pk_own_set")),
    )
    op.create_table(
        "patronage_months",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("posted_month", sa.Text(), nullable=False),
        sa.Column("income_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("spend_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_patronage_months_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "month", "posted_month", name=op.f("pk_patronage_months")),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(role = 'facilitator') = (coop_id IS NULL)", name=op.f("ck_roles_place")),
        sa.CheckConstraint("role IN ('cashier', 'steward', 'facilitator')", name=op.f("ck_roles_role")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_roles_coop_id_coops")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_roles_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
    )
    op.create_index(op.f("ix_roles_person_id"), "roles", ["person_id"], unique=False)
    op.create_table(
        "sale_refunds",
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_refunded_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["transfers.id"], name=op.f("fk_sale_refunds_sale_id_transfers")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_sale_refunds")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_table(
        "tills",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tills_account_id_accounts")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_tills_coop_id_coops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tills")),
        sa.UniqueConstraint("account_id", name=op.f("uq_tills_account_id")),
    )
    op.create_index(op.f("ix_tills_coop_id"), "tills", ["coop_id"], unique=False)
    op.create_table(
        "work_months",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_work_months_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "month", name=op.f("pk_work_months")),
    )
    op.create_table(
        "code_attempts",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("till_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["code_keys.device"], name=op.f("fk_code_attempts_device_code_keys")),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_code_attempts_till_id_tills")),
        sa.PrimaryKeyConstraint("device", "step", name=op.f("pk_code_attempts")),
    )
    op.create_table(
        "shifts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("till_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_shifts_opened_by_people")),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_shifts_till_id_tills")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index(
        "uq_shifts_open_till",
        "shifts",
        ["till_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "bills",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("till_id", sa.Text(), nullable=False),
        sa.Column("cashier_id", sa.BigInteger(), nullable=False),
        sa.Column("shift_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("bound_to", sa.BigInteger(), nullable=True),
        sa.Column("transfer_id", sa.BigInteger(), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("(state = 'paid') = (transfer_id IS NOT NULL)", name=op.f("ck_bills_paid_once")),
        sa.CheckConstraint("state IN ('open', 'paid', 'declined', 'cancelled')", name=op.f("ck_bills_state")),
        sa.CheckConstraint(
            "amount_minor > 0 AND cash_minor >= 0 AND cash_minor <= amount_minor", name=op.f("ck_bills_amounts")
        ),
        sa.ForeignKeyConstraint(["bound_to"], ["people.id"], name=op.f("fk_bills_bound_to_people")),
        sa.ForeignKeyConstraint(["cashier_id"], ["people.id"], name=op.f("fk_bills_cashier_id_people")),
        sa.ForeignKeyConstraint(["claimed_by"], ["people.id"], name=op.f("fk_bills_claimed_by_people")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_bills_shift_id_shifts")),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_bills_till_id_tills")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_bills_transfer_id_transfers")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bills")),
    )
    op.create_index(
        "ix_bills_bound_to_expires_at",
        "bills",
        ["bound_to", "expires_at"],
        unique=False,
        postgresql_where=sa.text("bound_to IS NOT NULL"),
        sqlite_where=sa.text("bound_to IS NOT NULL"),
    )
    op.create_index("ix_bills_till_id_opened_at", "bills", ["till_id", "opened_at"], unique=False)
