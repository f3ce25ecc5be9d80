"""What the office has in hand: acts that wait for a second person, and lists of people who are to be invited."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint

from wallet.domain.proposal import KINDS
from wallet.store.columns import at, identity, some, text, to
from wallet.store.tables.schema import metadata

proposals = sa.Table(
    "proposals",
    metadata,
    identity(),
    text("kind"),
    # What it is about, so that the same thing waits once.
    text("subject"),
    # Of a role at a co-op; what concerns the federation has none.
    to("coops", "coop_id", nullable=True, index=True),
    # What is to be done, as JSON.
    text("content"),
    to("people", "proposed_by"),
    at("proposed_at"),
    # NULL when it is done: nobody else was there yet who could have agreed. When it is withdrawn: whom it is about, or
    # the co-op, has left, or the role of who proposed it has ended.
    to("people", "decided_by", nullable=True),
    at("decided_at", nullable=True),
    text("state"),
    some("uq_proposals_waiting", "kind", "subject", where="state = 'waiting'", unique=True),
    CheckConstraint("kind IN ({})".format(", ".join(f"'{kind}'" for kind in KINDS)), name="kind"),
    CheckConstraint("state IN ('waiting', 'done', 'declined', 'withdrawn')", name="state"),
    CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("state <> 'done' OR decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
)


invitation_lists = sa.Table(
    "invitation_lists",
    metadata,
    identity(),
    to("coops", "coop_id", index=True),
    to("people", "made_by"),
    at("made_at"),
    # The people of the list, as JSON: pairs of name and kind.
    text("people"),
    at("used_at", nullable=True),
    # The digest of the key that it was sent off with: whoever holds the key is shown the same links again.
    text("key_digest", nullable=True),
)
