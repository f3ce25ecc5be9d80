"""What addresses name."""

from wallet.domain.bill import normalise
from wallet.errors import Refusal, refuse


def read_code(text: str) -> str:
    """Read a bill's code from an address; what cannot be one names no bill.

    Raises: unknown_bill.
    """
    try:
        return normalise(text)
    except Refusal as malformed:
        raise refuse("unknown_bill") from malformed
