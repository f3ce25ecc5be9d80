"""Addresses that notices lead to, whatever signs a co-op has in its slug."""

from urllib.parse import quote


def of_office(coop: str) -> str:
    """Give the address below which the pages of a co-op's office stand."""
    return f"/office/{quote(coop, safe='')}"
