"""Payday: runs of pay and their lines, and what bounds the RES part of a line: agreement, election, ceiling, floor."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey

from wallet.store.columns import at, day, identity, minor, month, some, text, to
from wallet.store.tables.schema import metadata

pay_runs = sa.Table(
    "pay_runs",
    metadata,
    identity(),
    # A UUID: the key of each line's transfer is derived from it and the member.
    text("key", unique=True),
    to("coops", "coop_id", index=True),
    # The pay date, a day `YYYY-MM-DD` in the federation's zone.
    day("pay_on"),
    text("state"),
    # Raised by every change, so that nobody submits or approves what they have not seen.
    Column("rev", sa.BigInteger, nullable=False, server_default="1"),
    # What two runs with the same lines share; NULL without lines.
    text("digest", nullable=True),
    # The one ceiling of this run, beside the co-op's own; NULL for none.
    Column("ceiling_bp", sa.Integer, nullable=True),
    to("people", "made_by"),
    at("made_at"),
    # Of what was submitted: the month whose shares its lines hold, the first and the second signature.
    month("month", nullable=True),
    to("people", "submitted_by", nullable=True),
    at("submitted_at", nullable=True),
    to("people", "approved_by", nullable=True),
    at("approved_at", nullable=True),
    at("posted_at", nullable=True),
    # Why it is a draft again: `month`, `overpaid`, `left` (the co-op), `ended` (who submitted it serves no more),
    # `returned` or `taken back`; by whom, of the last two.
    text("returned", nullable=True),
    to("people", "returned_by", nullable=True),
    some("ix_pay_runs_approved", "pay_on", where="state = 'submitted' AND approved_by IS NOT NULL"),
    CheckConstraint("state IN ('draft', 'submitted', 'posted', 'dropped')", name="state"),
    CheckConstraint("(state = 'posted') = (posted_at IS NOT NULL)", name="posted"),
    CheckConstraint("(state IN ('submitted', 'posted')) = (submitted_by IS NOT NULL)", name="submitted"),
    CheckConstraint(
        "(submitted_by IS NULL) = (submitted_at IS NULL) AND (submitted_by IS NULL) = (month IS NULL)", name="signed"
    ),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved"),
    CheckConstraint("approved_by IS NULL OR approved_by <> submitted_by", name="two_people"),
    CheckConstraint("state <> 'posted' OR approved_by IS NOT NULL", name="posted_by_two"),
    CheckConstraint("ceiling_bp IS NULL OR (ceiling_bp >= 0 AND ceiling_bp <= 10000)", name="ceiling"),
)


pay_lines = sa.Table(
    "pay_lines",
    metadata,
    Column("run_id", sa.BigInteger, ForeignKey("pay_runs.id"), primary_key=True),
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    # The place of the line in its run, as it was entered.
    Column("number", sa.Integer, nullable=False),
    # The ref of its transfer, once that is posted.
    text("ref", unique=True),
    Column("minutes", sa.BigInteger, nullable=False),
    # What is due after the deductions, what of it is kept back for an overpayment, and the deductions, for the slip.
    minor("due_minor"),
    minor("kept_back_minor", server_default="0"),
    minor("deductions_minor", server_default="0"),
    # What about the entry is worth a look: codes with blanks between.
    text("warnings", server_default=""),
    # Of a line that was submitted: what bounded its RES part, and the split. Nothing bounds it where a figure is NULL.
    Column("entitlement_bp", sa.Integer, nullable=True),
    Column("elected_bp", sa.Integer, nullable=True),
    Column("ceiling_bp", sa.Integer, nullable=True),
    minor("floor_hour_minor", nullable=True),
    Column("share_bp", sa.Integer, nullable=True),
    minor("res_minor", nullable=True),
    minor("cash_minor", nullable=True),
    sa.Index("ix_pay_lines_person_id", "person_id"),
    CheckConstraint("minutes >= 0 AND deductions_minor >= 0", name="not_negative"),
    CheckConstraint("due_minor > 0 AND kept_back_minor >= 0 AND kept_back_minor < due_minor", name="something_is_due"),
    CheckConstraint(
        "(entitlement_bp IS NULL) = (share_bp IS NULL) AND (entitlement_bp IS NULL) = (res_minor IS NULL)"
        " AND (entitlement_bp IS NULL) = (cash_minor IS NULL)",
        name="split",
    ),
    CheckConstraint(
        "res_minor IS NULL OR (res_minor >= 0 AND cash_minor >= 0"
        " AND res_minor + cash_minor = due_minor - kept_back_minor)",
        name="whole",
    ),
)


agreements = sa.Table(
    "agreements",
    metadata,
    # Nobody is paid RES before having agreed to this once.
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("version", sa.Integer, primary_key=True),
    text("words"),
    at("agreed_at"),
)


elections = sa.Table(
    "elections",
    metadata,
    Column("person_id", sa.BigInteger, ForeignKey("people.id"), primary_key=True),
    # From this month on, until a later row.
    month("from_month", primary_key=True),
    # The most of their pay that a member takes in RES; NULL takes the whole share again.
    Column("elected_bp", sa.Integer, nullable=True),
    # On no page: evidence, read by hand, of when they said so.
    at("chosen_at"),
    CheckConstraint("elected_bp IS NULL OR (elected_bp >= 0 AND elected_bp <= 10000)", name="part_of_pay"),
)


pay_ceilings = sa.Table(
    "pay_ceilings",
    metadata,
    identity(),
    # The newest row of a co-op holds, for what is submitted from then on; NULL is no ceiling.
    to("coops", "coop_id", index=True),
    Column("ceiling_bp", sa.Integer, nullable=True),
    to("people", "set_by"),
    at("set_at"),
    CheckConstraint("ceiling_bp IS NULL OR (ceiling_bp >= 0 AND ceiling_bp <= 10000)", name="part_of_pay"),
)


cash_floors = sa.Table(
    "cash_floors",
    metadata,
    identity(),
    # The newest answer of a co-op holds: the least cash per hour that law asks for, or NULL for "none applies".
    to("coops", "coop_id", index=True),
    minor("hour_minor", nullable=True),
    # Who answered, as they wrote their name; and who was signed in, on no page: evidence, read by hand.
    text("name"),
    to("people", "answered_by"),
    at("answered_at"),
    CheckConstraint("hour_minor IS NULL OR hour_minor > 0", name="something"),
)


overpayments = sa.Table(
    "overpayments",
    metadata,
    identity(),
    to("coops", "coop_id"),
    to("people", "person_id"),
    # What was paid too much; what is carried of it is the sum less what was withdrawn and what posted lines of the
    # co-op have kept back.
    minor("amount_minor"),
    text("note"),
    to("people", "noted_by"),
    at("noted_at"),
    at("withdrawn_at", nullable=True),
    # What had not been kept back by then.
    minor("withdrawn_minor", nullable=True),
    sa.Index("ix_overpayments_coop_id_person_id", "coop_id", "person_id"),
    CheckConstraint("amount_minor > 0", name="something"),
)
