"""JSON read exactly: nothing is ever turned into a float, and no name stands twice."""

import json
from dataclasses import dataclass
from typing import Any

from wallet.errors import refuse


@dataclass(frozen=True, slots=True)
class Number:
    """Keep a JSON number as it was written: nothing here is ever turned into a float."""

    written: str


def read_json(encoded: bytes) -> Any:
    """Read JSON in UTF-8.

    Raises: bad_form.
    """
    try:
        return json.loads(
            encoded.decode("utf-8"),
            object_pairs_hook=named_once,
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
        )
    except (ValueError, RecursionError) as broken:
        raise refuse("bad_form") from broken


def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Give an object's or a form's members by name.

    Raises: bad_form, if a name stands twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refuse("bad_form")
    return found
