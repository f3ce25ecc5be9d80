"""An invitation list: people to be invited, as a CSV file with the columns `name` and `as` (worker or customer).

Every line is looked at and every fault told with its line; a list with a fault invites nobody.
"""

from dataclasses import dataclass

from wallet.domain import sheet
from wallet.domain.names import folded, read_name
from wallet.domain.sheet import Fault
from wallet.errors import Refusal
from wallet.i18n import N_

HEADER = ["name", "as"]
KINDS = frozenset({"worker", "customer"})

FAULTS: dict[str, str] = {
    "not_text": N_("This is not UTF-8 text. Save the list as CSV in UTF-8."),
    "header": N_("The first line has to be: name,as"),
    "columns": N_("This line needs two columns: a name, then worker or customer."),
    "name": N_("This is no name: one begins with a letter and holds only letters that can be seen."),
    "kind": N_("The second column says worker or customer."),
    "twin": N_("This name stands in the list already."),
    "empty": N_("There is nobody in this list."),
}


@dataclass(frozen=True, slots=True)
class Invitee:
    """Hold one person who is to be invited, and as what."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class InvitationList:
    """Hold the people of a file, and its faults."""

    people: tuple[Invitee, ...]
    faults: tuple[Fault, ...]


def read_invitation_list(content: bytes) -> InvitationList:
    """Read a file to its end.

    Raises: Refusal too_large, before it is looked at.
    """
    found = _Reading()
    for number, cells in sheet.lines(content, HEADER):
        fault = cells if isinstance(cells, str) else found.took(cells)
        if fault is not None:
            found.faults.append(Fault(number, fault))
    if not found.people and not found.faults:
        found.faults.append(Fault(1, "empty"))
    return InvitationList(tuple(found.people), tuple(found.faults))


class _Reading:
    def __init__(self) -> None:
        self.people: list[Invitee] = []
        self.faults: list[Fault] = []
        self.seen: set[str] = set()

    def took(self, cells: list[str]) -> str | None:
        """Take one line; give the code of what is wrong with it."""
        if len(cells) != len(HEADER):
            return "columns"
        try:
            name = read_name(cells[0])
        except Refusal:
            return "name"
        kind = cells[1].strip().lower()
        if kind not in KINDS:
            return "kind"
        if folded(name) in self.seen:
            return "twin"
        self.seen.add(folded(name))
        self.people.append(Invitee(name, kind))
        return None
