"""A way back is about a member at the co-op that asks for it: what waited at one kept every other from asking."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was decided too: by its subject a desk finds whether the link that it made was stopped.
    op.execute(
        "UPDATE proposals SET subject = (SELECT slug FROM coops WHERE coops.id = proposals.coop_id) || ' ' || subject"
        " WHERE kind = 'recover'"
    )
