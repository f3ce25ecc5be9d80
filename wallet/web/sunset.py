"""What a ballot on the sunset means in days and parts, for the pages that ask and that propose."""

from typing import Any

from wallet.domain import ballot as rule
from wallet.domain import dividend
from wallet.domain.period import local
from wallet.store import federation
from wallet.store.ballots import Ballot
from wallet.store.engine import reading
from wallet.web.current import kit
from wallet.web.filters import federation_zone


def dated(found: Ballot) -> dict[str, Any]:
    """Give the last day as it is and as proposed, and what that changes in parts."""
    return between(found.from_value, found.to_value)


def between(before: int, after: int) -> dict[str, Any]:
    """Give the days of two sunsets, and what going from one to the other changes."""
    with reading(kit().engine) as connection:
        charter_on = federation.charter_on(connection)
    if charter_on is None:
        return {"old": None, "new": None, "changes": ()}
    today = local(kit().clock(), federation_zone()).date()
    months = dividend.complete_months(charter_on, today)
    return {
        "old": dividend.month_after(charter_on, before),
        "new": dividend.month_after(charter_on, after),
        "changes": [(dividend.month_after(charter_on, one.months), one) for one in rule.changes(months, before, after)],
    }
