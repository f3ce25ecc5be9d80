"""What clients send, read strictly: one declaration of fields reads a JSON object, an HTML form or a query.

    form = read(amount=amount(), cash=amount(optional=True, zero=True), note=note(), key=key(), confirm=flag())
    payments.open_bill(kit(), till, …, amount_minor=form.amount, cash_minor=form.cash, …)

Anything unknown, missing, doubled or of the wrong type is refused before a service sees it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from types import SimpleNamespace
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

from flask import request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from wallet.errors import Refusal, refuse
from wallet.web.exact_json import named_once, read_json
from wallet.web.fields import Field, Reader, label, line

MAX_FIELDS = 40
FILES = "multipart/form-data"
# For whom the page was drawn that sends it: any form may say so, and any script. Who looks at it is wallet.web.current.
DRAWN_FOR = "drawn_for"
OF_ITSELF = {DRAWN_FOR: label(optional=True)}

View = TypeVar("View", bound=Callable[..., object])
Got = TypeVar("Got")


def read(**fields: Field) -> SimpleNamespace:
    """Read the request's body by `fields`; absent optional fields take their default.

    Raises: bad_form, and bad_amount for an amount that is not one.
    """
    typed = not request.is_json
    return _checked(_typed_fields() if typed else _json_object(), fields | OF_ITSELF, typed)


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


def upload(field: str, **fields: Field) -> tuple[bytes, SimpleNamespace]:
    """Read the one file of a form, and the fields that stand beside it.

    Raises: bad_form.
    """
    files = _received(lambda: request.files)
    if request.mimetype != FILES or list(files) != [field]:
        raise refuse("bad_form")
    if len(files.getlist(field)) != 1:
        raise refuse("bad_form")
    beside = _checked(named_once(list(request.form.items(multi=True))), fields | OF_ITSELF, typed=True)
    with closing(files[field]) as file:
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
    cells = {column: [line(value, 64) for name, value in pairs if name == column] for column in columns}
    if len({len(found) for found in cells.values()}) != 1:
        raise refuse("bad_form")
    beside = named_once([(name, value) for name, value in pairs if name not in cells])
    return list(zip(*cells.values(), strict=True)), _checked(beside, fields | OF_ITSELF, typed=True)


def drawn_for() -> str:
    """Give for whom the page was drawn that sent the request's body; empty where it does not say, or is malformed."""
    try:
        if request.mimetype != FILES and DRAWN_FOR.encode() not in _body():
            # What tills and most scripts send says nothing of it, and is taken apart once, by the view.
            return ""
        named = _json_object().get(DRAWN_FOR) if request.is_json else _form().get(DRAWN_FOR)
    except Refusal:
        # The view says what is wrong with it.
        return ""
    return named if isinstance(named, str) else ""


def says_what(refusal: Refusal) -> bool:
    """Tell whether a refusal of a field says how to write it, and not only that it is malformed."""
    return refusal.code != "bad_form" or refusal.sentence != refuse("bad_form").sentence


def _checked(found: dict[str, Any], fields: dict[str, Field], typed: bool) -> SimpleNamespace:
    if typed:
        # A browser sends a blank field as an empty string: for an optional one that is absence.
        found = {name: value for name, value in found.items() if value != "" or not _may_lack(fields.get(name))}
    if found.keys() - fields.keys():
        raise refuse("bad_form")
    if any(name not in found and not field.optional for name, field in fields.items()):
        raise refuse("bad_form")
    values: dict[str, Any] = {name: field.absent for name, field in fields.items()}
    present = {name: field for name, field in fields.items() if name in found}
    # Amounts first: the sum is what a person checks.
    for sums in (True, False):
        of_kind = {name: field.reader for name, field in present.items() if field.is_amount is sums}
        values.update(_values(of_kind, found, typed))
    return SimpleNamespace(**values)


def _values(readers: dict[str, Reader], found: dict[str, Any], typed: bool) -> dict[str, Any]:
    """Read fields of one kind; the first refusal tells of the others too, so that all are mended at once."""
    values, refusals = {}, {}
    for name, reader in readers.items():
        try:
            values[name] = reader(found[name], typed)
        except Refusal as refusal:
            refusals[name] = refusal
    for first in refusals.values():
        first.wrong = {name: refusal.sentence for name, refusal in refusals.items() if says_what(refusal)}
        raise first
    return values


def _may_lack(field: Field | None) -> bool:
    return field is not None and field.optional


def _json_object() -> dict[str, Any]:
    found = read_json(_body())
    if not isinstance(found, dict):
        raise refuse("bad_form")
    return found


def _body() -> bytes:
    """Read the whole body: half of it is worse than none."""
    body, said = _received(lambda: request.get_data(cache=True)), request.content_length
    limit = request.max_content_length
    if said is None and limit is not None and len(body) >= limit:
        # A body that came without its length was cut off at the limit.
        raise refuse("too_large")
    if said is not None and len(body) < said:
        # The line broke, and gunicorn gives what had come.
        raise refuse("bad_form")
    return body


def _form() -> Mapping[str, str]:
    if request.mimetype != FILES:
        # A body that is taken apart without being kept is gone for the view; one with a file is kept by its parts.
        _body()
    return _received(lambda: request.form)


def _received(get: Callable[[], Got]) -> Got:
    try:
        return get()
    except (OSError, ParseException) as broken:
        # Chunks that are no chunks, or a line that broke between two.
        raise refuse("bad_form") from broken


def _typed_fields() -> dict[str, Any]:
    body = _body()
    if request.mimetype == FILES or (body and request.mimetype != "application/x-www-form-urlencoded"):
        raise refuse("bad_form")
    return _pairs(body)


def _pairs(encoded: bytes) -> dict[str, Any]:
    return named_once(_pairs_of(encoded, MAX_FIELDS))


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
