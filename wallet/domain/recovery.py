"""Ways back: how long one that was agreed in person is held to little, and recovery codes as people write them.

A code has six letters that name it and sixteen that nobody else knows (80 bits).
"""

import re
from datetime import timedelta

from wallet.domain.base32 import ALPHABET, MEANT

# After a way back agreed in person: what it opens is held to small sums until its owner would have noticed.
CONFINED = timedelta(hours=72)
PREFIX = 6
SECRET = 16
GROUPS = (6, 4, 4, 4, 4)
PARTS = re.compile(r"[\s\-\u2010-\u2015]+")


def written(code: str) -> str:
    """Write a code in groups."""
    groups, start = [], 0
    for length in GROUPS:
        groups.append(code[start : start + length])
        start += length
    return "-".join(groups)


def parted(typed: str) -> tuple[str, str] | None:
    """Part a code as typed into what names it and what is secret; None for what cannot be one."""
    plain = PARTS.sub("", typed).upper().translate(MEANT)
    if len(plain) != PREFIX + SECRET or not set(plain) <= set(ALPHABET):
        return None
    return plain[:PREFIX], plain[PREFIX:]
