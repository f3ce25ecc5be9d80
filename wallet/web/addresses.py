"""What addresses name."""

from wallet.domain.bill import normalise
from wallet.errors import Refusal, refuse
from wallet.web.fields import is_clean


def read_code(text: str) -> str:
    """Read a bill's code from an address; what cannot be one names no bill.

    Raises: unknown_bill.
    """
    try:
        return normalise(text)
    except Refusal as malformed:
        raise refuse("unknown_bill") from malformed


def own_path(address: str) -> str:
    """Give `address` if it is a path of ours, else nothing: no sign-in leads away."""
    own = address.startswith("/") and not address.startswith("//")
    return address if own and "\\" not in address and is_clean(address) else ""
