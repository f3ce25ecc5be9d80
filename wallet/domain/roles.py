"""The roles that people serve in, and when a new one begins."""

from datetime import datetime, timedelta

# What somebody does for a co-op; a facilitator serves the federation.
AT_A_COOP = frozenset({"cashier", "steward"})
# What moves a co-op's money or opens wallets: it rests while a way back is held to small sums.
RESTS = frozenset({"steward", "facilitator"})
STEWARD_WAITS = timedelta(hours=24)
STEWARD_WAITS_IN_DEMO = timedelta(seconds=10)


def begins(role: str, now: datetime, *, demo: bool = False) -> datetime:
    """Tell when a role begins that is given now: a new steward waits, so that others may object."""
    if role != "steward":
        return now
    return now + (STEWARD_WAITS_IN_DEMO if demo else STEWARD_WAITS)
