"""Readers of forms for numbers: whole ones, and amounts that may be below zero."""

import re
from typing import Any

from wallet.errors import refuse
from wallet.web.forms import Field, Number, amount

NUMBER = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)


def signed_amount(*, optional: bool = False) -> Field:
    """Read an amount that may be 0 or, with a minus before it, below: what a register says after refunds."""
    plain = amount(zero=True).reader

    def reader(value: Any, typed: bool) -> int:
        written = value.strip(" ") if typed and isinstance(value, str) else value
        if isinstance(written, str) and written[:1] in (("-", "−") if typed else ("-",)):
            return -int(plain(written[1:], typed))
        return int(plain(written, typed))

    return Field(reader, optional, 0, is_amount=True)


def number(*, optional: bool = False) -> Field:
    """Read a whole number of at most fifteen digits; absent is None."""

    def reader(value: Any, _typed: bool) -> int:
        written = value.written if isinstance(value, Number) else value
        if not isinstance(written, str) or not NUMBER.fullmatch(written):
            raise refuse("bad_form")
        return int(written)

    return Field(reader, optional)
