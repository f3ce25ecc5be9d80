"""Amounts: from text to minor units and back, with no float anywhere."""

import re

from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.i18n import sum_name

# The contract text goes to 9,999,999,999.99: no single amount is larger, but a balance may come to more.
MAX_MINOR = 999_999_999_999
MINOR_PER_UNIT = 100

_EXACT = re.compile(r"(0|[1-9][0-9]{0,9})\.([0-9]{2})")
_TYPED = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,2}))?")
_TOO_LARGE = re.compile(r"[0-9]{11,}(?:[.,][0-9]{1,2})?")


def parse_amount(text: object) -> int:
    """Read an amount as other systems write it: `12.50`, two decimals, nothing else.

    Raises: Refusal bad_amount.
    """
    found = _EXACT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise refuse("bad_amount")
    return int(found[1]) * MINOR_PER_UNIT + int(found[2])


def parse_typed(text: object, *, moves: bool = True) -> int:
    """Read an amount as a person types it: `12`, `12.5`, `12,50`, spaces around it allowed.

    Three digits after the mark are refused, not guessed at: they may be cents typed wrongly or a thousand.
    `moves` tells whether it was to move, or is only settled, as a limit is.
    Raises: Refusal bad_amount.
    """
    found = _TYPED.fullmatch(text.strip(" ")) if isinstance(text, str) else None
    if found is None and isinstance(text, str) and _TOO_LARGE.fullmatch(text.strip(" ")):
        most = sum_name(MAX_MINOR)
        if moves:
            raise refuse("bad_amount", _("The largest sum is %(sum)s. No money moved. Write a smaller one.", sum=most))
        raise refuse("bad_amount", _("The largest sum is %(sum)s. Nothing was changed. Write a smaller one.", sum=most))
    if found is None and moves:
        raise refuse("bad_amount", _("Write the sum like 12.50, without a currency or spaces. No money moved."))
    if found is None:
        raise refuse("bad_amount", _("Write the sum like 12.50, without a currency or spaces. Nothing was changed."))
    whole = int(found[1])
    return whole * MINOR_PER_UNIT + int((found[2] or "").ljust(2, "0"))


def format_amount(minor: int) -> str:
    """Write `minor` units with two decimals and, below zero, a minus sign."""
    whole, part = divmod(abs(minor), MINOR_PER_UNIT)
    return f"{'-' if minor < 0 else ''}{whole}.{part:02d}"
