"""How people get in: passkeys and their challenges, recovery codes, invitations, and the notices of what happened."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column

from wallet.store.columns import at, identity, minor, some, text, to
from wallet.store.tables.schema import metadata

passkeys = sa.Table(
    "passkeys",
    metadata,
    identity(),
    to("people", "person_id", index=True),
    # base64url, as browsers write it.
    text("credential_id", unique=True),
    # What authenticators call the person: random, the same for all passkeys of one.
    text("user_handle", index=True),
    Column("public_key", sa.LargeBinary, nullable=False),
    Column("sign_count", sa.BigInteger, nullable=False),
    Column("backup_eligible", sa.Boolean, nullable=False),
    Column("backed_up", sa.Boolean, nullable=False),
    text("transports"),
    text("name"),
    at("created_at"),
    at("last_used_at", nullable=True),
    # Its counter went back: it may have been copied. It still opens the door, but each payment asks for it anew.
    at("doubted_at", nullable=True),
    at("removed_at", nullable=True),
)


challenges = sa.Table(
    "challenges",
    metadata,
    # The digest of the challenge, so that nobody who reads the database can answer it.
    text("digest", primary_key=True),
    text("ceremony"),
    # The digest of the session, or of the browser's own token before there is one.
    text("bearer"),
    to("people", "person_id", nullable=True),
    to("invitations", "invitation_id", nullable=True),
    text("user_handle", nullable=True),
    # Of a payment: the digest of payee, amount, bill and key; of a vote: of ballot and co-op.
    text("bound", nullable=True),
    at("expires_at", index=True),
    at("used_at", nullable=True),
    CheckConstraint("ceremony IN ('join', 'add', 'sign-in', 'confirm', 'pay', 'vote')", name="ceremony"),
)


recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    # The first letters of a code name its row; the rest is kept as a digest only.
    text("prefix", primary_key=True),
    to("people", "person_id", index=True),
    text("digest"),
    at("created_at"),
    at("used_at", nullable=True),
    at("replaced_at", nullable=True),
)


invitations = sa.Table(
    "invitations",
    metadata,
    identity(),
    text("token_hash", unique=True),
    # person: for somebody who is here already and has no passkey that works.
    text("kind"),
    to("coops", "coop_id", nullable=True, index=True),
    to("people", "person_id", nullable=True),
    text("handle", nullable=True),
    text("name"),
    # Names of roles at the co-op, parted by commas.
    text("roles"),
    to("people", "invited_by", nullable=True),
    at("created_at"),
    at("expires_at"),
    # A way back agreed in person waits, so that its owner can stop it.
    at("opens_at", nullable=True),
    at("used_at", nullable=True),
    to("people", "used_by", nullable=True),
    at("withdrawn_at", nullable=True),
    CheckConstraint("kind IN ('worker', 'customer', 'facilitator', 'person')", name="kind"),
    CheckConstraint("(kind = 'person') = (person_id IS NOT NULL)", name="person"),
    CheckConstraint("kind <> 'worker' OR coop_id IS NOT NULL", name="place"),
)


notices = sa.Table(
    "notices",
    metadata,
    identity(),
    to("people", "person_id"),
    # access: what changed about ways in, told on every browser; money: what moved or asks for an answer, told once.
    text("topic", server_default="access"),
    text("kind"),
    # What the sentence of this kind is filled with.
    text("about"),
    # Of money: how much RES, and the page that tells the rest.
    minor("amount_minor", nullable=True),
    text("link", nullable=True),
    at("at"),
    at("seen_at", nullable=True),
    # Until when it asks for something, brought forward by who does it; NULL of what only tells.
    at("until_at", nullable=True),
    sa.Index("ix_notices_person_id_topic_at", "person_id", "topic", "at"),
    some("ix_notices_new", "person_id", where="topic = 'money' AND seen_at IS NULL"),
    some("ix_notices_asking", "link", where="until_at IS NOT NULL"),
)
