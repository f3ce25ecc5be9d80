"""When a till is cut off: six digits on the payer's screen that its tablet checks without a network.

They follow from a key of the till, the sum and the minute of the server's clock; static/js/lib/outage.js says the same.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from wallet.domain.period import EPOCH

PURPOSE = b"res-wallet paid 1"
DIGITS = 6
KEY_BYTES = 32
MINUTE = timedelta(minutes=1)


def minute_of(at: datetime) -> int:
    """Give the whole minutes from 1970 UTC to the aware instant `at`."""
    return (at - EPOCH) // MINUTE


def begin_of(minute: int) -> datetime:
    """Give the instant at which a minute begins."""
    return EPOCH + minute * MINUTE


def digits_for(key: bytes, total_minor: int, minute: int) -> str:
    """Give the digits of a payment of `total_minor`, RES and cash together, in `minute`."""
    message = PURPOSE + total_minor.to_bytes(8, "big") + minute.to_bytes(8, "big")
    head = hmac.new(key, message, hashlib.sha256).digest()[:8]
    return f"{int.from_bytes(head, 'big') % 10**DIGITS:0{DIGITS}d}"
