"""Ballots: what is asked, the roll, and papers without names; a passkey's answer may be to a vote."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CEREMONIES = "ceremony IN ('join', 'add', 'sign-in', 'confirm', 'pay', 'vote')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_challenges_ceremony"), "challenges")
        op.create_check_constraint(op.f("ck_challenges_ceremony"), "challenges", CEREMONIES)
    else:
        # SQLite keeps a table's checks for good: the table is made anew with the wider one.
        with op.batch_alter_table("challenges", copy_from=challenges(), recreate="always"):
            pass
    ballots()
    rolls()
    papers()


def challenges() -> sa.Table:
    return sa.Table(
        "challenges",
        sa.MetaData(),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("ceremony", sa.Text(), nullable=False),
        sa.Column("bearer", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("invitation_id", sa.BigInteger(), nullable=True),
        sa.Column("user_handle", sa.Text(), nullable=True),
        sa.Column("bound", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(CEREMONIES, name="ck_challenges_ceremony"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name="fk_challenges_invitation_id_invitations"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_challenges_person_id_people"),
        sa.PrimaryKeyConstraint("digest", name="pk_challenges"),
        sa.Index("ix_challenges_expires_at", "expires_at"),
    )


def ballots() -> None:
    op.create_table(
        "ballots",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parameter", sa.Text(), nullable=False),
        sa.Column("from_value", sa.Integer(), nullable=False),
        sa.Column("to_value", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("open_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closes_at", sa.BigInteger(), nullable=True),
        sa.Column("roll_hash", sa.Text(), nullable=True),
        sa.CheckConstraint("parameter = 'sunset_months'", name=op.f("ck_ballots_parameter")),
        sa.CheckConstraint("to_value > 0 AND to_value <> from_value", name=op.f("ck_ballots_value")),
        sa.CheckConstraint(
            "state IN ('proposed', 'withdrawn', 'open', 'passed', 'failed')", name=op.f("ck_ballots_state")
        ),
        sa.CheckConstraint(
            "(state IN ('proposed', 'withdrawn')) = (opened_at IS NULL) AND (opened_at IS NULL) = (opened_by IS NULL)"
            " AND (opened_at IS NULL) = (closes_at IS NULL) AND (opened_at IS NULL) = (roll_hash IS NULL)",
            name=op.f("ck_ballots_opened"),
        ),
        sa.CheckConstraint("opened_by IS NULL OR opened_by <> proposed_by", name=op.f("ck_ballots_two_people")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_ballots_proposed_by_people")),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_ballots_opened_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballots")),
    )
    stands = sa.text("state IN ('proposed', 'open')")
    op.create_index(
        "uq_ballots_stands", "ballots", ["parameter"], unique=True, postgresql_where=stands, sqlite_where=stands
    )


def rolls() -> None:
    op.create_table(
        "ballot_coops",
        sa.Column("ballot_id", sa.BigInteger(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("eligible > 0 AND yes >= 0 AND yes <= eligible", name=op.f("ck_ballot_coops_counts")),
        sa.CheckConstraint("outcome IN ('passed', 'failed', 'left')", name=op.f("ck_ballot_coops_outcome")),
        sa.CheckConstraint("(yes IS NULL) = (outcome IS NULL)", name=op.f("ck_ballot_coops_closed")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_ballot_coops_ballot_id_ballots")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_ballot_coops_coop_id_coops")),
        sa.PrimaryKeyConstraint("ballot_id", "coop_id", name=op.f("pk_ballot_coops")),
    )
    op.create_table(
        "ballot_places",
        sa.Column("ballot_id", sa.BigInteger(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("voted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_ballot_places_ballot_id_ballots")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_ballot_places_coop_id_coops")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_ballot_places_person_id_people")),
        sa.PrimaryKeyConstraint("ballot_id", "coop_id", "person_id", name=op.f("pk_ballot_places")),
    )


def papers() -> None:
    op.create_table(
        "ballot_papers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ballot_id", sa.BigInteger(), nullable=False),
        sa.Column("coop_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.CheckConstraint("choice IN ('yes', 'no', 'blank')", name=op.f("ck_ballot_papers_choice")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_ballot_papers_ballot_id_ballots")),
        sa.ForeignKeyConstraint(["coop_id"], ["coops.id"], name=op.f("fk_ballot_papers_coop_id_coops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_papers")),
    )
    op.create_index("ix_ballot_papers_of", "ballot_papers", ["ballot_id", "coop_id"])
