"""What addresses name."""

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

from wallet.domain.bill import normalise
from wallet.errors import Refusal, refuse
from wallet.web.current import kit
from wallet.web.fields import is_clean

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# As much as a field takes in which a code is typed: a whole link fits.
LINK_LENGTH = 200
# As far as every database counts.
LAST_ROW = 2**63 - 1
# Stands in a path for a slash within a name: histories have them in slugs, and a server unescapes all alike.
SLASH = "\ue02f"
ESCAPED = re.compile("%2f", re.IGNORECASE)


class RowNumber(IntegerConverter):
    """Read the number of a row from an address; one that no row can have is a missing page."""

    def __init__(self, of_map: Map) -> None:
        super().__init__(of_map, max=LAST_ROW)


class Name(UnicodeConverter):
    """Read a slug, a till's id or a code from an address, and write one into it, with its slashes."""

    def to_python(self, value: str) -> str:
        """Give the name."""
        return value.replace(SLASH, "/")

    def to_url(self, value: str) -> str:
        """Give what stands in an address for it."""
        return super().to_url(value).replace("/", "%2F")


def unescaped(path: str) -> str:
    """Give the path of a request that asks for `path`: unescaped, but for the slashes within its names."""
    return unquote(ESCAPED.sub(SLASH, path))


def keep_slashes(environ: "WSGIEnvironment") -> None:
    """Tell in a request's path the slashes within a name from those between names, as the line that was sent does."""
    asked = environ.get("RAW_URI", "").partition("?")[0]
    if ESCAPED.search(asked) and unquote(asked, "latin-1") == environ["PATH_INFO"]:
        environ["PATH_INFO"] = unescaped(asked).encode().decode("latin-1")


def read_code(text: str, otherwise: str = "unknown_bill") -> str:
    """Read a code as people type it; what cannot be one names nothing.

    Raises: the refusal `otherwise`.
    """
    try:
        return normalise(text)
    except Refusal as malformed:
        raise refuse(otherwise) from malformed


def bill_link(code: str) -> str:
    """Give the link that a bill's QR code holds."""
    return f"{kit().settings.origin}/b/{code}"


def pasted(typed: str, folder: str) -> str:
    """Give the code in a pasted link of our own whose path is `folder` and a code; all else, as it was typed."""
    link, own = typed.strip(), f"{kit().settings.origin}/{folder}/"
    return link.removeprefix(own).removesuffix("/") if link.startswith(own) else typed


def own_path(address: str) -> str:
    """Give `address` if it is a path of ours, else nothing: no sign-in leads away."""
    own = address.startswith("/") and not address.startswith("//")
    return address if own and "\\" not in address and is_clean(address) else ""
