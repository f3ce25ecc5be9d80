"""The network: the federation, its co-ops and their tills."""

from collections.abc import Iterable

import sqlalchemy as sa

from wallet.domain.names import searchable
from wallet.domain.period import zone_to_keep
from wallet.domain.transfer import Circumstance
from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import coops, federation, ledger, tills
from wallet.store.engine import reading, write
from wallet.store.views import office
from wallet.store.views.office import TillRow


def found_federation(
    kit: Kit, name: str, zone: str = "UTC", charter_on: str | None = None, *, cash: str = "USD"
) -> bool:
    """Found the federation of this deployment; tell whether it was not there before.

    Raises: Refusal bad_form, for a time zone that is unknown or not the same everywhere.
    """
    kept = zone_to_keep(zone)

    def work(connection: sa.Connection) -> bool:
        new = federation.found(connection, name, kept, cash)
        if charter_on is not None:
            federation.set_charter_on(connection, charter_on)
        return new

    return write(kit.engine, work)


def found_for_history(kit: Kit, name: str, zone: str, charter_on: str | None = None) -> None:
    """Found the federation that a history is brought into, if it is not there; its charter dates from `charter_on`.

    Raises: Refusal bad_form, for a time zone that is unknown or not the same everywhere.
    """
    found_federation(kit, name, zone)
    if charter_on is not None:
        write(kit.engine, lambda connection: federation.date_charter(connection, charter_on))


def admit_coop(
    kit: Kit,
    slug: str,
    credit_line_minor: int,
    *,
    name: str | None = None,
    need: str = "other",
    place: str = "",
    mark: str | None = None,
) -> None:
    """Admit a co-op, or admit it again after it left: balance and memberships are kept.

    Raises: Refusal not_allowed, if it is in already.
    """

    def work(connection: sa.Connection) -> None:
        known = coops.find(connection, slug)
        if known is None:
            row = {"slug": slug, "name": name or slug, "need": need, "place": place, "mark": mark or slug}
            coops.admit(connection, row | {"admitted_at": kit.clock()}, credit_line_minor)
        elif known.status == "left":
            coops.readmit(connection, known, credit_line_minor, kit.clock())
        else:
            raise refuse("not_allowed")

    write(kit.engine, work, keyed=False)


def coop_leaves(kit: Kit, slug: str) -> None:
    """Let a co-op leave the federation.

    Raises: Refusal unknown_coop, account_not_open.
    """

    def work(connection: sa.Connection) -> None:
        coops.leave(connection, coops.require_open(coops.known(connection, slug, lock=True)), kit.clock())

    write(kit.engine, work, keyed=False)


def open_till(kit: Kit, coop: str, till: str, name: str) -> None:
    """Open a counter of a co-op.

    Raises: Refusal unknown_coop.
    Locks:  the co-op until commit: whoever suspends it knows all its tills.
    """

    def work(connection: sa.Connection) -> None:
        tills.add(connection, coops.known(connection, coop, lock=True).id, till, name)

    write(kit.engine, work, keyed=False)


def open_next_till(kit: Kit, coop: str, name: str) -> str:
    """Open a counter of a co-op under the next number that is free, and give its id.

    Raises: Refusal unknown_coop, name_taken while another counter there that is open has this name.
    Locks:  the co-op until commit: of two who open a counter at once, each gets a number of their own.
    """

    def work(connection: sa.Connection) -> str:
        place = coops.known(connection, coop, lock=True)
        there = office.standing_tills(connection, coop)
        # Whoever presses twice has what they wanted.
        if _is_taken(name, there):
            says = _(
                "A counter of this name is open here already. Nothing more was opened. Give another one its own name."
            )
            raise refuse("name_taken", says)
        free = tills.free_id(connection, coop)
        tills.add(connection, place.id, free, name)
        return free

    return write(kit.engine, work, keyed=False)


def close_till(kit: Kit, coop: str, till: str) -> None:
    """Close a counter for good: no bill is made there any more; what lies in its till goes to the co-op. Twice is once.

    Raises: Refusal unknown_coop, unknown_till, shift_open.
    Locks:  the till, its account, the co-op's, until commit.
    """

    def work(connection: sa.Connection) -> None:
        place = coops.known(connection, coop)
        found = tills.for_closing(connection, place.id, till)
        if found.has_shift:
            raise refuse("shift_open")
        if found.closed_at is None:
            ledger.post_sweep(connection, found.account_id, place.account_id, kit.clock(), Circumstance(till))
            tills.close(connection, till, kit.clock())

    write(kit.engine, work)
    kit.hint(f"till:{till}")


def open_till_again(kit: Kit, coop: str, till: str) -> None:
    """Open a counter again that was closed for good; twice is once.

    Raises: Refusal unknown_coop, unknown_till, name_taken while another counter there that is open has its name.
    Locks:  the co-op, as who opens a new one does, then the till, until commit.
    """

    def work(connection: sa.Connection) -> None:
        found = tills.for_closing(connection, coops.known(connection, coop, lock=True).id, till)
        there = {each.id: each for each in office.standing_tills(connection, coop)}
        name = there.pop(found.id).name
        if found.closed_at is not None and _is_taken(name, there.values()):
            says = _(
                "A counter of this name is open here already. Nothing was opened again. "
                "Close that one first, or open a till under a name of its own."
            )
            raise refuse("name_taken", says)
        tills.open_again(connection, found.id)

    write(kit.engine, work)
    kit.hint(f"till:{till}")


def _is_taken(name: str, tills_there: Iterable[TillRow]) -> bool:
    """Tell whether a counter that is open has this name: payers and cashiers read the name alone."""
    return searchable(name) in {searchable(till.name) for till in tills_there if till.closed_at is None}


def is_founded(kit: Kit) -> bool:
    """Tell whether there is a federation."""
    with reading(kit.engine) as connection:
        return federation.find(connection) is not None
