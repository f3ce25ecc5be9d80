"""Every table; store/columns.py says what their columns mean."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index

from wallet.store.columns import at, count, identity, minor, some, text, to

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

federation = sa.Table(
    "federation",
    metadata,
    identity(),
    text("name"),
    text("zone"),
    text("charter_on", nullable=True),
    CheckConstraint("id = 1", name="one"),
)

accounts = sa.Table(
    "accounts",
    metadata,
    identity(),
    text("kind"),
    # Locks are taken by rank, then id: quiet rows (wallets) before busy ones (tills, co-ops, the pool).
    Column("rank", sa.SmallInteger, nullable=False),
    minor("balance_minor", server_default="0"),
    # NULL means no floor: a till may go below zero by what it refunds until its sweep.
    minor("floor_minor", nullable=True),
    Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    count("eligible_minor"),
    count("eligible_minutes"),
    count("basis_minor"),
    count("qualified_minutes"),
    CheckConstraint("kind IN ('wallet', 'till', 'coop', 'pool')", name="kind"),
    CheckConstraint("kind NOT IN ('wallet', 'pool') OR balance_minor >= 0", name="never_below_zero"),
    CheckConstraint("eligible_minor >= 0 AND eligible_minutes >= 0 AND basis_minor >= 0", name="running_figures"),
    CheckConstraint("kind <> 'wallet' OR eligible_minor <= balance_minor", name="eligible_within_balance"),
)

# A co-op's floors, one after another: each holds for the postings of its account after `after_seq`.
credit_lines = sa.Table(
    "credit_lines",
    metadata,
    Column("account_id", sa.BigInteger, ForeignKey("accounts.id"), primary_key=True),
    Column("after_seq", sa.BigInteger, primary_key=True),
    minor("floor_minor"),
)

people = sa.Table(
    "people",
    metadata,
    identity(),
    text("handle", unique=True),
    text("name"),
    # What a till shows: the name a member chose for counters.
    text("counter_name"),
    to("accounts", "account_id", nullable=True, unique=True),
    minor("code_payment_minor", server_default="5000"),
    minor("code_day_minor", server_default="15000"),
    at("joined_at"),
)

coops = sa.Table(
    "coops",
    metadata,
    identity(),
    text("slug", unique=True),
    text("name"),
    text("need"),
    text("place"),
    text("mark"),
    text("status"),
    at("admitted_at"),
    at("left_at", nullable=True),
    to("accounts", "account_id", unique=True),
    CheckConstraint("status IN ('active', 'suspended', 'left')", name="status"),
)

tills = sa.Table(
    "tills",
    metadata,
    text("id", primary_key=True),
    to("coops", "coop_id", index=True),
    text("name"),
    to("accounts", "account_id", unique=True),
)

own_set = sa.Table(
    "own_set",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("coop_id", sa.BigInteger, ForeignKey("coops.id"), primary_key=True),
    Column("is_member", sa.Boolean, nullable=False),
    at("member_since", nullable=True),
    at("last_paid_at", nullable=True),
)

roles = sa.Table(
    "roles",
    metadata,
    identity(),
    to("people", "person_id", index=True),
    text("role"),
    to("coops", "coop_id", nullable=True),
    at("granted_at"),
    at("revoked_at", nullable=True),
    CheckConstraint("role IN ('cashier', 'steward', 'facilitator')", name="role"),
    CheckConstraint("(role = 'facilitator') = (coop_id IS NULL)", name="place"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    identity(),
    text("token_hash", unique=True),
    to("people", "person_id", index=True),
    at("created_at"),
    at("expires_at"),
    at("revoked_at", nullable=True),
)

shifts = sa.Table(
    "shifts",
    metadata,
    identity(),
    text("till_id"),
    at("opened_at"),
    to("people", "opened_by"),
    at("closed_at", nullable=True),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
    some("uq_shifts_open_till", "till_id", where="closed_at IS NULL", unique=True),
)

transfers = sa.Table(
    "transfers",
    metadata,
    identity(),
    text("ref", unique=True),
    text("kind"),
    at("at"),
    to("accounts", "debit_id"),
    to("accounts", "credit_id"),
    minor("amount_minor"),
    minor("cash_minor", server_default="0"),
    Column("debit_seq", sa.BigInteger, nullable=False),
    Column("credit_seq", sa.BigInteger, nullable=False),
    minor("debit_balance_minor"),
    minor("credit_balance_minor"),
    Column("qualifies", sa.Boolean, nullable=True),
    # x and y: the basis and minutes that the sale moved, or that a refund gave back.
    minor("basis_minor", nullable=True),
    Column("basis_minutes", sa.BigInteger, nullable=True),
    to("transfers", "answers_id", nullable=True),
    # Of a pay line: its total, its minutes, those that counted, and the share it was paid at.
    minor("total_minor", nullable=True),
    Column("minutes", sa.BigInteger, nullable=True),
    Column("counted_minutes", sa.BigInteger, nullable=True),
    Column("share_bp", sa.Integer, nullable=True),
    # Copied from the bill or the scan, whose references are checked; a journal row is not slowed down by them again.
    text("till_id", nullable=True),
    Column("shift_id", sa.BigInteger, nullable=True),
    Column("cashier_id", sa.BigInteger, nullable=True),
    text("bill", nullable=True),
    text("note", nullable=True),
    text("words", nullable=True),
    # How a sale was agreed to: on the payer's phone, by a shown member code, or brought in from a history.
    text("means", nullable=True),
    # PostgreSQL's transaction id; a seal must know which rows no open transaction can precede.
    Column("xact", sa.BigInteger, nullable=True),
    Index("ix_transfers_debit_id_at", "debit_id", "at"),
    Index("ix_transfers_credit_id_at", "credit_id", "at"),
    some("ix_transfers_answers_id", "answers_id", where="answers_id IS NOT NULL"),
    CheckConstraint("kind IN ('pay', 'sale', 'refund', 'gift', 'supply', 'fund', 'dividend', 'sweep')", name="kind"),
    CheckConstraint("amount_minor >= 0 AND cash_minor >= 0", name="not_negative"),
    CheckConstraint("debit_id <> credit_id", name="two_accounts"),
    CheckConstraint("amount_minor > 0 OR kind = 'pay' OR (kind IN ('sale', 'refund') AND cash_minor > 0)", name="zero"),
    CheckConstraint("kind IN ('sale', 'refund', 'pay') OR cash_minor = 0", name="cash"),
)

keys = sa.Table(
    "keys",
    metadata,
    Column("scope", sa.Text, primary_key=True),
    Column("key", sa.Text, primary_key=True),
    text("digest"),
    # What the key made: a transfer's ref or a bill's code.
    text("act"),
    text("made"),
    at("at"),
)

sale_refunds = sa.Table(
    "sale_refunds",
    metadata,
    Column("sale_id", sa.BigInteger, ForeignKey("transfers.id"), primary_key=True),
    minor("refunded_minor"),
    minor("cash_refunded_minor"),
)

patronage_months = sa.Table(
    "patronage_months",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("month", sa.Text, primary_key=True),
    Column("posted_month", sa.Text, primary_key=True),
    count("income_minor"),
    count("spend_minor"),
)

basis_months = sa.Table(
    "basis_months",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("month", sa.Text, primary_key=True),
    count("basis_minor"),
    count("minutes"),
)

work_months = sa.Table(
    "work_months",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("month", sa.Text, primary_key=True),
    count("minutes"),
)

bills = sa.Table(
    "bills",
    metadata,
    Column("code", sa.Text, primary_key=True),
    text("till_id"),
    to("people", "cashier_id"),
    to("shifts", "shift_id"),
    # The whole sum; the cash part of it is taken at the till.
    minor("amount_minor"),
    minor("cash_minor"),
    text("note", nullable=True),
    text("state"),
    at("opened_at"),
    at("expires_at"),
    to("people", "claimed_by", nullable=True),
    at("claimed_at", nullable=True),
    # A bill made by a scan is bound to the member who was scanned.
    to("people", "bound_to", nullable=True),
    # Not indexed, so that paying a bill touches no index: its state is guarded, and verify looks for a transfer twice.
    to("transfers", "transfer_id", nullable=True),
    Column("rev", sa.BigInteger, nullable=False, server_default="1"),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
    Index("ix_bills_till_id_opened_at", "till_id", "opened_at"),
    some("ix_bills_bound_to_expires_at", "bound_to", "expires_at", where="bound_to IS NOT NULL"),
    CheckConstraint("state IN ('open', 'paid', 'declined', 'cancelled')", name="state"),
    CheckConstraint("amount_minor > 0 AND cash_minor >= 0 AND cash_minor <= amount_minor", name="amounts"),
    CheckConstraint("(state = 'paid') = (transfer_id IS NOT NULL)", name="paid_once"),
)

code_keys = sa.Table(
    "code_keys",
    metadata,
    text("device", primary_key=True),
    to("people", "person_id", index=True),
    Column("secret", sa.LargeBinary, nullable=False),
    # A digest of the phone's public key: enrolling the same phone twice answers with the same device.
    text("public_key_hash", unique=True),
    text("server_public_key"),
    Column("last_step", sa.BigInteger, nullable=False, server_default="0"),
    at("enrolled_at"),
    at("frozen_at", nullable=True),
    at("revoked_at", nullable=True),
)

code_attempts = sa.Table(
    "code_attempts",
    metadata,
    Column("device", sa.Text, ForeignKey("code_keys.device"), primary_key=True),
    Column("step", sa.BigInteger, primary_key=True),
    text("till_id"),
    text("key"),
    # NULL while the attempt is under way; then paid, asked or refused.
    text("outcome", nullable=True),
    at("at"),
    sa.ForeignKeyConstraint(["till_id"], ["tills.id"]),
)

code_days = sa.Table(
    "code_days",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("day", sa.Text, primary_key=True),
    minor("spent_minor"),
)
