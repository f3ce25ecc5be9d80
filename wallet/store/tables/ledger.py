"""Accounts, the journal, keys and the running rows."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index

from wallet.store.columns import at, count, identity, minor, month, some, text, to
from wallet.store.tables.schema import metadata

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
    # Rows lie in the order of their instants, so that a part of the journal is found by very little.
    Index("ix_transfers_at", "at", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
    some("ix_transfers_answers_id", "answers_id", where="answers_id IS NOT NULL"),
    # What a shift holds, whatever the clock said: it may have been set back since the shift was opened.
    some("ix_transfers_shift_id", "shift_id", where="shift_id IS NOT NULL"),
    # What was given back after a dividend's cut-off.
    some("ix_transfers_refunds_at", "at", where="kind = 'refund'"),
    # What a wallet's list is narrowed to is read in the order of time from one of these (store/views/lanes.py).
    Index("ix_transfers_between", "debit_id", "credit_id", "qualifies", "at", "id"),
    some("ix_transfers_sales", "debit_id", "qualifies", "at", "id", where="kind = 'sale'"),
    some("ix_transfers_received", "credit_id", "kind", "at", "id", where="kind <> 'sale'"),
    some("ix_transfers_gifts", "debit_id", "at", "id", where="kind = 'gift'"),
    some("ix_transfers_givers", "credit_id", "debit_id", where="kind = 'gift'"),
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
    # What a till's scans charged since its shift was opened: of all that has a key, scans alone pay for it.
    some("ix_keys_scans", "scope", "at", where="act = 'sale' AND substr(scope, 1, 5) = 'till:'"),
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
    month("month", primary_key=True),
    month("posted_month", primary_key=True),
    count("income_minor"),
    count("spend_minor"),
)


basis_months = sa.Table(
    "basis_months",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    month("month", primary_key=True),
    count("basis_minor"),
    count("minutes"),
    # A dividend takes off what came after its period, however many years lie before it.
    Index("ix_basis_months_month", "month"),
)


work_months = sa.Table(
    "work_months",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    month("month", primary_key=True),
    count("minutes"),
)


shares = sa.Table(
    "shares",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    month("month", primary_key=True),
    Column("share_bp", sa.Integer, nullable=False),
    # What it was computed from: nothing in the month of the first pay; neither ratio nor target while it is frozen.
    month("window_from", nullable=True),
    month("window_to", nullable=True),
    count("income_minor"),
    count("spend_minor"),
    Column("ratio_bp", sa.Integer, nullable=True),
    Column("target_bp", sa.Integer, nullable=True),
    Column("charter_version", sa.Integer, nullable=False),
    CheckConstraint("share_bp >= 0 AND share_bp <= 10000", name="part_of_pay"),
)


circulation_months = sa.Table(
    "circulation_months",
    metadata,
    # A month that is over: what was outstanding at its end, and the RES sales in it. It is never changed, but goes
    # where a clock that is set back opens its month again.
    month("month", primary_key=True),
    minor("outstanding_minor"),
    minor("sold_minor"),
)


halts = sa.Table(
    "halts",
    metadata,
    # While one is not lifted, nothing is added to the journal: the database itself refuses it.
    identity(),
    at("at"),
    text("reason"),
    at("lifted_at", nullable=True),
)
