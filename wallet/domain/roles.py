"""The roles that people serve in, and when a new one begins."""

from datetime import datetime

from wallet.domain.deployment import Deployment

# What somebody does for a co-op; a facilitator serves the federation.
AT_A_COOP = frozenset({"cashier", "steward"})
# What moves a co-op's money or opens wallets: it rests while a way back is held to small sums.
RESTS = frozenset({"steward", "facilitator"})


def begins(role: str, now: datetime, deployment: Deployment) -> datetime:
    """Tell when a role begins that is given now: a new steward waits, so that others may object."""
    return now + deployment.steward_waits if role == "steward" else now
