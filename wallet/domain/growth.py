"""How the federation grows: over how many days it is looked at, and how long the RES of a co-op would last."""

# People and payments are counted over so many days, co-ops' flows over so many.
RECENT_DAYS, FLOW_DAYS = 30, 90
# RES that would last longer than this is stuck.
STUCK_DAYS = 60


def days_on_hand(balance_minor: int, outflow_minor: int) -> int | None:
    """Give how many whole days a balance lasts at the mean outflow of `FLOW_DAYS`; None where nothing flowed out."""
    if balance_minor <= 0:
        return 0
    return balance_minor * FLOW_DAYS // outflow_minor if outflow_minor > 0 else None


def is_stuck(balance_minor: int, outflow_minor: int) -> bool:
    """Tell whether a balance would last more than `STUCK_DAYS` at the mean outflow of `FLOW_DAYS`."""
    return balance_minor > 0 and balance_minor * FLOW_DAYS > STUCK_DAYS * outflow_minor
