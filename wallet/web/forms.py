"""Strict readers for what clients send: one declaration reads a JSON object or an HTML form.

    form = read(amount=amount(), cash=amount(optional=True, zero=True), note=note(), key=key(), confirm=flag())
    payments.open_bill(kit(), till, …, amount_minor=form.amount, cash_minor=form.cash, …)

Anything unknown, missing, doubled or of the wrong type is refused before a service sees it.
"""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NoReturn, TypeVar
from unicodedata import category
from urllib.parse import parse_qsl

from flask import request

from wallet.domain.handle import is_label
from wallet.domain.money import parse_amount, parse_typed
from wallet.domain.names import NAME_MAX, read_name
from wallet.domain.payshare import WHOLE_BP
from wallet.errors import Refusal, refuse
from wallet.i18n import gettext as _

MAX_FIELDS = 40
NOTE_LENGTH = 40
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)

WHOLE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)

Reader = Callable[[Any, bool], Any]
View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Field:
    """Describe one field: `reader(value, typed)` gives its value, `typed` telling that a person wrote it."""

    reader: Reader
    optional: bool = False
    absent: Any = None
    is_amount: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """Keep a JSON number as it was written: nothing here is ever turned into a float."""

    written: str


def read(**fields: Field) -> SimpleNamespace:
    """Read the request's body by `fields`; absent optional fields take their default.

    Raises: bad_form, and bad_amount for an amount that is not one.
    """
    typed = not request.is_json
    return _checked(_typed_fields() if typed else _json_object(), fields, typed)


def read_query(**fields: Field) -> SimpleNamespace:
    """Read the address's query by `fields`, as strictly as a form.

    Raises: bad_form, and bad_amount for an amount that is not one.
    """
    return _checked(_pairs(request.query_string), fields, typed=True)


def takes(most_bytes: int) -> Callable[[View], View]:
    """Let a view take a larger body than others, for a file."""

    def marked(view: View) -> View:
        view.body_limit = most_bytes  # type: ignore[attr-defined]
        return view

    return marked


def upload(field: str) -> bytes:
    """Read the one file of a form, which holds nothing else.

    Raises: bad_form.
    """
    if request.mimetype != "multipart/form-data":
        raise refuse("bad_form")
    if list(request.files) != [field] or len(request.files.getlist(field)) != 1 or request.form:
        raise refuse("bad_form")
    with closing(request.files[field]) as file:
        content: bytes = file.read()
    return content


def upload_with(field: str, **fields: Field) -> tuple[bytes, SimpleNamespace]:
    """Read the one file of a form, and the fields that stand beside it.

    Raises: bad_form.
    """
    if request.mimetype != "multipart/form-data" or list(request.files) != [field]:
        raise refuse("bad_form")
    if len(request.files.getlist(field)) != 1:
        raise refuse("bad_form")
    beside = _checked(_object(list(request.form.items(multi=True))), fields, typed=True)
    with closing(request.files[field]) as file:
        content: bytes = file.read()
    return content, beside


def read_table(columns: Sequence[str], most: int, **fields: Field) -> tuple[list[tuple[str, ...]], SimpleNamespace]:
    """Read a form that holds a table of at most `most` rows, every column named once a row, and fields beside it.

    Raises: bad_form.
    """
    body = _body()
    if request.mimetype != "application/x-www-form-urlencoded":
        raise refuse("bad_form")
    pairs = _pairs_of(body, most * len(columns) + MAX_FIELDS)
    cells = {column: [_line(value, 64) for name, value in pairs if name == column] for column in columns}
    if len({len(found) for found in cells.values()}) != 1:
        raise refuse("bad_form")
    beside = _object([(name, value) for name, value in pairs if name not in cells])
    return list(zip(*cells.values(), strict=True)), _checked(beside, fields, typed=True)


def whole() -> Field:
    """Read a whole number, as a page hands it back."""

    def reader(value: Any, _typed: bool) -> int:
        written = value.written if isinstance(value, Number) else value
        if not isinstance(written, str) or not WHOLE.fullmatch(written):
            raise refuse("bad_form")
        return int(written)

    return Field(reader)


def amount(*, optional: bool = False, zero: bool = False) -> Field:
    """Read an amount into minor units: the exact text in JSON, what people type in a form; 0 only with `zero`."""

    def reader(value: Any, typed: bool) -> int:
        if not isinstance(value, str):
            raise refuse("bad_amount")
        minor: int = parse_typed(value) if typed else parse_amount(value)
        if minor == 0 and not zero:
            raise refuse("bad_amount")
        return minor

    return Field(reader, optional, 0, is_amount=True)


def percent() -> Field:
    """Read a percentage into basis points: `12.50` in JSON, `12.5` or `12,5` as people type it in a form."""

    def reader(value: Any, typed: bool) -> int:
        try:
            # It has two decimals, as an amount has.
            bp: int = parse_typed(value) if typed else parse_amount(value)
        except Refusal:
            bp = WHOLE_BP + 1
        if bp > WHOLE_BP:
            raise refuse("bad_amount", _("Write a percentage like 12.5. Nothing was changed."))
        return bp

    return Field(reader, is_amount=True)


def key() -> Field:
    """Read the client-made UUID of a money request."""

    def reader(value: Any, _typed: bool) -> str:
        if not isinstance(value, str) or not KEY.fullmatch(value):
            raise refuse("bad_form")
        return value.lower()

    return Field(reader)


def note() -> Field:
    """Read the shop's own reference; absent or blank is empty."""
    return Field(lambda value, _typed: _line(value, NOTE_LENGTH).strip(), True, "")


def text(longest: int = 64, *, optional: bool = False) -> Field:
    """Read one line of at most `longest` characters."""
    return Field(lambda value, _typed: _line(value, longest), optional, "")


def sentences(longest: int = 1_000) -> Field:
    """Read what a person says in some lines, as one; blank is malformed."""

    def reader(value: Any, _typed: bool) -> str:
        said = " ".join(value.split()) if isinstance(value, str) else ""
        if not said:
            raise refuse("bad_form", _("Write a few words first. Nothing was sent."))
        return _line(said, longest)

    return Field(reader)


def name() -> Field:
    """Read the name of a person or a place, in its one spelling."""
    return Field(lambda value, _typed: read_name(_line(value, 3 * NAME_MAX)))


def label(*, optional: bool = False) -> Field:
    """Read a handle, slug, ref or till id."""

    def reader(value: Any, _typed: bool) -> str:
        if not isinstance(value, str) or not is_label(value) or not _is_clean(value):
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


def document() -> Field:
    """Read a JSON object as it is, for a reader that checks it itself; absent is None."""

    def reader(value: Any, _typed: bool) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise refuse("bad_form")
        return value

    return Field(reader, True)


def credential(*, optional: bool = False) -> Field:
    """Read a passkey's answer: a JSON object, which a form holds as text."""

    def reader(value: Any, typed: bool) -> dict[str, Any]:
        if typed and isinstance(value, str):
            value = _json_of(value.encode("utf-8", "surrogatepass"))
        if not isinstance(value, dict):
            raise refuse("bad_form")
        return value

    return Field(reader, optional)


def own_path(address: str) -> str:
    """Give `address` if it is a path of ours, else nothing: no sign-in leads away."""
    own = address.startswith("/") and not address.startswith("//")
    return address if own and "\\" not in address and _is_clean(address) else ""


def _checked(found: dict[str, Any], fields: dict[str, Field], typed: bool) -> SimpleNamespace:
    if typed:
        # A browser sends a blank field as an empty string: for an optional one that is absence.
        found = {name: value for name, value in found.items() if value != "" or not _may_lack(fields.get(name))}
    if found.keys() - fields.keys():
        raise refuse("bad_form")
    if any(name not in found and not field.optional for name, field in fields.items()):
        raise refuse("bad_form")
    values: dict[str, Any] = {name: field.absent for name, field in fields.items()}
    # Amounts first: the sum is what a person checks.
    for name, field in sorted(fields.items(), key=lambda item: not item[1].is_amount):
        if name in found:
            values[name] = field.reader(found[name], typed)
    return SimpleNamespace(**values)


def _may_lack(field: Field | None) -> bool:
    return field is not None and field.optional


def _line(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest or not _is_clean(value):
        raise refuse("bad_form")
    return value


def _is_clean(value: str) -> bool:
    """Tell whether a database and a screen can take `value`: no control characters, no halves of a surrogate pair."""
    return not any(category(character) in ("Cc", "Cs") for character in value)


def _json_object() -> dict[str, Any]:
    found = _json_of(_body())
    if not isinstance(found, dict):
        raise refuse("bad_form")
    return found


def _json_of(encoded: bytes) -> Any:
    try:
        return json.loads(
            encoded.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
        )
    except (ValueError, RecursionError) as broken:
        raise refuse("bad_form") from broken


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refuse("bad_form")
    return found


def _body() -> bytes:
    body = request.get_data(cache=True)
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        # A body that came without its length was cut off at the limit: half of it is worse than none.
        raise refuse("too_large")
    return body


def _typed_fields() -> dict[str, Any]:
    body = _body()
    if body and request.mimetype != "application/x-www-form-urlencoded":
        raise refuse("bad_form")
    return _pairs(body)


def _pairs(encoded: bytes) -> dict[str, Any]:
    return _object(_pairs_of(encoded, MAX_FIELDS))


def _pairs_of(encoded: bytes, most: int) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(encoded),
            errors="strict",
            max_num_fields=most,
        )
    except ValueError as broken:
        _bad(broken)


def _bad(cause: Exception) -> NoReturn:
    raise refuse("bad_form") from cause
