"""Addresses as they are written, whatever signs a name has in it."""

from urllib.parse import quote


def segment(name: str) -> str:
    """Give what stands for a name between two slashes of an address, or after an equals sign."""
    return quote(name, safe="")


def of_office(coop: str) -> str:
    """Give the address below which the pages of a co-op's office stand."""
    return f"/office/{segment(coop)}"
