"""The fields that a form declares, each with its strict reader.

What is of the wrong type, too long or unclean is refused before a service sees it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from unicodedata import category

from wallet.domain.handle import is_label
from wallet.domain.money import parse_amount, parse_typed
from wallet.domain.names import NAME_MAX, is_turned, legible, read_name
from wallet.domain.period import parse_day, parse_month
from wallet.domain.ratio import WHOLE_BP
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _
from wallet.web.exact_json import Number, read_json

NOTE_LENGTH = 40
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
# As many digits as every database counts with.
WHOLE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)

Reader = Callable[[Any, bool], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """Describe one field: `reader(value, typed)` gives its value, `typed` telling that a person wrote it."""

    reader: Reader
    optional: bool = False
    absent: Any = None
    is_amount: bool = False


def whole(*, optional: bool = False) -> Field:
    """Read a whole number, as a page hands it back; absent is None."""

    def reader(value: Any, _typed: bool) -> int:
        written = value.written if isinstance(value, Number) else value
        if not isinstance(written, str) or not WHOLE.fullmatch(written):
            raise refuse("bad_form")
        return int(written)

    return Field(reader, optional)


def count() -> Field:
    """Read a whole number that a person types."""
    strict = whole().reader

    def reader(value: Any, typed: bool) -> int:
        try:
            return int(strict(value.strip(" ") if typed and isinstance(value, str) else value, typed))
        except Refusal as refusal:
            raise refuse("bad_form", _("Write a whole number, such as 30. Nothing was changed.")) from refusal

    return Field(reader)


def amount(*, optional: bool = False, zero: bool = False, moves: bool = True) -> Field:
    """Read an amount into minor units: the exact text in JSON, what people type in a form; 0 only with `zero`.

    `moves` is False of what is only settled, as a limit is: no money could have moved.
    """

    def reader(value: Any, typed: bool) -> int:
        minor: int = parse_typed(value, moves=moves) if typed else parse_amount(value)
        if minor == 0 and not zero:
            raise refuse("bad_amount", None if moves else _("Write a sum above 0, such as 12.50. Nothing was changed."))
        return minor

    return Field(reader, optional, 0, is_amount=True)


def signed_amount(*, optional: bool = False, absent: int | None = 0) -> Field:
    """Read an amount that may be 0 or, with a minus before it, below: what a register says after refunds."""
    plain = amount(zero=True).reader

    def reader(value: Any, typed: bool) -> int:
        written = value.strip(" ") if typed and isinstance(value, str) else value
        if isinstance(written, str) and written[:1] in (("-", "−") if typed else ("-",)):
            return -int(plain(written[1:], typed))
        return int(plain(written, typed))

    return Field(reader, optional, absent, is_amount=True)


def percent(*, optional: bool = False, wrong: str | None = None) -> Field:
    """Read a percentage into basis points: `12.50` in JSON, `12.5` or `12,5` as people type it; absent is None.

    What is none is refused with the sentence `wrong`, where one is more to the point than that it ends at 100.
    """

    def reader(value: Any, typed: bool) -> int:
        try:
            # It has two decimals, as an amount has.
            bp: int = parse_typed(value) if typed else parse_amount(value)
        except Refusal:
            bp = WHOLE_BP + 1
        if bp > WHOLE_BP:
            raise refuse("bad_amount", wrong) if wrong else no_percentage()
        return bp

    return Field(reader, optional, is_amount=True)


def no_percentage() -> Refusal:
    """Say how to write a percentage."""
    return refuse("bad_amount", _("Write a percentage from 0 to 100, such as 12.5. Nothing was changed."))


def key(*, optional: bool = False) -> Field:
    """Read the client-made UUID of a request; absent is None."""

    def reader(value: Any, _typed: bool) -> str:
        if not isinstance(value, str) or not KEY.fullmatch(value):
            raise refuse("bad_form")
        return value.lower()

    return Field(reader, optional)


def note() -> Field:
    """Read the shop's own reference; absent or blank is empty."""
    return remark(NOTE_LENGTH, optional=True)


def remark(longest: int, *, optional: bool = False) -> Field:
    """Read what a person says in one line of at most `longest` characters; what nobody can see is empty."""
    return Field(lambda value, _typed: legible(words(value, longest)), optional, "")


def text(longest: int = 64, *, optional: bool = False) -> Field:
    """Read one line of at most `longest` characters."""
    return Field(lambda value, _typed: line(value, longest), optional, "")


def day() -> Field:
    """Read a day `YYYY-MM-DD` of the years 1900 to 2199: what is reckoned from it stays within the calendar."""

    def reader(value: Any, _typed: bool) -> date:
        try:
            found = parse_day(line(value, 10))
            parse_month(value[:7])
        except Refusal as refusal:
            raise refuse("bad_form", _("Choose a day. Nothing was changed.")) from refusal
        return found

    return Field(reader)


def sentences(longest: int = 1_000) -> Field:
    """Read what a person says in some lines, as one; blank is malformed."""

    def reader(value: Any, _typed: bool) -> str:
        said = " ".join(value.split()) if isinstance(value, str) else ""
        if not legible(said):
            raise refuse("bad_form", _("Write a few words first. Nothing was sent."))
        return words(said, longest)

    return Field(reader)


def name(*, optional: bool = False) -> Field:
    """Read the name of a person or a place, or what a place says of itself, in its one spelling; absent is empty."""

    def reader(value: Any, _typed: bool) -> str:
        written = line(value, 3 * NAME_MAX)
        return "" if optional and not written.strip() else read_name(written)

    return Field(reader, optional, "")


def label(*, optional: bool = False) -> Field:
    """Read a handle, slug, ref or till id."""

    def reader(value: Any, _typed: bool) -> str:
        if not isinstance(value, str) or not is_label(value) or not is_clean(value):
            raise refuse("bad_form")
        return value

    return Field(reader, optional)


def flag() -> Field:
    """Read a yes or no: `true` or `false` in JSON, `1` in a form; absent is no."""

    def reader(value: Any, typed: bool) -> bool:
        if typed and value in ("1", "0"):
            return bool(value == "1")
        if isinstance(value, bool):
            return value
        raise refuse("bad_form")

    return Field(reader, True, False)


def credential(*, optional: bool = False) -> Field:
    """Read a passkey's answer: a JSON object, which a form holds as text."""

    def reader(value: Any, typed: bool) -> dict[str, Any]:
        if typed and isinstance(value, str):
            value = read_json(value.encode("utf-8", "surrogatepass"))
        if not isinstance(value, dict):
            raise refuse("bad_form")
        return value

    return Field(reader, optional)


def line(value: Any, longest: int) -> str:
    """Read one line of at most `longest` characters.

    Raises: bad_form.
    """
    if not isinstance(value, str) or len(value) > longest or not is_clean(value):
        raise refuse("bad_form")
    return value


def words(value: Any, longest: int) -> str:
    """Read one line of at most `longest` characters that others read as it was written.

    Raises: bad_form.
    """
    found = line(value, longest)
    if is_turned(found):
        raise refuse(
            "bad_form",
            _("Hidden signs in what you wrote turn letters around. Type it instead of pasting it. No money moved."),
        )
    return found


def held(fields: Mapping[str, str], name: str) -> str:
    """Give what a query or a form holds as `name`, to look it up: absent is empty, and unclean finds nothing."""
    return "".join(each if is_clean(each) else "\ufffd" for each in fields.get(name, ""))


def is_clean(value: str) -> bool:
    """Tell whether a database and a screen can take `value`: no control characters, no halves of a surrogate pair."""
    return not any(category(character) in ("Cc", "Cs") for character in value)
