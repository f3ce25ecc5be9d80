"""Places to spend: what a co-op tells members of itself."""

import sqlalchemy as sa

from wallet.errors import refuse
from wallet.i18n import gettext as _
from wallet.kit import Kit
from wallet.store import coops, places
from wallet.store.engine import write
from wallet.store.places import Described


def describe(kit: Kit, coop: str, described: Described, seen: str | None = None) -> Described:
    """Keep what a co-op sells, where it is, when it is open and which need it serves, as members read it; give that.

    `seen` is the digest of what stood there for whoever wrote it; without it, whatever stands there is replaced.
    Raises: Refusal unknown_coop, changed_meanwhile.
    """

    def work(connection: sa.Connection) -> Described:
        place, stands = coops.known(connection, coop, lock=True), places.described(connection, coop)
        kept = described.over(stands)
        if seen not in (None, stands.digest) and stands != kept:
            says = _("Another steward has changed this meanwhile. Nothing was saved. Save again what is to stand here.")
            raise refuse("changed_meanwhile", says)
        places.describe(connection, place.id, kept)
        return kept

    return write(kit.engine, work)
