"""What payer and cashier compare in a glance: two plain words for a payment and a pattern for the minute."""

from datetime import datetime
from hashlib import sha256

from wallet.domain.period import EPOCH
from wallet.domain.wordlist import ADJECTIVES, NOUNS

BANDS = 12


def words_for(ref: str) -> str:
    """Give the two words of the transfer `ref`: the same on every screen that shows it."""
    digest = sha256(ref.encode()).digest()
    return f"{ADJECTIVES[digest[0]]} {NOUNS[digest[1]]}"


def band_for(at: datetime) -> int:
    """Give which of the twelve patterns shows in the minute of `at`."""
    return (at - EPOCH).seconds // 60 % BANDS
