"""What addresses name."""

from werkzeug.routing import BaseConverter, IntegerConverter, Map

from wallet.domain.bill import normalise
from wallet.errors import Refusal, refuse
from wallet.web.current import kit
from wallet.web.fields import is_clean

# As much as a field takes in which a code is typed: a whole link fits.
LINK_LENGTH = 200
# As far as every database counts.
LAST_ROW = 2**63 - 1


class RowNumber(IntegerConverter):
    """Read the number of a row from an address; one that no row can have is a missing page."""

    def __init__(self, of_map: Map) -> None:
        super().__init__(of_map, max=LAST_ROW)


class Name(BaseConverter):
    """Read a slug, a till's id or a handle from an address; histories have slashes in them as well.

    A server unquotes a path before it is taken apart, so an escaped slash is one like any other.
    """

    regex = ".+?"
    part_isolating = False
    # As much as a path's: what is named word by word is looked for before.
    weight = 200


def read_code(text: str) -> str:
    """Read a bill's code from an address; what cannot be one names no bill.

    Raises: unknown_bill.
    """
    try:
        return normalise(text)
    except Refusal as malformed:
        raise refuse("unknown_bill") from malformed


def pasted(typed: str, folder: str) -> str:
    """Give the code in a pasted link of our own whose path is `folder` and a code; all else, as it was typed."""
    link, own = typed.strip(), f"{kit().settings.origin}/{folder}/"
    return link.removeprefix(own).removesuffix("/") if link.startswith(own) else typed


def own_path(address: str) -> str:
    """Give `address` if it is a path of ours, else nothing: no sign-in leads away."""
    own = address.startswith("/") and not address.startswith("//")
    return address if own and "\\" not in address and is_clean(address) else ""
