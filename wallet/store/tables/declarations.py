"""What co-ops declare that they own."""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint

from wallet.store.columns import at, day, identity, minor, to
from wallet.store.tables.schema import metadata

# Net productive assets, in cash, as a meeting approved them; the newest of a co-op holds, and none is changed.
declarations = sa.Table(
    "declarations",
    metadata,
    identity(),
    to("coops", "coop_id", index=True),
    minor("worth_minor"),
    day("meeting_on"),
    at("declared_at"),
    # What stood then: all RES that was outstanding, and what co-ops owed that had left.
    minor("outstanding_minor"),
    minor("uncovered_minor"),
    CheckConstraint("worth_minor >= 0 AND outstanding_minor >= 0 AND uncovered_minor >= 0", name="not_negative"),
)
